//! What all namespaces share, for explanations: whoever may not see it gets less of them.

use std::fmt::Debug;
use std::time::Duration;

use k8s_openapi::ClusterResourceScope;
use k8s_openapi::api::core::v1::{Node, Secret};
use k8s_openapi::api::storage::v1::StorageClass;
use kube::api::{Api, ListParams};
use kube::{Resource, ResourceExt};
use serde::de::DeserializeOwned;

use super::Cluster;

/// An explanation is not worth a longer wait.
const PATIENCE: Duration = Duration::from_secs(3);
/// More objects are no help to people.
const MOST: u32 = 500;

impl Cluster {
    /// The cluster's nodes; none if they cannot be listed, or are too many.
    pub async fn nodes(&self) -> Option<Vec<Node>> {
        self.all().await
    }

    /// The cluster's storage classes; none if they cannot be listed.
    pub async fn storage_classes(&self) -> Option<Vec<StorageClass>> {
        self.all().await
    }

    /// As many objects of a kind without namespace as one answer has; none if they cannot be listed.
    pub async fn some<K>(&self) -> Vec<K>
    where
        K: Resource<DynamicType = (), Scope = ClusterResourceScope>,
        K: Clone + Debug + DeserializeOwned,
    {
        let api = Api::<K>::all(self.client.clone());
        let list = api.list(&ListParams::default().limit(MOST)).await;
        list.map(|list| list.items).unwrap_or_default()
    }

    /// The names of the namespace's Secrets of a type, without what is in them; none if they cannot
    /// be listed.
    pub async fn secret_names(&self, kind: &str) -> Vec<String> {
        let parameters = ListParams::default().fields(&format!("type={kind}"));
        let list = self
            .api::<Secret>()
            .list_metadata(&parameters.limit(MOST))
            .await;
        let secrets = list.map(|list| list.items).unwrap_or_default();
        secrets.iter().map(ResourceExt::name_any).collect()
    }

    async fn all<K>(&self) -> Option<Vec<K>>
    where
        K: Resource<DynamicType = (), Scope = ClusterResourceScope>,
        K: Clone + Debug + DeserializeOwned,
    {
        let api = Api::<K>::all(self.client.clone());
        let parameters = ListParams::default().limit(MOST);
        let list = tokio::time::timeout(PATIENCE, api.list(&parameters));
        let list = list.await.ok()?.ok()?;
        let is_whole = list.metadata.continue_.is_none_or(|rest| rest.is_empty());
        is_whole.then_some(list.items)
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Namespace;
    use serde_json::json;

    use super::super::fake::{cluster, refusal};

    #[tokio::test]
    async fn who_may_not_see_all_sees_none() {
        for (rest, is_seen) in [("", true), ("more", false)] {
            let cluster = cluster(move |request| async move {
                assert_eq!(request.uri().path(), "/api/v1/nodes");
                (
                    200,
                    json!({"metadata": {"continue": rest}, "items": [{"metadata": {"name": "a"}}]}),
                )
            });
            assert_eq!(cluster.nodes().await.is_some(), is_seen);
        }
        let cluster = cluster(|_| async { refusal(403, "Forbidden", "no", "storageclasses") });
        assert_eq!(cluster.storage_classes().await, None);
        assert_eq!(cluster.some::<Namespace>().await, []);
    }

    #[tokio::test]
    async fn part_of_a_list_will_do() {
        let cluster = cluster(|request| async move {
            assert_eq!(request.uri().query(), Some("&limit=500"));
            (
                200,
                json!({"metadata": {"continue": "more"}, "items": [{"metadata": {"name": "a"}}]}),
            )
        });
        assert_eq!(cluster.some::<Namespace>().await.len(), 1);
    }

    #[tokio::test]
    async fn of_secrets_only_the_names_are_fetched() {
        let cluster = cluster(|request| async move {
            let form = request.headers()["accept"].to_str().unwrap().to_owned();
            assert!(form.contains("PartialObjectMetadataList"), "{form}");
            let query = request.uri().query().unwrap().to_owned();
            assert!(query.contains("fieldSelector=type%3Da%2Fb"), "{query}");
            (
                200,
                json!({"metadata": {}, "items": [{"metadata": {"name": "login"}}]}),
            )
        });
        assert_eq!(cluster.secret_names("a/b").await, ["login"]);
    }
}
