//! Notices that the pod of a running build is lost, and says why.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::api::core::v1::Pod;

use crate::cluster::{Cluster, Snapshot, WatchError};
use crate::error::{Error, Kind};
use crate::manifest;
use crate::model::Replica;

/// How long the API may take to say why a connection broke.
const PATIENCE: Duration = Duration::from_secs(3);

/// A pod that builds no more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct PodLost {
    /// The pod.
    pub pod: String,
    /// Why, as a sentence about it.
    pub reason: String,
}

impl fmt::Display for PodLost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pod {} was lost: {}", self.pod, self.reason)
    }
}

impl From<PodLost> for Error {
    fn from(lost: PodLost) -> Self {
        Self::new(Kind::ConnectionLost, lost.to_string())
            .hint("run the build again: finished steps are cached where the builder has its cache")
    }
}

/// Resolves when the replica can build no more: deleted, about to be, failed, or its daemon ended.
///
/// Runs beside a build and outlives outages of the API server. It compares with what it sees
/// first, so it has to be started before the build.
pub(super) async fn lost(cluster: &Cluster, replica: &Replica) -> PodLost {
    let fields = format!("metadata.name={}", replica.name);
    let mut pods = pin!(cluster.watch_fields::<Pod>(&fields));
    let mut restarts = None;
    loop {
        match pods.next().await {
            Some(Ok(snapshot)) => {
                if let Some(reason) = judge(&snapshot, replica, &mut restarts) {
                    return PodLost {
                        pod: replica.name.clone(),
                        reason,
                    };
                }
            }
            Some(Err(WatchError::Unreachable(_))) => {}
            // Who may not watch pods learns of the loss from the connection alone.
            Some(Err(WatchError::Refused(_))) | None => std::future::pending().await,
        }
    }
}

fn judge(
    snapshot: &Snapshot<Pod>,
    replica: &Replica,
    restarts: &mut Option<i32>,
) -> Option<String> {
    let pod = snapshot.get(&replica.name);
    let before = *restarts.get_or_insert_with(|| pod.map_or(0, manifest::restarts));
    manifest::loss(pod, &replica.uid, before)
}

/// Why a connection broke, if the API knows it soon. `lost` is the future that ran beside it.
pub(super) async fn why(lost: impl Future<Output = PodLost>) -> Option<PodLost> {
    tokio::time::timeout(PATIENCE, lost).await.ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::ReplicaState;

    fn snapshot(restarts: u8) -> Snapshot<Pod> {
        let pod = serde_json::from_value(json!({
            "metadata": {"name": "kube0-1", "uid": "u1"},
            "status": {"phase": "Running", "containerStatuses": [{
                "name": "buildkitd", "image": "", "imageID": "", "ready": true,
                "restartCount": restarts, "lastState": {"terminated": {"exitCode": 1}}}]}
        }));
        [("kube0-1".to_owned(), pod.unwrap())].into()
    }

    #[test]
    fn only_a_restart_after_the_beginning_is_a_loss() {
        let replica = Replica::new("kube0-1", "u1", ReplicaState::Ready);
        let mut restarts = None;
        assert_eq!(judge(&snapshot(2), &replica, &mut restarts), None);
        assert_eq!(judge(&snapshot(2), &replica, &mut restarts), None);
        assert_eq!(
            judge(&snapshot(3), &replica, &mut restarts).as_deref(),
            Some("its daemon ended with exit code 1")
        );
        let mut restarts = None;
        assert!(judge(&Snapshot::new(), &replica, &mut restarts).is_some());
    }

    #[test]
    fn a_loss_ends_with_its_own_exit_code() {
        let error = Error::from(PodLost {
            pod: "kube0-1".into(),
            reason: "it was deleted".into(),
        });
        assert_eq!(error.kind(), Kind::ConnectionLost);
        assert_eq!(error.to_string(), "pod kube0-1 was lost: it was deleted");
    }
}
