//! What only pods have: logs, and events about them.

use futures::Stream;
use k8s_openapi::api::core::v1::{Event, Pod};
use kube::api::LogParams;

use crate::error::Result;

use super::Cluster;
use super::failure::Request;

impl Cluster {
    /// The last lines that a pod's container wrote before it ended; of the running container if
    /// none ended.
    pub async fn last_words(&self, pod: &str, lines: i64) -> Result<String> {
        let request = Request {
            verb: "get",
            resource: "pods/log".to_owned(),
            name: Some(pod.to_owned()),
        };
        let api = self.api::<Pod>();
        let parameters = |previous| LogParams {
            tail_lines: Some(lines),
            previous,
            ..LogParams::default()
        };
        let words = async {
            match api.logs(pod, &parameters(true)).await {
                Err(kube::Error::Api(status)) if status.code == 400 => {
                    api.logs(pod, &parameters(false)).await
                }
                words => words,
            }
        };
        self.ask(&request, words).await
    }

    /// The events about pods of the namespace, as they come. Who may not see them sees none.
    pub fn watch_pod_events(&self) -> impl Stream<Item = Event> + Send + use<> {
        self.watch_changes("involvedObject.kind=Pod")
    }
}
