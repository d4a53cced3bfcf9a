//! A node's Deployment.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec};
use k8s_openapi::api::core::v1::{
    AppArmorProfile, Container, EmptyDirVolumeSource, ExecAction, PodSpec, PodTemplateSpec, Probe,
    SeccompProfile, SecretVolumeSource, SecurityContext, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::api::ObjectMeta;
use ring::digest::{Context, SHA256};

use crate::plan::{Create, Mode};

use super::labels::{labels, pod_selector};
use super::secret::{AUTHORITY_FILE, CERTIFICATE_FILE, Identity, KEY_FILE, daemon_secret_name};

/// The container of the daemon.
pub(super) const CONTAINER: &str = "buildkitd";
/// The port on the pod's loopback.
pub(super) const PORT: u16 = 1234;
/// Beginning of the argument that opens it.
pub(super) const TCP: &str = "tcp://127.0.0.1:";
/// The name in the daemon's certificate.
pub const SERVER_NAME: &str = "buildkitd";
/// Annotation with the platforms that the user declared.
pub(super) const PLATFORMS: &str = "buildkit.kubectl/platforms";
/// Annotation of the pods with a checksum of the daemon's certificates: new ones roll the pods, as
/// the daemon reads them only once.
pub const CHECKSUM: &str = "buildkit.kubectl/certificates";

/// Where the Secret is mounted: not below /etc/buildkit, where that would hide files of the image.
const CERTIFICATES: &str = "/certs";
/// How long a build may go on after its pod was told to go; the daemon ends when it is idle.
const GRACE_SECONDS: i64 = 600;
const ROOTLESS_USER: i64 = 1000;

/// The Deployment of a node.
pub fn deployment(plan: &Create, daemon: &Identity) -> Deployment {
    let labels = labels(&plan.builder, &plan.node);
    // Not on the pods: other platforms are no reason to roll them.
    let annotations = platform_annotation(plan);
    let pod_annotations = BTreeMap::from([(CHECKSUM.to_owned(), checksum(daemon))]);
    Deployment {
        metadata: ObjectMeta {
            name: Some(plan.node.to_string()),
            labels: Some(labels.clone()),
            annotations,
            ..ObjectMeta::default()
        },
        spec: Some(DeploymentSpec {
            replicas: Some(plan.replicas),
            selector: LabelSelector {
                match_labels: Some(pod_selector(&plan.node)),
                ..LabelSelector::default()
            },
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(labels),
                    annotations: Some(pod_annotations),
                    ..ObjectMeta::default()
                }),
                spec: Some(pod(plan)),
            },
            ..DeploymentSpec::default()
        }),
        ..Deployment::default()
    }
}

fn platform_annotation(plan: &Create) -> Option<BTreeMap<String, String>> {
    if plan.platforms.is_empty() {
        return None;
    }
    let platforms: Vec<String> = plan.platforms.iter().map(ToString::to_string).collect();
    Some([(PLATFORMS.to_owned(), platforms.join(","))].into())
}

/// Of the certificates, not of the key: they are always made together.
fn checksum(daemon: &Identity) -> String {
    let mut context = Context::new(&SHA256);
    context.update(&daemon.authority);
    context.update(&daemon.certificate);
    context
        .finish()
        .as_ref()
        .iter()
        .take(16)
        .fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

fn pod(plan: &Create) -> PodSpec {
    PodSpec {
        containers: vec![container(plan)],
        volumes: Some(vec![
            Volume {
                name: "certificates".to_owned(),
                secret: Some(SecretVolumeSource {
                    secret_name: Some(daemon_secret_name(&plan.node)),
                    default_mode: Some(key_mode(plan.mode)),
                    ..SecretVolumeSource::default()
                }),
                ..Volume::default()
            },
            Volume {
                name: "state".to_owned(),
                empty_dir: Some(EmptyDirVolumeSource::default()),
                ..Volume::default()
            },
        ]),
        // A RUN step could read the token, and Services' environment would be in every step's way.
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        termination_grace_period_seconds: Some(GRACE_SECONDS),
        ..PodSpec::default()
    }
}

/// Only its owner reads the key. Rootless that is root but the daemon is not: there everybody in
/// the pod reads it, and everybody is user 1000. An `fsGroup` would be tighter, but it makes the
/// state's folder setgid, which every folder of every image would inherit.
const fn key_mode(mode: Mode) -> i32 {
    match mode {
        Mode::Privileged => 0o400,
        Mode::Rootless => 0o444,
    }
}

fn socket(mode: Mode) -> &'static str {
    match mode {
        Mode::Privileged => "unix:///run/buildkit/buildkitd.sock",
        Mode::Rootless => "unix:///run/user/1000/buildkit/buildkitd.sock",
    }
}

fn state_folder(mode: Mode) -> &'static str {
    match mode {
        Mode::Privileged => "/var/lib/buildkit",
        Mode::Rootless => "/home/user/.local/share/buildkit",
    }
}

