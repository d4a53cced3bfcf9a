//! Whether a pod that a build runs on is lost, and why.

use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, Pod};

use super::pod::{condition, containers, is_terminating};
use super::pod_spec::CONTAINER;

/// How often the daemon of a pod was restarted.
pub fn restarts(pod: &Pod) -> i32 {
    daemon(pod).map_or(0, |daemon| daemon.restart_count)
}

/// How a pod can fail a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loss {
    /// Nothing more comes of it, for this reason.
    Lost(String),
    /// It is told to go, for this reason; its daemon does what is begun.
    Leaving(String),
}

/// Whether a controller deleted a pod that is no longer wanted, by the words of its event: the pod
/// was replaced or is one too many. Whoever else deletes a pod leaves no event.
pub fn is_retired(pod: &str, message: &str) -> bool {
    message.split_whitespace().any(|word| word == pod)
}

/// Why a daemon is lost that ran in the pod with `uid` when it had been restarted `restarts` times;
/// none as long as it is well. `pod` is what has its name now.
pub fn loss(pod: Option<&Pod>, uid: &str, restarts: i32) -> Option<Loss> {
    let lost = |reason: String| Some(Loss::Lost(reason));
    let Some(pod) = pod.filter(|pod| pod.metadata.uid.as_deref() == Some(uid)) else {
        return lost("it was deleted".to_owned());
    };
    let status = pod.status.as_ref()?;
    if matches!(status.phase.as_deref(), Some("Failed" | "Succeeded")) {
        return lost(failed(pod));
    }
    let daemon = daemon(pod);
    let ended = daemon.and_then(|daemon| ended(daemon, restarts));
    if let Some(ended) = ended {
        return lost(death(ended));
    }
    if daemon.is_some_and(|daemon| daemon.restart_count > restarts) {
        return lost("its daemon was restarted".to_owned());
    }
    is_terminating(pod).then(|| going(pod))
}

fn daemon(pod: &Pod) -> Option<&ContainerStatus> {
    containers(pod).find(|container| container.name == CONTAINER)
}

/// How the daemon ended, if it ended since it was restarted `restarts` times.
fn ended(daemon: &ContainerStatus, restarts: i32) -> Option<&ContainerStateTerminated> {
    let now = daemon.state.as_ref().and_then(|s| s.terminated.as_ref());
    let last = daemon
        .last_state
        .as_ref()
        .and_then(|s| s.terminated.as_ref());
    now.or(last.filter(|_| daemon.restart_count > restarts))
}

fn death(ended: &ContainerStateTerminated) -> String {
    match ended.reason.as_deref() {
        Some("OOMKilled") => "its daemon ran out of memory (OOMKilled)".to_owned(),
        Some(reason) => format!(
            "its daemon ended with exit code {} ({reason})",
            ended.exit_code
        ),
        None => format!("its daemon ended with exit code {}", ended.exit_code),
    }
}

fn failed(pod: &Pod) -> String {
    let status = pod.status.as_ref();
    let reason = status.and_then(|status| status.reason.as_deref());
    let message = status.and_then(|status| status.message.as_deref());
    let what = match reason {
        Some("Evicted") => "it was evicted".to_owned(),
        Some(reason) => format!("it failed ({reason})"),
        None => "it failed".to_owned(),
    };
    with_message(what, message)
}

/// Why a pod is about to go, as far as its conditions tell.
fn going(pod: &Pod) -> Loss {
    let Some(disruption) = condition(pod, "DisruptionTarget").filter(|c| c.status == "True") else {
        return Loss::Leaving("it is being deleted".to_owned());
    };
    let what = match disruption.reason.as_deref() {
        Some("EvictionByEvictionAPI") => "it is evicted, as when its cluster node is drained",
        Some("PreemptionByScheduler") => "it makes room for a pod of higher priority",
        Some("DeletionByTaintManager") => "its cluster node was tainted",
        Some("DeletionByPodGC") => "its cluster node is gone",
        Some("TerminationByKubelet") => "its cluster node shuts down or is short of resources",
        _ => "it is being deleted",
    };
    Loss::Lost(with_message(what.to_owned(), disruption.message.as_deref()))
}

fn with_message(what: String, message: Option<&str>) -> String {
    match message.filter(|message| !message.is_empty()) {
        Some(message) => format!("{what}: {message}"),
        None => what,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::pod::tests::pod;
    use super::*;

    fn daemon(restarts: u8, state: &Value, last: &Value) -> Value {
        json!({"phase": "Running", "containerStatuses": [{
            "name": "buildkitd", "image": "", "imageID": "", "ready": true,
            "restartCount": restarts, "state": state, "lastState": last}]})
    }

    #[test]
    fn a_well_daemon_is_not_lost_even_if_it_ended_before() {
        let ended = json!({"terminated": {"exitCode": 1, "reason": "Error"}});
        let pod = pod(&daemon(1, &json!({"running": {}}), &ended));
        assert_eq!(loss(Some(&pod), "u1", restarts(&pod)), None);
    }

    #[test]
    fn what_took_the_daemon() {
        let killed = json!({"terminated": {"exitCode": 137, "reason": "OOMKilled"}});
        let ended = json!({"terminated": {"exitCode": 1, "reason": "Error"}});
        let evicted = json!({"phase": "Failed", "reason": "Evicted", "message": "low on memory"});
        let none = json!({});
        let table = [
            (
                daemon(1, &json!({"running": {}}), &killed),
                "its daemon ran out of memory (OOMKilled)",
            ),
            (
                daemon(0, &ended, &none),
                "its daemon ended with exit code 1 (Error)",
            ),
            (
                daemon(1, &json!({"running": {}}), &none),
                "its daemon was restarted",
            ),
            (evicted, "it was evicted: low on memory"),
        ];
        for (status, reason) in table {
            let expected = Some(Loss::Lost(reason.to_owned()));
            assert_eq!(loss(Some(&pod(&status)), "u1", 0), expected);
        }
        let deleted = Some(Loss::Lost("it was deleted".to_owned()));
        assert_eq!(loss(None, "u1", 0), deleted);
        let other = pod(&json!({"phase": "Running"}));
        assert!(loss(Some(&other), "u0", 0).is_some());
    }

    #[test]
    fn a_pod_that_goes_is_lost() {
        let mut pod = pod(&json!({"phase": "Running", "conditions": [{
            "type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI",
            "message": "Eviction API: evicting"}]}));
        assert_eq!(loss(Some(&pod), "u1", 0), None);
        pod.metadata.deletion_timestamp =
            Some(serde_json::from_value(json!("2026-01-01T00:00:00Z")).unwrap());
        let reason = "it is evicted, as when its cluster node is drained: Eviction API: evicting";
        assert_eq!(
            loss(Some(&pod), "u1", 0),
            Some(Loss::Lost(reason.to_owned()))
        );
        pod.status.as_mut().unwrap().conditions = None;
        let leaving = Loss::Leaving("it is being deleted".to_owned());
        assert_eq!(loss(Some(&pod), "u1", 0), Some(leaving));
    }

    #[test]
    fn who_retired_a_pod_says_so() {
        for message in [
            "Deleted pod: kube0-1",
            "delete Pod kube0-1 in StatefulSet kube0 successful",
        ] {
            assert!(is_retired("kube0-1", message));
            assert!(!is_retired("kube0", "Deleted pod: kube0-1"));
        }
    }
}
