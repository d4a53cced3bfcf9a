use super::*;

fn of(reason: &str, message: &str) -> Problem {
    problem(&Trouble {
        reason: reason.into(),
        message: message.into(),
        container: None,
    })
}

/// Reasons and messages that are waited for,
const HEALING: &[(&str, &str)] = &[
    (
        "Unschedulable",
        "0/1 nodes are available: 1 Insufficient cpu.",
    ),
    (
        "SchedulingGated",
        "Scheduling is blocked due to non-empty scheduling gates",
    ),
    ("ErrImagePull", ""),
    ("ErrImagePull", "dial tcp 10.0.0.1:443: i/o timeout"),
    ("ErrImagePull", "503 Service Unavailable"),
    (
        "ErrImagePull",
        "toomanyrequests: You have reached your pull rate limit",
    ),
    ("ImagePullBackOff", "Back-off pulling image \"x\""),
    (
        "FailedCreate",
        "Internal error occurred: etcdserver: request timed out",
    ),
    (
        "FailedCreate",
        "pods \"a\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=3",
    ),
    (
        "FailedCreate",
        "pods \"a\" is forbidden: error looking up service account x/default: serviceaccount \"default\" not found",
    ),
    (
        "FailedCreate",
        "Internal error occurred: failed calling webhook \"w.example.com\": failed to call webhook: context deadline exceeded",
    ),
    (
        "FailedMount",
        "MountVolume.SetUp failed for volume \"certificates\" : secret \"demo0-daemon\" not found",
    ),
    (
        "FailedAttachVolume",
        "Multi-Attach error for volume \"pvc-1\"",
    ),
    ("CreateContainerConfigError", "configmap \"x\" not found"),
    ("CreateContainerError", "context deadline exceeded"),
    ("FailedCreatePodSandBox", "failed to set up pod network"),
    (
        "ProvisioningFailed",
        "failed to provision volume: rpc error",
    ),
    ("Evicted", "The node was low on resource: memory."),
    ("Unhealthy", "Startup probe failed: error"),
];

/// and those that end the wait.
const HOPELESS: &[(&str, &str)] = &[
    ("InvalidImageName", "couldn't parse image name \"A b\""),
    (
        "ErrImageNeverPull",
        "Container image \"x\" is not present with pull policy of Never",
    ),
    ("ErrImagePull", "x: not found"),
    ("ErrImagePull", "lookup registry.invalid: no such host"),
    (
        "CrashLoopBackOff",
        "container buildkitd ended with exit code 1",
    ),
    ("OOMKilled", ""),
    (
        "CreateContainerConfigError",
        "container has runAsNonRoot and image will run as root",
    ),
    (
        "RunContainerError",
        "exec: \"no\": executable file not found in $PATH",
    ),
    (
        "FailedCreate",
        "pods \"a\" is forbidden: exceeded quota: q, requested: requests.cpu=2, used: requests.cpu=0, limited: requests.cpu=1500m",
    ),
    (
        "FailedCreate",
        "pods \"a\" is forbidden: violates PodSecurity \"baseline:latest\": privileged",
    ),
    (
        "FailedCreate",
        "Pod \"a\" is invalid: spec.containers[0].image: Required value",
    ),
    (
        "FailedBinding",
        "no persistent volumes available for this claim and no storage class is set",
    ),
];

#[test]
fn what_time_heals() {
    for (reason, message) in HEALING {
        assert!(of(reason, message).may_heal(), "{reason}: {message}");
    }
    for (reason, message) in HOPELESS {
        assert!(!of(reason, message).may_heal(), "{reason}: {message}");
    }
}