fn container(plan: &Create) -> Container {
    let mount = |name: &str, path: &str, read_only| VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        read_only,
        ..VolumeMount::default()
    };
    // Nothing else gets ready before the daemon answers, so it is asked often until it does. Under
    // load it may answer late: that must neither end it nor, soon, take it out of service.
    let startup = Probe {
        period_seconds: Some(1),
        timeout_seconds: Some(10),
        failure_threshold: Some(300),
        ..probe(plan.mode)
    };
    let readiness = Probe {
        period_seconds: Some(30),
        timeout_seconds: Some(60),
        failure_threshold: Some(3),
        ..probe(plan.mode)
    };
    Container {
        name: CONTAINER.to_owned(),
        image: Some(plan.image.clone()),
        args: Some(arguments(plan.mode)),
        security_context: Some(security(plan.mode)),
        startup_probe: Some(startup),
        readiness_probe: Some(readiness),
        volume_mounts: Some(vec![
            mount("certificates", CERTIFICATES, Some(true)),
            mount("state", state_folder(plan.mode), None),
        ]),
        ..Container::default()
    }
}

fn arguments(mode: Mode) -> Vec<String> {
    let mut arguments = vec![
        "--addr".to_owned(),
        socket(mode).to_owned(),
        "--addr".to_owned(),
        format!("{TCP}{PORT}"),
        "--tlscacert".to_owned(),
        format!("{CERTIFICATES}/{AUTHORITY_FILE}"),
        "--tlscert".to_owned(),
        format!("{CERTIFICATES}/{CERTIFICATE_FILE}"),
        "--tlskey".to_owned(),
        format!("{CERTIFICATES}/{KEY_FILE}"),
        // As buildx: `RUN --network=host` means the pod's network.
        "--allow-insecure-entitlement=network.host".to_owned(),
    ];
    if mode == Mode::Rootless {
        // A pod without privileges cannot mount another /proc.
        arguments.push("--oci-worker-no-process-sandbox".to_owned());
    }
    arguments
}

fn security(mode: Mode) -> SecurityContext {
    match mode {
        Mode::Privileged => SecurityContext {
            privileged: Some(true),
            ..SecurityContext::default()
        },
        Mode::Rootless => SecurityContext {
            run_as_user: Some(ROOTLESS_USER),
            run_as_group: Some(ROOTLESS_USER),
            seccomp_profile: Some(SeccompProfile {
                type_: "Unconfined".to_owned(),
                ..SeccompProfile::default()
            }),
            app_armor_profile: Some(AppArmorProfile {
                type_: "Unconfined".to_owned(),
                ..AppArmorProfile::default()
            }),
            ..SecurityContext::default()
        },
    }
}

fn probe(mode: Mode) -> Probe {
    let command = ["buildctl", "--addr", socket(mode), "debug", "workers"];
    Probe {
        exec: Some(ExecAction {
            command: Some(command.map(str::to_owned).to_vec()),
        }),
        ..Probe::default()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::secret::{Credentials, secrets};
    use super::*;

    fn identity(who: &str) -> Identity {
        Identity {
            authority: b"authority".to_vec(),
            certificate: format!("certificate of the {who}").into_bytes(),
            key: format!("key of the {who}").into_bytes(),
        }
    }

    fn plan(mode: Mode) -> Create {
        let mut plan = Create::by_default(None, Duration::ZERO).unwrap();
        plan.mode = mode;
        plan
    }

    #[test]
    fn privileged() {
        let deployment = deployment(&plan(Mode::Privileged), &identity("daemon"));
        insta::assert_snapshot!(serde_saphyr::to_string(&deployment).unwrap());
    }

    #[test]
    fn rootless_for_platforms() {
        let mut plan = plan(Mode::Rootless);
        plan.platforms = vec!["linux/amd64".parse().unwrap(), "arm64".parse().unwrap()];
        plan.replicas = 3;
        let deployment = deployment(&plan, &identity("daemon"));
        insta::assert_snapshot!(serde_saphyr::to_string(&deployment).unwrap());
    }

    #[test]
    fn secrets_of_both_sides() {
        let credentials = Credentials {
            daemon: identity("daemon"),
            client: identity("client"),
        };
        assert!(!format!("{credentials:?}").contains("key"));
        let secrets = secrets(&plan(Mode::Privileged), &credentials);
        insta::assert_snapshot!(
            secrets
                .map(|secret| serde_saphyr::to_string(&secret).unwrap())
                .join("---\n")
        );
        for (secret, identity) in secrets_of(&credentials) {
            assert_eq!(super::super::secret::credentials(secret).unwrap(), identity);
        }
    }

    fn secrets_of(
        credentials: &Credentials,
    ) -> [(k8s_openapi::api::core::v1::Secret, Identity); 2] {
        let [daemon, client] = secrets(&plan(Mode::Privileged), credentials);
        [
            (daemon, credentials.daemon.clone()),
            (client, credentials.client.clone()),
        ]
    }

    #[test]
    fn new_certificates_change_the_pods() {
        let plan = plan(Mode::Privileged);
        assert_ne!(
            deployment(&plan, &identity("daemon")),
            deployment(&plan, &identity("other"))
        );
    }
}
