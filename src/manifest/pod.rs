//! What a pod can do now, in Kubernetes' own words.

use k8s_openapi::api::core::v1::{ContainerStatus, Pod, PodCondition};

use crate::model::ReplicaState;

use super::labels::CHECKSUM;
use super::trouble::{CRASHES, Trouble, UNSCHEDULABLE};
use super::workload::Workload;

/// Reasons for which a container waits and that waiting does not cure.
const HOPELESS: [&str; 10] = [
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "ImageInspectError",
    "RegistryUnavailable",
    "SignatureValidationFailed",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
];
/// What a pod can do now.
fn state(pod: &Pod) -> ReplicaState {
    if is_terminating(pod) {
        return ReplicaState::Terminating;
    }
    if let Some(trouble) = trouble(pod) {
        return ReplicaState::Failing(trouble.to_string());
    }
    if condition(pod, "Ready").is_some_and(|ready| ready.status == "True") {
        return ReplicaState::Ready;
    }
    ReplicaState::Starting(progress(pod))
}

/// What a pod of `workload` can do now.
pub fn state_in(workload: &Workload, pod: &Pod) -> ReplicaState {
    let annotations = pod.metadata.annotations.as_ref();
    let certificates = annotations.and_then(|annotations| annotations.get(CHECKSUM));
    match state(pod) {
        ReplicaState::Ready if certificates != workload.certificates() => ReplicaState::Outdated,
        state => state,
    }
}

/// Why a pod does not come up, if something is wrong.
pub fn trouble(pod: &Pod) -> Option<Trouble> {
    let status = pod.status.as_ref()?;
    let phase = status.phase.as_deref().unwrap_or_default();
    if matches!(phase, "Failed" | "Succeeded") {
        let reason = status.reason.as_deref().unwrap_or(phase);
        return Some(Trouble::new(reason, status.message.as_ref()));
    }
    let waiting = containers(pod).filter_map(|container| {
        let waiting = container.state.as_ref()?.waiting.as_ref()?;
        let reason = waiting.reason.as_deref()?;
        let wrong = HOPELESS.contains(&reason) || reason == CRASHES;
        wrong.then(|| Trouble::new(reason, waiting.message.as_ref()))
    });
    let scheduled = condition(pod, "PodScheduled").filter(|scheduled| scheduled.status == "False");
    waiting.into_iter().next().or_else(|| {
        let scheduled = scheduled?;
        let reason = scheduled.reason.as_deref()?;
        (reason == UNSCHEDULABLE).then(|| Trouble::new(reason, scheduled.message.as_ref()))
    })
}

/// How far a pod is on its way up.
fn progress(pod: &Pod) -> String {
    let Some(container) = containers(pod).next() else {
        let scheduled = condition(pod, "PodScheduled").is_some_and(|c| c.status == "True");
        let text = if scheduled { "scheduled" } else { "Pending" };
        return text.to_owned();
    };
    let Some(state) = &container.state else {
        return "Pending".to_owned();
    };
    if let Some(waiting) = &state.waiting {
        return waiting
            .reason
            .clone()
            .unwrap_or_else(|| "waiting".to_owned());
    }
    if let Some(ended) = &state.terminated {
        return format!("the daemon ended with exit code {}", ended.exit_code);
    }
    "the daemon does not answer yet".to_owned()
}

pub(super) fn is_terminating(pod: &Pod) -> bool {
    pod.metadata.deletion_timestamp.is_some()
}

pub(super) fn containers(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    let status = pod.status.as_ref();
    let inits = status.and_then(|status| status.init_container_statuses.as_deref());
    let daemons = status.and_then(|status| status.container_statuses.as_deref());
    inits
        .unwrap_or_default()
        .iter()
        .chain(daemons.unwrap_or_default())
}

pub(super) fn condition<'a>(pod: &'a Pod, kind: &str) -> Option<&'a PodCondition> {
    let conditions = pod.status.as_ref()?.conditions.as_deref()?;
    conditions.iter().find(|condition| condition.type_ == kind)
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;

    pub(in super::super) fn pod(status: &Value) -> Pod {
        serde_json::from_value(json!({
            "metadata": {"name": "kube0-1", "uid": "u1"}, "status": status
        }))
        .unwrap()
    }

    fn waiting(reason: &str, message: &str) -> Value {
        json!({"phase": "Pending", "containerStatuses": [{
            "name": "buildkitd", "image": "", "imageID": "", "ready": false, "restartCount": 0,
            "state": {"waiting": {"reason": reason, "message": message}}
        }]})
    }

    #[test]
    fn words_of_kubernetes() {
        let ready =
            json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]});
        let unschedulable = json!({"phase": "Pending", "conditions": [{
            "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
            "message": "0/1 nodes are available"}]});
        let evicted = json!({"phase": "Failed", "reason": "Evicted", "message": "low on disk"});
        let running = json!({"phase": "Running", "containerStatuses": [{
            "name": "buildkitd", "image": "", "imageID": "", "ready": false, "restartCount": 0,
            "state": {"running": {}}}]});
        let failing = |text: &str| ReplicaState::Failing(text.into());
        let starting = |text: &str| ReplicaState::Starting(text.into());
        let table = [
            (ready, ReplicaState::Ready),
            (
                unschedulable,
                failing("Unschedulable: 0/1 nodes are available"),
            ),
            (evicted, failing("Evicted: low on disk")),
            (running, starting("the daemon does not answer yet")),
            (
                waiting("ContainerCreating", ""),
                starting("ContainerCreating"),
            ),
            (
                waiting("ImagePullBackOff", "Back-off pulling image \"x\""),
                failing("ImagePullBackOff: Back-off pulling image \"x\""),
            ),
            (
                waiting(CRASHES, "back-off 10s"),
                failing("CrashLoopBackOff: back-off 10s"),
            ),
            (json!({"phase": "Pending"}), starting("Pending")),
        ];
        for (status, expected) in table {
            assert_eq!(state(&pod(&status)), expected, "{status}");
        }
    }

    #[test]
    fn a_pod_that_goes_is_never_ready() {
        let mut pod =
            pod(&json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}));
        pod.metadata.deletion_timestamp =
            Some(serde_json::from_value(json!("2026-01-01T00:00:00Z")).unwrap());
        assert_eq!(state(&pod), ReplicaState::Terminating);
    }
}
