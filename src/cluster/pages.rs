//! Long lists, in pieces: whoever keeps little of each object needs no memory for all at once.

use kube::api::{Api, ListParams};

use crate::error::Result;

use super::objects::request;
use super::{Cluster, Object};

/// Objects in one piece. Few have more, so that most lists take one request.
const PAGE: u32 = 250;
/// The API server no longer has what the next piece would be of.
const EXPIRED: u16 = 410;

impl Cluster {
    /// The objects that a label selector matches, in the cluster's namespace or everywhere, without
    /// the notes of who owns which field, which may be most of an object, and without what `strip` takes
    /// away.
    pub async fn list_bare<K: Object>(
        &self,
        labels: &str,
        everywhere: bool,
        strip: fn(&mut K),
    ) -> Result<Vec<K>> {
        let api = if everywhere {
            Api::all(self.client.clone())
        } else {
            self.api::<K>()
        };
        // Boxed: several lists are often made at the same time, and each is large.
        let listing = Box::pin(pages(&api, labels, strip));
        self.ask(&request::<K>("list", None), listing).await
    }
}

async fn pages<K: Object>(api: &Api<K>, labels: &str, strip: fn(&mut K)) -> kube::Result<Vec<K>> {
    let mut parameters = ListParams::default().labels(labels).limit(PAGE);
    let mut all = Vec::new();
    loop {
        let page = match api.list(&parameters).await {
            // Who lists for too long begins again, with all in one piece.
            Err(kube::Error::Api(status))
                if status.code == EXPIRED && parameters.limit.is_some() =>
            {
                all.clear();
                parameters = ListParams::default().labels(labels);
                continue;
            }
            page => page?,
        };
        all.extend(page.items.into_iter().map(|mut object| {
            object.meta_mut().managed_fields = None;
            strip(&mut object);
            object
        }));
        match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => parameters.continue_token = Some(token),
            None => return Ok(all),
        }
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Pod;
    use serde_json::{Value, json};

    use super::super::fake::{cluster, refusal};

    fn page(name: &str, token: &str) -> (u16, Value) {
        let managed = json!([{"manager": "kubelet"}]);
        let pod = json!({"metadata": {"name": name, "managedFields": managed}});
        (
            200,
            json!({"metadata": {"continue": token}, "items": [pod]}),
        )
    }

    /// The names of what is listed where the second piece is `second`.
    async fn listed(second: (u16, Value)) -> Vec<String> {
        let cluster = cluster(move |request| {
            let query = request.uri().query().unwrap().to_owned();
            let second = second.clone();
            async move {
                match (query.contains("limit=250"), query.contains("continue=next")) {
                    (true, false) => page("a", "next"),
                    (true, true) => second,
                    (false, _) => page("all", ""),
                }
            }
        });
        let pods = cluster
            .list_bare::<Pod>("a=b", false, |_| {})
            .await
            .unwrap();
        assert!(pods.iter().all(|pod| pod.metadata.managed_fields.is_none()));
        pods.into_iter()
            .filter_map(|pod| pod.metadata.name)
            .collect()
    }

    #[tokio::test]
    async fn pieces_make_one_list() {
        assert_eq!(listed(page("b", "")).await, ["a", "b"]);
    }

    #[tokio::test]
    async fn a_list_that_expired_half_way_is_made_again() {
        assert_eq!(
            listed(refusal(410, "Expired", "too old", "pods")).await,
            ["all"]
        );
    }
}
