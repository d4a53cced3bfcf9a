//! What is wrong with a pod, by its status and by what else Kubernetes says of it.

use k8s_openapi::api::core::v1::Pod;

use crate::manifest::pod::{condition, containers, trouble};
use crate::manifest::trouble::{Trouble, UNSEEN};

use super::classify::problem;
use super::message::tidy;
use super::news::{News, Said};
use super::problem::Problem;

/// Events that say why no container begins.
const HINDRANCES: [&str; 3] = [
    "FailedMount",
    "FailedAttachVolume",
    "FailedCreatePodSandBox",
];

/// The scheduler that every cluster has.
const DEFAULT_SCHEDULER: &str = "default-scheduler";

/// Why a pod does not come up, if something is wrong.
pub(super) fn pod_trouble(pod: &Pod, news: &News) -> Option<Trouble> {
    let Some(mut trouble) = trouble(pod) else {
        return scheduler_trouble(pod).or_else(|| hindrance(pod, news));
    };
    trouble.message = tidy(&trouble.message);
    match problem(&trouble) {
        Problem::Unschedulable => Some(claim_trouble(pod, news).unwrap_or(trouble)),
        // While the kubelet waits for its next try the status may not say why the last one failed.
        Problem::ImagePull => {
            let failed = news.about(pod, "Failed");
            if let Some(said) = failed.filter(|said| said.message.starts_with("Failed to pull")) {
                trouble.message.clone_from(&said.message);
            }
            Some(trouble)
        }
        _ => Some(trouble),
    }
}

/// Whether a pod cannot begin because of its image, so that nothing is lost with it.
pub fn lacks_image(pod: &Pod, news: &News) -> bool {
    let problem = pod_trouble(pod, news).map(|trouble| problem(&trouble));
    problem.is_some_and(|problem| problem.is_about_image() && !problem.may_heal())
}

/// A pod that no scheduler has looked at has no condition that says so.
fn scheduler_trouble(pod: &Pod) -> Option<Trouble> {
    let spec = pod.spec.as_ref()?;
    let name = spec.scheduler_name.as_deref()?;
    let is_seen = spec.node_name.is_some() || condition(pod, "PodScheduled").is_some();
    (!is_seen && name != DEFAULT_SCHEDULER).then(|| {
        let message = format!("no scheduler {name:?} has looked at it");
        Trouble::new(UNSEEN, Some(&message))
    })
}

/// A pod whose volume is missing fits nowhere; why it is missing is said of the claim.
fn claim_trouble(pod: &Pod, news: &News) -> Option<Trouble> {
    let volumes = pod.spec.as_ref()?.volumes.as_deref()?;
    let claims = volumes
        .iter()
        .filter_map(|volume| volume.persistent_volume_claim.as_ref());
    claims
        .filter_map(|claim| news.claim(&claim.claim_name))
        .find(|said| matches!(said.reason.as_str(), "ProvisioningFailed" | "FailedBinding"))
        .map(told)
}

/// What only events tell: the status of the pod looks as if all went its way.
fn hindrance(pod: &Pod, news: &News) -> Option<Trouble> {
    let said = news.last(pod)?;
    let has_begun = containers(pod).any(|container| {
        let state = container.state.as_ref();
        state.is_some_and(|state| state.running.is_some())
    });
    if !has_begun {
        let is_hindrance = HINDRANCES.contains(&said.reason.as_str());
        return is_hindrance.then(|| told(said));
    }
    let is_ready = condition(pod, "Ready").is_some_and(|ready| ready.status == "True");
    (!is_ready && said.reason == "Unhealthy").then(|| told(said))
}

fn told(said: &Said) -> Trouble {
    Trouble::new(&said.reason, Some(&said.message))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::news::tests::{event, news};
    use super::*;

    fn pod(status: &Value) -> Pod {
        serde_json::from_value(json!({
            "metadata": {"name": "demo0-0"}, "status": status,
            "spec": {"containers": [], "volumes": [
                {"name": "state", "persistentVolumeClaim": {"claimName": "state-demo0-0"}}]}
        }))
        .unwrap()
    }

    fn container(state: &Value) -> Value {
        json!({"phase": "Pending", "containerStatuses": [{"name": "buildkitd", "image": "",
            "imageID": "", "ready": false, "restartCount": 0, "state": state}]})
    }

    fn told(status: &Value, kind: &str, reason: &str, message: &str) -> Option<String> {
        let name = if kind == "Pod" {
            "demo0-0"
        } else {
            "state-demo0-0"
        };
        let news = news([event(kind, name, reason, message)]);
        pod_trouble(&pod(status), &news).map(|trouble| trouble.to_string())
    }

    #[test]
    fn what_only_events_tell() {
        let creating = container(&json!({"waiting": {"reason": "ContainerCreating"}}));
        let running = container(&json!({"running": {}}));
        let table = [
            (&creating, "FailedMount", true),
            (&creating, "Scheduled", false),
            (&creating, "Unhealthy", false),
            (&running, "FailedMount", false),
            (&running, "Unhealthy", true),
        ];
        for (status, reason, is_trouble) in table {
            let told = told(status, "Pod", reason, "so");
            let expected = is_trouble.then(|| format!("{reason}: so"));
            assert_eq!(told, expected, "{reason}");
        }
    }

    #[test]
    fn the_claim_tells_why_there_is_no_volume() {
        let unbound = json!({"phase": "Pending", "conditions": [{"type": "PodScheduled",
            "status": "False", "reason": "Unschedulable", "message": "unbound"}]});
        let claim = "PersistentVolumeClaim";
        assert_eq!(
            told(&unbound, claim, "ProvisioningFailed", "no class").as_deref(),
            Some("ProvisioningFailed: no class")
        );
        assert_eq!(
            told(&unbound, claim, "WaitForFirstConsumer", "waiting").as_deref(),
            Some("Unschedulable: unbound")
        );
    }

    #[test]
    fn the_event_tells_why_the_image_is_not_there() {
        let pull = container(
            &json!({"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling"}}),
        );
        let failed = "Failed to pull image \"x\": not found";
        assert_eq!(
            told(&pull, "Pod", "Failed", failed).as_deref(),
            Some("ImagePullBackOff: Failed to pull image \"x\": not found")
        );
        assert_eq!(
            told(&pull, "Pod", "Failed", "Error: ImagePullBackOff").as_deref(),
            Some("ImagePullBackOff: Back-off pulling")
        );
    }
}
