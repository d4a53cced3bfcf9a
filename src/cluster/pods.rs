//! What only pods have: logs, and events about them.

use futures::Stream;
use k8s_openapi::api::core::v1::{Event, Pod};
use kube::api::LogParams;

use crate::error::Result;

use super::Cluster;
use super::failure::Request;
use super::watch::Told;

impl Cluster {
    /// The last lines that a container of a pod wrote before it ended; if it never did, what it
    /// wrote last.
    pub async fn last_words(&self, pod: &str, container: &str, lines: i64) -> Result<String> {
        let request = Request {
            verb: "get",
            resource: "pods/log".to_owned(),
            name: Some(pod.to_owned()),
        };
        let api = self.api::<Pod>();
        let parameters = |previous| LogParams {
            container: Some(container.to_owned()),
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

    /// The events of the namespace, as they come. Who may not see them sees none.
    pub fn watch_events(&self) -> impl Stream<Item = Told<Event>> + Send + use<> {
        self.watch_changes()
    }
}
