//! Objects: get, list, apply, delete.

use std::fmt::Debug;

use k8s_openapi::NamespaceResourceScope;
use kube::api::{Api, DeleteParams, ListParams, ObjectMeta, Patch, PatchParams, Preconditions};
use kube::core::Status;
use kube::{Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Result;

use super::Cluster;
use super::failure::Request;

/// Who owns the fields that we apply.
const FIELD_MANAGER: &str = "kubectl-buildkit";

/// A version that no object has: only where nothing is can be written over it.
const NO_VERSION: &str = "1";

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

/// What an apply does with fields that somebody else set to another value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflicts {
    /// It fails, and names who set them. What we set ourselves by other means is ours.
    Respect,
    /// It takes them over.
    Force,
}

impl From<bool> for Conflicts {
    /// What `--force-conflicts` says.
    fn from(force: bool) -> Self {
        if force { Self::Force } else { Self::Respect }
    }
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

    /// The objects that a field selector matches.
    pub async fn list_fields<K: Object>(&self, fields: &str) -> Result<Vec<K>> {
        let parameters = ListParams::default().fields(fields);
        let api = self.api::<K>();
        let list = api.list(&parameters);
        Ok(self.ask(&request::<K>("list", None), list).await?.items)
    }

    /// The objects of all namespaces that a label selector matches.
    pub async fn list_everywhere<K: Object>(&self, labels: &str) -> Result<Vec<K>> {
        self.list_from(&Api::all(self.client.clone()), labels).await
    }

    async fn list_from<K: Object>(&self, api: &Api<K>, labels: &str) -> Result<Vec<K>> {
        let parameters = ListParams::default().labels(labels);
        // Boxed: several lists are often made at the same time, and each is large.
        let listing = Box::pin(api.list(&parameters));
        let list = self.ask(&request::<K>("list", None), listing).await?;
        Ok(list.items)
    }

    /// Server-side apply: the object has all of these fields afterwards.
    pub async fn apply<K: Object>(
        &self,
        object: &K,
        written: Written,
        conflicts: Conflicts,
    ) -> Result<K> {
        let request = request::<K>("patch", Some(&object.name_any()));
        self.ask(&request, self.send_apply(object, written, conflicts))
            .await
    }

    /// The same, but only over the version that was `seen`, or where nothing is if none was. None if
    /// somebody else was faster: what they wrote may be what this would undo.
    pub async fn apply_over<K: Object>(
        &self,
        object: &K,
        seen: Option<&ObjectMeta>,
        conflicts: Conflicts,
    ) -> Result<Option<K>> {
        let mut object = object.clone();
        let metadata = object.meta_mut();
        match seen {
            // Of a version alone the server takes no notice where nothing is.
            Some(seen) => {
                metadata.uid.clone_from(&seen.uid);
                metadata.resource_version.clone_from(&seen.resource_version);
            }
            None => metadata.resource_version = Some(NO_VERSION.to_owned()),
        }
        let request = request::<K>("patch", Some(&object.name_any()));
        let applying = async {
            unless_stale(
                self.send_apply(&object, Written::Really, conflicts).await,
                &request,
            )
        };
        self.ask(&request, applying).await
    }

    async fn send_apply<K: Object>(
        &self,
        object: &K,
        written: Written,
        conflicts: Conflicts,
    ) -> kube::Result<K> {
        let name = object.name_any();
        let mut parameters = PatchParams::apply(FIELD_MANAGER);
        parameters.dry_run = written == Written::DryRun;
        parameters.force = conflicts == Conflicts::Force;
        let api = self.api::<K>();
        let patch = Patch::Apply(object);
        match api.patch(&name, &parameters, &patch).await {
            // What `scale` and `stop` wrote counts as another manager's.
            Err(kube::Error::Api(status)) if is_with_ourselves(&status) => {
                parameters.force = true;
                api.patch(&name, &parameters, &patch).await
            }
            applied => applied,
        }
    }

    /// Changes only the fields that `patch` holds, as `kubectl patch --type merge` does.
    pub async fn merge<K: Object>(
        &self,
        name: &str,
        patch: &serde_json::Value,
        written: Written,
    ) -> Result<K> {
        let request = request::<K>("patch", Some(name));
        self.ask(&request, self.send_merge(name, patch, written))
            .await
    }

    /// The same, but only over the version that was `seen`. None if somebody else was faster.
    pub async fn merge_over<K: Object>(
        &self,
        seen: &ObjectMeta,
        patch: &serde_json::Value,
    ) -> Result<Option<K>> {
        let name = seen.name.as_deref().unwrap_or_default();
        let mut patch = patch.clone();
        patch["metadata"]["resourceVersion"] = seen.resource_version.clone().into();
        let request = request::<K>("patch", Some(name));
        let merging = async {
            unless_stale(
                self.send_merge(name, &patch, Written::Really).await,
                &request,
            )
        };
        self.ask(&request, merging).await
    }

