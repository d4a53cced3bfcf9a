use k8s_openapi::api::apps::v1::Deployment;
use serde_json::{Value, json};

use super::*;
use crate::manifest::trouble::Trouble;

const IMAGE: &str = "registry.example.com/buildkit:1";

fn spec(privileged: bool) -> Value {
    json!({
        "nodeSelector": {"disk": "ssd"},
        "containers": [{"name": "buildkitd", "image": IMAGE,
            "securityContext": {"privileged": privileged},
            "resources": {"limits": {"memory": "64Mi"}, "requests": {"cpu": "64"}}}],
        "initContainers": [{"name": "qemu", "image": "binfmt"}]
    })
}

/// Everything that is said of a trouble, as in the error.
fn told(reason: &str, message: &str, container: Option<&str>, pod_is_there: bool) -> String {
    let pod: Pod =
        serde_json::from_value(json!({"metadata": {"name": "demo0-1"}, "spec": spec(true)}))
            .unwrap();
    let deployment: Deployment = serde_json::from_value(json!({
        "metadata": {"name": "demo0"},
        "spec": {"selector": {}, "template": {"spec": spec(false)}}
    }))
    .unwrap();
    let builder = "demo".parse().unwrap();
    let node = "demo0".parse().unwrap();
    let about = About {
        builder: &builder,
        node: &node,
        namespace: "ci",
        workload: Some(&deployment.into()),
        pod: Some(&pod).filter(|_| pod_is_there),
        nodes: None,
        classes: Some(&["fast".to_owned(), "slow".to_owned()]),
    };
    let why = Why {
        pod: pod_is_there.then(|| "demo0-1".to_owned()),
        trouble: Trouble {
            reason: reason.to_owned(),
            message: message.to_owned(),
            container: container.map(str::to_owned),
        },
    };
    let Advice { summary, hint } = advice(&why, &about);
    format!(
        "{reason}: {message}\n  {}\n  {hint}\n",
        summary.unwrap_or_default()
    )
}

/// Reason, message and container of troubles with pods.
const TROUBLES: &[(&str, &str, Option<&str>)] = &[
    (
        "Unschedulable",
        "1 node(s) didn't match Pod's node affinity/selector.",
        None,
    ),
    (
        "Unschedulable",
        "1 node(s) had untolerated taint {dedicated: builds}.",
        None,
    ),
    (
        "Unschedulable",
        "1 node(s) had untolerated taint {node.kubernetes.io/unschedulable: }.",
        None,
    ),
    (
        "Unschedulable",
        "1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.",
        None,
    ),
    ("Unschedulable", "1 Insufficient cpu.", None),
    ("Unschedulable", "1 Too many pods.", None),
    ("NotScheduled", "no scheduler \"x\"", None),
    ("RunContainerError", "executable file not found", None),
    ("InvalidImageName", "couldn't parse", None),
    ("ErrImagePull", "not found", Some("buildkitd")),
    ("ErrImagePull", "not found", Some("qemu")),
    ("ErrImagePull", "401 Unauthorized", None),
    ("ErrImagePull", "no match for platform", None),
    ("ErrImagePull", "no such host", None),
    ("ErrImagePull", "x509: unknown authority", None),
    ("ErrImagePull", "i/o timeout", None),
    ("CrashLoopBackOff", "exit code 1", Some("buildkitd")),
    ("CrashLoopBackOff", "exit code 1", Some("qemu")),
    ("OOMKilled", "exit code 137", Some("buildkitd")),
    ("Unhealthy", "Startup probe failed", None),
    ("FailedMount", "secret \"demo0-daemon\" not found", None),
    ("FailedMount", "configmap \"settings\" not found", None),
    ("FailedMount", "timeout", None),
    (
        "FailedCreatePodSandBox",
        "runtime does not support user namespaces",
        None,
    ),
    (
        "FailedCreatePodSandBox",
        "no runtime for \"gvisor\" is configured",
        None,
    ),
    (
        "ProvisioningFailed",
        "storageclass.storage.k8s.io \"no\" not found",
        None,
    ),
    ("FailedBinding", "no storage class is set", None),
    ("ProvisioningFailed", "rpc error", None),
];

#[test]
fn of_pods() {
    let all = TROUBLES
        .iter()
        .map(|(reason, message, container)| told(reason, message, *container, true));
    insta::assert_snapshot!(all.collect::<String>());
}

#[test]
fn of_pods_that_are_not_made() {
    let table = [
        "exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2",
        "exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0",
        "failed quota: q: must specify limits.cpu for: buildkitd; memory for: buildkitd",
        "maximum cpu usage per Container is 1, but limit is 2",
        "violates PodSecurity \"baseline:latest\": seccompProfile",
        "error looking up service account ci/x: serviceaccount \"x\" not found",
        "no PriorityClass with name x was found",
        "pod rejected: RuntimeClass \"x\" not found",
        "admission webhook \"x\" denied the request: no",
        "failed calling webhook \"x\": refused",
        "because it is being terminated",
        "something new",
    ];
    let all = table.map(|message| {
        let message = format!("pods \"demo0-1\" is forbidden: {message}");
        told("FailedCreate", &message, None, false)
    });
    insta::assert_snapshot!(all.join(""));
}