#[test]
fn why_an_image_cannot_be_pulled() {
    for (message, expected) in [
        (
            "rpc error: code = NotFound desc = failed to pull and unpack image \"r/none:1\": failed to resolve reference \"r/none:1\": r/none:1: not found",
            Problem::ImageMissing,
        ),
        (
            "failed to resolve reference \"docker.io/library/no:1\": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
            Problem::ImageDenied,
        ),
        (
            "failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized",
            Problem::ImageDenied,
        ),
        (
            "no match for platform in manifest: not found",
            Problem::ImagePlatform,
        ),
        (
            "dial tcp: lookup registry.invalid on 10.0.0.10:53: no such host",
            Problem::RegistryName,
        ),
        (
            "tls: failed to verify certificate: x509: certificate signed by unknown authority",
            Problem::RegistryTrust,
        ),
        (
            "http: server gave HTTP response to HTTPS client",
            Problem::RegistryTrust,
        ),
        (
            "dial tcp 127.0.0.1:1: connect: connection refused",
            Problem::ImagePull,
        ),
    ] {
        assert_eq!(of("ErrImagePull", message), expected, "{message}");
    }
}

#[test]
fn why_no_pod_is_made() {
    let name = |name: &str| name.to_owned();
    for (message, expected) in [
        (
            "exceeded quota: q, requested: cpu=100m,pods=1, used: cpu=0,pods=1, limited: cpu=1,pods=1",
            Problem::QuotaUsed(name("q")),
        ),
        (
            "exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0",
            Problem::QuotaSmall(name("q")),
        ),
        (
            "failed quota: q: must specify limits.cpu for: buildkitd; requests.memory for: buildkitd",
            Problem::QuotaDemands(name("q"), vec![name("limits.cpu"), name("requests.memory")]),
        ),
        (
            "[maximum cpu usage per Container is 100m, but limit is 1, maximum cpu usage per Pod is 1]",
            Problem::LimitRange,
        ),
        (
            "violates PodSecurity \"restricted:v1.30\": privileged (container \"buildkitd\" …)",
            Problem::PodSecurity(name("restricted")),
        ),
        (
            "error looking up service account x/ci: serviceaccount \"ci\" not found",
            Problem::ServiceAccount(name("ci")),
        ),
        (
            "no PriorityClass with name low was found",
            Problem::PriorityClass(name("low")),
        ),
        (
            "pod rejected: RuntimeClass \"gvisor\" not found",
            Problem::RuntimeClass(name("gvisor")),
        ),
        (
            "admission webhook \"p.example.com\" denied the request: no",
            Problem::Denied(name("p.example.com")),
        ),
        (
            "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
            Problem::Denied(name("p")),
        ),
        (
            "unable to create new content in namespace x because it is being terminated",
            Problem::NamespaceEnds,
        ),
        ("something new", Problem::Refused),
    ] {
        let message = format!("pods \"demo0-1\" is forbidden: {message}");
        assert_eq!(of("FailedCreate", &message), expected, "{message}");
    }
}

#[test]
fn what_a_pod_lacks_on_its_node() {
    let name = |name: &str| name.to_owned();
    for (reason, message, expected) in [
        (
            "FailedMount",
            "MountVolume.SetUp failed for volume \"a\" : configmap \"c\" not found",
            Problem::Missing("configmap", name("c")),
        ),
        (
            "FailedMount",
            "MountVolume.SetUp failed for volume \"a\" : timeout",
            Problem::Mount,
        ),
        (
            "FailedCreatePodSandBox",
            "Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does not support user namespaces",
            Problem::UserNamespaces,
        ),
        (
            "FailedCreatePodSandBox",
            "failed to get sandbox runtime: no runtime for \"gvisor\" is configured",
            Problem::RuntimeHandler(name("gvisor")),
        ),
        (
            "ProvisioningFailed",
            "storageclass.storage.k8s.io \"fast\" not found",
            Problem::StorageClass(name("fast")),
        ),
        (
            "CrashLoopBackOff",
            "exec: \"--addr\": executable file not found in $PATH",
            Problem::NotADaemon,
        ),
        (
            "FailedCreatePodSandBox",
            "container init was OOM-killed (memory limit too low?): unknown",
            Problem::OutOfMemory,
        ),
    ] {
        assert_eq!(of(reason, message), expected, "{message}");
    }
}