    async fn send_merge<K: Object>(
        &self,
        name: &str,
        patch: &serde_json::Value,
        written: Written,
    ) -> kube::Result<K> {
        let parameters = PatchParams {
            dry_run: written == Written::DryRun,
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        let api = self.api::<K>();
        api.patch(name, &parameters, &Patch::Merge(patch)).await
    }

    /// Deletes this very object, not a later one of the same name; what belongs to it follows in
    /// the background. Says whether it was still there.
    pub async fn delete<K: Object>(&self, object: &K) -> Result<bool> {
        self.delete_if(object, None).await
    }

    /// The same, but only the version that `object` is: who changed it since needs it.
    pub async fn delete_unchanged<K: Object>(&self, object: &K) -> Result<bool> {
        let version = object.meta().resource_version.clone();
        self.delete_if(object, version).await
    }

    async fn delete_if<K: Object>(&self, object: &K, version: Option<String>) -> Result<bool> {
        let name = object.name_any();
        let parameters = DeleteParams::background().preconditions(Preconditions {
            uid: object.meta().uid.clone(),
            resource_version: version,
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

/// None if the write was refused because it was meant for another version.
fn unless_stale<K>(written: kube::Result<K>, request: &Request) -> kube::Result<Option<K>> {
    match written {
        Ok(written) => Ok(Some(written)),
        Err(kube::Error::Api(status)) if is_stale(&status, request) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Conflicts about fields have causes; those about a quota are about another kind.
fn is_stale(status: &Status, request: &Request) -> bool {
    let Some(details) = &status.details else {
        return false;
    };
    let plural = request.resource.split('.').next();
    matches!(status.reason.as_str(), "Conflict" | "AlreadyExists")
        && details.causes.is_empty()
        && plural == Some(details.kind.as_str())
}

/// Whether an apply was refused for nothing but what we wrote ourselves without one.
fn is_with_ourselves(status: &Status) -> bool {
    let conflicts = status.details.as_ref().map(|details| &details.causes);
    let ours = format!("conflict with \"{FIELD_MANAGER}\"");
    status.reason == "Conflict"
        && conflicts.is_some_and(|causes| {
            !causes.is_empty() && causes.iter().all(|cause| cause.message.starts_with(&ours))
        })
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use http_body_util::BodyExt as _;
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
        let secret = secret();
        let applied = cluster.apply(&secret, Written::DryRun, Conflicts::Respect);
        applied.await.unwrap();
    }

    /// The answer to an apply without force that conflicts with `manager`.
    fn conflict(manager: &str) -> (u16, serde_json::Value) {
        let (code, mut status) = refusal(409, "Conflict", "Apply failed", "deployments");
        status["details"]["causes"] = json!([{"reason": "FieldManagerConflict",
            "message": format!("conflict with \"{manager}\" using apps/v1"),
            "field": ".spec.replicas"}]);
        (code, status)
    }

    #[tokio::test]
    async fn what_we_set_by_other_means_is_ours() {
        for (manager, done) in [(FIELD_MANAGER, true), ("argocd", false)] {
            let cluster = cluster(move |request| async move {
                if request.uri().query().unwrap().contains("force=true") {
                    return (200, json!({"metadata": {"name": "a"}}));
                }
                conflict(manager)
            });
            let secret = secret();
            let applied = cluster.apply(&secret, Written::Really, Conflicts::Respect);
            assert_eq!(applied.await.is_ok(), done, "{manager}");
        }
    }

    #[tokio::test]
    async fn what_others_were_faster_with_is_not_written() {
        let seen = ObjectMeta {
            uid: Some("u2".into()),
            resource_version: Some("7".into()),
            ..ObjectMeta::default()
        };
        for (seen, uid, version) in [(Some(&seen), json!("u2"), "7"), (None, json!(null), "1")] {
            for (reason, kind, expected) in [
                ("Conflict", "secrets", Some(true)),
                ("AlreadyExists", "secrets", Some(true)),
                ("Conflict", "resourcequotas", None),
                ("Invalid", "secrets", None),
            ] {
                let uid = uid.clone();
                let cluster = cluster(move |request| {
                    let uid = uid.clone();
                    async move {
                        let body = request.into_body().collect().await.unwrap().to_bytes();
                        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
                        assert_eq!(body["metadata"]["uid"], uid);
                        assert_eq!(body["metadata"]["resourceVersion"], version);
                        refusal(409, reason, "modified", kind)
                    }
                });
                let mut secret = secret();
                secret.metadata.uid = None;
                let applied = cluster.apply_over(&secret, seen, Conflicts::Respect).await;
                let is_stale = applied.ok().map(|applied| applied.is_none());
                assert_eq!(is_stale, expected, "{reason} {kind}");
            }
        }
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
