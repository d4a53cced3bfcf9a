//! Notices that the pod of a running build is lost, and says why.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::api::core::v1::{Event as PodEvent, Pod};

use crate::cluster::{Cluster, Snapshot, WatchError};
use crate::error::{Error, Kind};
use crate::event::Events;
use crate::manifest::{self, Loss};
use crate::model::Replica;

/// How long the API may take to say why a connection broke.
const PATIENCE: Duration = Duration::from_secs(3);
/// Selects the events of controllers that deleted a pod.
const DELETED_BY_CONTROLLER: &str = "reason=SuccessfulDelete";
/// How often the event is looked for, and how long between: two seconds in all, of the five within
/// which a lost pod is to be named.
const LOOKS: u32 = 8;
const PAUSE: Duration = Duration::from_millis(250);

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
/// A pod that its own controller replaces, or that is one too many, does what it began.
///
/// Runs beside a build and outlives outages of the API server. It compares with what it sees
/// first, so it has to be started before the build.
pub(super) async fn lost(cluster: &Cluster, replica: &Replica, events: &Events) -> PodLost {
    let fields = format!("metadata.name={}", replica.name);
    let mut pods = pin!(cluster.watch_fields::<Pod>(&fields));
    let mut watched = Watched::default();
    loop {
        match pods.next().await {
            Some(Ok(snapshot)) => {
                let Some(reason) = watched.judge(&snapshot, replica) else {
                    continue;
                };
                match reason {
                    Loss::Leaving(_) if is_retired(cluster, &replica.name).await => {
                        watched.retired = true;
                        events.note(retired(&replica.name)).await;
                    }
                    Loss::Leaving(reason) | Loss::Lost(reason) => {
                        return PodLost {
                            pod: replica.name.clone(),
                            reason,
                        };
                    }
                }
            }
            Some(Err(WatchError::Unreachable(_))) => {}
            // Who may not watch pods learns of the loss from the connection alone.
            Some(Err(WatchError::Refused(_))) | None => std::future::pending().await,
        }
    }
}

fn retired(pod: &str) -> String {
    format!("pod {pod} is being replaced or is no longer needed: it finishes this build first")
}

/// Whether a controller deleted the pod. Its event may come a moment after the deletion.
async fn is_retired(cluster: &Cluster, pod: &str) -> bool {
    for _ in 0..LOOKS {
        match cluster.list_fields::<PodEvent>(DELETED_BY_CONTROLLER).await {
            Ok(found) => {
                let mut messages = found.iter().filter_map(|event| event.message.as_deref());
                if messages.any(|message| manifest::is_retired(pod, message)) {
                    return true;
                }
            }
            Err(_) => return false,
        }
        tokio::time::sleep(PAUSE).await;
    }
    false
}

/// What a watch has seen of the pod.
#[derive(Default)]
struct Watched {
    /// How often its daemon had been restarted at the beginning.
    restarts: Option<i32>,
    /// Whether it is known that its controller deleted it.
    retired: bool,
}

impl Watched {
    fn judge(&mut self, snapshot: &Snapshot<Pod>, replica: &Replica) -> Option<Loss> {
        let pod = snapshot.get(&replica.name);
        let first = || pod.map_or(0, manifest::restarts);
        let before = *self.restarts.get_or_insert_with(first);
        let loss = manifest::loss(pod, &replica.uid, before);
        loss.filter(|loss| !(self.retired && matches!(loss, Loss::Leaving(_))))
    }
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
        let mut watched = Watched::default();
        assert_eq!(watched.judge(&snapshot(2), &replica), None);
        assert_eq!(watched.judge(&snapshot(2), &replica), None);
        let ended = Loss::Lost("its daemon ended with exit code 1".to_owned());
        assert_eq!(watched.judge(&snapshot(3), &replica), Some(ended));
        let mut watched = Watched::default();
        assert!(watched.judge(&Snapshot::new(), &replica).is_some());
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
