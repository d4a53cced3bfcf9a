//! Objects: get, list, apply, delete.

use std::fmt::Debug;

use k8s_openapi::NamespaceResourceScope;
use kube::api::{Api, DeleteParams, ListParams, ObjectMeta, Patch, PatchParams, Preconditions};
use kube::{Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Result;

use super::Cluster;
use super::failure::Request;

/// Who owns the fields that we apply.
const FIELD_MANAGER: &str = "kubectl-buildkit";

/// A kind of objects that live in a namespace.
pub trait Object:
    Resource<DynamicType = (), Scope = NamespaceResourceScope>
    + k8s_openapi::Metadata<Ty = ObjectMeta>
    + Clone
    + Debug
    + Serialize
    + DeserializeOwned
    + Send
    + Sync
    + 'static
{
}

impl<K> Object for K where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + k8s_openapi::Metadata<Ty = ObjectMeta>
        + Clone
        + Debug
        + Serialize
        + DeserializeOwned
        + Send
        + Sync
        + 'static
{
}

/// Whether an apply writes or only shows what it would write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It writes.
    Really,
    /// The server does all but that.
    DryRun,
}

pub(super) fn request<K: Object>(verb: &'static str, name: Option<&str>) -> Request {
    let plural = K::plural(&());
    let group = K::group(&());
    Request {
        verb,
        resource: match group.as_ref() {
            "" => plural.into_owned(),
            group => format!("{plural}.{group}"),
        },
        name: name.map(str::to_owned),
    }
}

impl Cluster {
    pub(super) fn api<K: Object>(&self) -> Api<K> {
        Api::namespaced(self.client.clone(), self.namespace())
    }

    /// One object, if it is there.
    pub async fn get<K: Object>(&self, name: &str) -> Result<Option<K>> {
        let request = request::<K>("get", Some(name));
        self.ask(&request, self.api().get_opt(name)).await
    }

    /// The objects that a label selector matches.
    pub async fn list<K: Object>(&self, labels: &str) -> Result<Vec<K>> {
        self.list_from(&self.api(), labels).await
    }

    /// The objects of all namespaces that a label selector matches.
    pub async fn list_everywhere<K: Object>(&self, labels: &str) -> Result<Vec<K>> {
        self.list_from(&Api::all(self.client.clone()), labels).await
    }

    async fn list_from<K: Object>(&self, api: &Api<K>, labels: &str) -> Result<Vec<K>> {
        let parameters = ListParams::default().labels(labels);
        let list = self
            .ask(&request::<K>("list", None), api.list(&parameters))
            .await?;
        Ok(list.items)
    }

    /// Server-side apply: the object has all of these fields afterwards, whoever set them before.
    pub async fn apply<K: Object>(&self, object: &K, written: Written) -> Result<K> {
        let name = object.name_any();
        let mut parameters = PatchParams::apply(FIELD_MANAGER).force();
        parameters.dry_run = written == Written::DryRun;
        let request = request::<K>("patch", Some(&name));
        self.ask(
            &request,
            self.api().patch(&name, &parameters, &Patch::Apply(object)),
        )
        .await
    }

    /// Deletes this very object, not a later one of the same name; what belongs to it follows in
    /// the background. Says whether it was still there.
    pub async fn delete<K: Object>(&self, object: &K) -> Result<bool> {
        let name = object.name_any();
        let uid = object.meta().uid.clone();
        let parameters = DeleteParams::background().preconditions(Preconditions {
            uid,
            resource_version: None,
        });
        let api = self.api::<K>();
        let deletion = async {
            match api.delete(&name, &parameters).await {
                Ok(_) => Ok(true),
                // A conflict means that another object has the name by now.
                Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => Ok(false),
                Err(error) => Err(error),
            }
        };
        self.ask(&request::<K>("delete", Some(&name)), deletion)
            .await
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use k8s_openapi::api::core::v1::Secret;
    use serde_json::json;

    use super::super::fake::{cluster, refusal};
    use super::*;
    use crate::error::Kind;

    fn secret() -> Secret {
        let mut secret = Secret::default();
        secret.metadata.name = Some("a".into());
        secret.metadata.uid = Some("u1".into());
        secret
    }

    #[tokio::test]
    async fn apply_names_the_manager_and_a_dry_run_is_one() {
        let cluster = cluster(|request| async move {
            let query = request.uri().query().unwrap().to_owned();
            assert!(query.contains("fieldManager=kubectl-buildkit"), "{query}");
            assert!(query.contains("dryRun=All"), "{query}");
            (200, json!({"metadata": {"name": "a"}}))
        });
        cluster.apply(&secret(), Written::DryRun).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_gone_or_replaced_counts_as_deleted() {
        for (code, reason) in [(404, "NotFound"), (409, "Conflict")] {
            let cluster =
                cluster(move |_| async move { refusal(code, reason, "other", "secrets") });
            assert!(!cluster.delete(&secret()).await.unwrap());
        }
    }

    #[tokio::test]
    async fn a_server_that_never_answers_is_given_up() {
        let cluster = cluster(|_| pending());
        let error = cluster.list::<Secret>("a=b").await.unwrap_err();
        assert_eq!(error.kind(), Kind::Cluster);
        assert_eq!(error.causes(), ["no answer within 0.2 s"]);
    }

    #[tokio::test]
    async fn absence_is_an_answer() {
        let cluster = cluster(|_| async { refusal(404, "NotFound", "secrets \"a\"", "secrets") });
        assert_eq!(cluster.get::<Secret>("a").await.unwrap(), None);
    }
}
