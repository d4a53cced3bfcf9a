//! What a pod can do now, in Kubernetes' own words.

use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, Pod, PodCondition};

use crate::model::ReplicaState;

use super::labels::CHECKSUM;
use super::trouble::{CRASHES, GATED, OUT_OF_MEMORY, Trouble, UNSCHEDULABLE};
use super::workload::Workload;

/// Reasons for which a container waits because something is wrong.
const WRONG: [&str; 10] = [
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
    containers(pod)
        .find_map(container_trouble)
        .or_else(|| scheduling_trouble(pod))
}

fn container_trouble(container: &ContainerStatus) -> Option<Trouble> {
    let waiting = container.state.as_ref()?.waiting.as_ref()?;
    let reason = waiting.reason.as_deref()?;
    if reason != CRASHES && !WRONG.contains(&reason) {
        return None;
    }
    let ended = container.last_state.as_ref();
    let ended = ended.and_then(|state| state.terminated.as_ref());
    let trouble = match ended.filter(|_| reason == CRASHES) {
        Some(ended) => crash(&container.name, ended),
        None => Trouble::new(reason, waiting.message.as_ref()),
    };
    Some(Trouble {
        container: Some(container.name.clone()),
        ..trouble
    })
}

/// How the container ended tells more than that it did so again.
fn crash(container: &str, ended: &ContainerStateTerminated) -> Trouble {
    let code = ended.exit_code;
    let said = ended.message.as_deref().unwrap_or_default().trim();
    let end = format!("container {container} ended with exit code {code}");
    if ended.reason.as_deref() == Some(OUT_OF_MEMORY) {
        return Trouble::new(OUT_OF_MEMORY, Some(&end));
    }
    let message = if said.is_empty() {
        end
    } else {
        format!("{end}: {said}")
    };
    Trouble::new(CRASHES, Some(&message))
}

fn scheduling_trouble(pod: &Pod) -> Option<Trouble> {
    let scheduled =
        condition(pod, "PodScheduled").filter(|scheduled| scheduled.status == "False")?;
    let reason = scheduled.reason.as_deref()?;
    matches!(reason, UNSCHEDULABLE | GATED)
        .then(|| Trouble::new(reason, scheduled.message.as_ref()))
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

    fn crashed(ended: &Value) -> Value {
        let mut status = waiting(CRASHES, "back-off 10s");
        status["containerStatuses"][0]["lastState"] = json!({"terminated": ended});
        status
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
            (
                crashed(&json!({"exitCode": 137, "reason": "OOMKilled"})),
                failing("OOMKilled: container buildkitd ended with exit code 137"),
            ),
            (
                crashed(&json!({"exitCode": 128, "reason": "StartError", "message": "no file"})),
                failing("CrashLoopBackOff: container buildkitd ended with exit code 128: no file"),
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
