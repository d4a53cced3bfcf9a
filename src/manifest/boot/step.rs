//! How far a pod is on its way up, as one line.

use k8s_openapi::api::core::v1::{ContainerStatus, Pod};

use crate::manifest::pod::{condition, containers, is_terminating};
use crate::manifest::pod_spec::CONTAINER;

use super::classify::problem;
use super::message::between;
use super::news::{News, Said};
use super::pod_trouble::pod_trouble;
use super::problem::Problem;

/// What autoscalers say of a pod for which they make room.
const HELPERS: [&str; 3] = ["TriggeredScaleUp", "Nominated", "ProvisioningNode"];
const STARTED: &str = "started; the daemon does not answer yet";

/// What happens to a pod now.
pub fn step(pod: &Pod, news: &News) -> String {
    if is_terminating(pod) {
        return "is being deleted".to_owned();
    }
    let last = news.last(pod);
    if let Some(trouble) = pod_trouble(pod, news) {
        let problem = problem(&trouble);
        let help = last.filter(|said| HELPERS.contains(&said.reason.as_str()));
        return match help {
            Some(help) if problem == Problem::Unschedulable => help.message.clone(),
            // A daemon needs a moment before it answers its first probe.
            _ if problem == Problem::Silent => STARTED.to_owned(),
            _ if problem == Problem::Scheduler => by_place(pod),
            _ => trouble.to_string(),
        };
    }
    if condition(pod, "Ready").is_some_and(|ready| ready.status == "True") {
        return "ready".to_owned();
    }
    by_containers(pod)
        .or_else(|| last.and_then(by_event))
        .unwrap_or_else(|| by_place(pod))
}

fn by_containers(pod: &Pod) -> Option<String> {
    containers(pod).find_map(|container: &ContainerStatus| {
        let state = container.state.as_ref()?;
        let name = &container.name;
        if state.running.is_some() {
            let is_daemon = name == CONTAINER;
            return Some(if is_daemon {
                STARTED.to_owned()
            } else {
                format!("container {name} runs")
            });
        }
        let ended = state.terminated.as_ref().filter(|end| end.exit_code != 0)?;
        let code = ended.exit_code;
        Some(format!("container {name} ended with exit code {code}"))
    })
}

/// The words of the kubelet, shortened; what only says what the status says as well is none.
fn by_event(said: &Said) -> Option<String> {
    let message = &said.message;
    match said.reason.as_str() {
        "Scheduled" | "Created" | "Started" => None,
        "Pulling" => {
            between(message, "image \"", "\"").map(|image| format!("pulling image {image:?}"))
        }
        "Pulled" => {
            let image = between(message, "pulled image \"", "\"")?;
            let time = between(message, "\" in ", " (")?;
            Some(format!("pulled image {image:?} in {time}"))
        }
        // What is wrong shows in the status, and stays there.
        _ if said.is_warning || message.is_empty() => None,
        _ => Some(message.clone()),
    }
}

fn by_place(pod: &Pod) -> String {
    let spec = pod.spec.as_ref();
    if let Some(node) = spec.and_then(|spec| spec.node_name.as_deref()) {
        return format!("scheduled on {node}");
    }
    let scheduler = spec.and_then(|spec| spec.scheduler_name.as_deref());
    match scheduler.filter(|name| *name != "default-scheduler") {
        Some(name) => format!("waits for the scheduler {name:?}"),
        None => "waits for the scheduler".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::news::tests::{event, news};
    use super::*;

    fn pod(spec: &Value, status: &Value) -> Pod {
        serde_json::from_value(json!({
            "metadata": {"name": "demo0-1"}, "spec": spec, "status": status
        }))
        .unwrap()
    }

    fn container(state: &Value) -> Value {
        json!({"phase": "Pending", "containerStatuses": [{"name": "buildkitd", "image": "",
            "imageID": "", "ready": false, "restartCount": 0, "state": state}]})
    }

    fn shown(spec: &Value, status: &Value, reason: &str, message: &str) -> String {
        let mut event = event("Pod", "demo0-1", reason, message);
        event.type_ = (reason == "Failed").then(|| "Warning".to_owned());
        let news = news([event]);
        step(&pod(spec, status), &news)
    }

    const PULLED: &str = "Successfully pulled image \"a:1\" in 1.2s (1.3s including waiting). \
        Image size: 5 bytes.";
    const PRESENT: &str = "Container image \"a:1\" already present on machine";

    #[test]
    fn how_far_a_pod_is_without_news() {
        let pending = json!({"phase": "Pending"});
        let other = json!({"containers": [], "schedulerName": "other"});
        for (spec, expected) in [
            (json!({"containers": []}), "waits for the scheduler"),
            (other, "waits for the scheduler \"other\""),
            (
                json!({"containers": [], "nodeName": "n1"}),
                "scheduled on n1",
            ),
        ] {
            assert_eq!(shown(&spec, &pending, "", ""), expected);
        }
    }

    #[test]
    fn how_far_a_pod_is_on_its_node() {
        let spec = json!({"containers": [], "nodeName": "n1"});
        let creating = container(&json!({"waiting": {"reason": "ContainerCreating"}}));
        for (reason, message, expected) in [
            ("Scheduled", "Successfully assigned", "scheduled on n1"),
            ("Pulling", "Pulling image \"a:1\"", "pulling image \"a:1\""),
            ("Pulled", PULLED, "pulled image \"a:1\" in 1.2s"),
            ("Pulled", PRESENT, "scheduled on n1"),
            ("SuccessfulAttachVolume", "attached", "attached"),
            ("FailedMount", "no secret", "FailedMount: no secret"),
            ("Failed", "Error: ErrImagePull", "scheduled on n1"),
        ] {
            assert_eq!(shown(&spec, &creating, reason, message), expected);
        }
        let running = container(&json!({"running": {}}));
        for reason in ["Started", "Unhealthy"] {
            assert_eq!(shown(&spec, &running, reason, "so"), STARTED);
        }
    }

    #[test]
    fn what_helps_a_pod_that_fits_nowhere_is_news() {
        let spec = json!({"containers": []});
        let unschedulable = json!({"phase": "Pending", "conditions": [{"type": "PodScheduled",
            "status": "False", "reason": "Unschedulable", "message": "0/1 nodes"}]});
        for (reason, expected) in [
            ("FailedScheduling", "Unschedulable: 0/1 nodes"),
            ("TriggeredScaleUp", "triggered"),
        ] {
            assert_eq!(shown(&spec, &unschedulable, reason, "triggered"), expected);
        }
    }
}
