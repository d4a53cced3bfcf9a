//! A node's Deployment.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::api::ObjectMeta;
use ring::digest::{Context, SHA256};

use crate::model::LoadBalance;
use crate::plan::Create;

use super::labels::{CHECKSUM, LOAD_BALANCE, PLATFORMS, TIMEOUT, labels, pod_selector};
use super::pod_spec::pod_spec;
use super::secret::Identity;

/// The Deployment of a node.
pub fn deployment(plan: &Create, daemon: &Identity) -> Deployment {
    // Ours come last: users cannot replace them.
    let mut labels_of_all = plan.pod.labels.clone();
    labels_of_all.extend(labels(&plan.builder, &plan.node));
    let mut pod_annotations = plan.pod.annotations.clone();
    pod_annotations.insert(CHECKSUM.to_owned(), checksum(daemon));
    Deployment {
        metadata: ObjectMeta {
            name: Some(plan.node.to_string()),
            labels: Some(labels_of_all.clone()),
            annotations: annotations(plan),
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
                    labels: Some(labels_of_all),
                    annotations: Some(pod_annotations),
                    ..ObjectMeta::default()
                }),
                spec: Some(pod_spec(plan)),
            },
            ..DeploymentSpec::default()
        }),
        ..Deployment::default()
    }
}

/// The user's, and what only clients need to know: on the pods that would be a reason to roll them.
fn annotations(plan: &Create) -> Option<BTreeMap<String, String>> {
    let mut annotations = plan.pod.annotations.clone();
    if !plan.platforms.is_empty() {
        let platforms: Vec<String> = plan.platforms.iter().map(ToString::to_string).collect();
        annotations.insert(PLATFORMS.to_owned(), platforms.join(","));
    }
    if plan.load_balance != LoadBalance::default() {
        let how = plan.load_balance.as_str();
        annotations.insert(LOAD_BALANCE.to_owned(), how.to_owned());
    }
    if let Some(timeout) = plan.timeout {
        let seconds = timeout.as_secs_f64().to_string();
        annotations.insert(TIMEOUT.to_owned(), seconds);
    }
    Some(annotations).filter(|annotations| !annotations.is_empty())
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::Parser as _;

    use super::super::secret::{Credentials, secrets};
    use super::*;
    use crate::cli::{Cli, Command};
    use crate::plan::Mode;

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

    const ALL_FLAGS: &str = "--replicas 2 --requests cpu=500m,memory=1Gi \
        --requests ephemeral-storage=1Gi --limits memory=2Gi,ephemeral-storage=4Gi \
        --node-selector disktype=ssd,gpu --toleration dedicated=builds:noschedule \
        --toleration spot --label team=a,tier=ci --annotation example.com/note=a=b,c \
        --env NO_PROXY=localhost,10.0.0.0/8 --env A= --service-account builder \
        --scheduler-name other --image-pull-secret one,two --priority-class low \
        --runtime-class gvisor --qemu --memory-cache 8Gi --loadbalance random --timeout 5m";

    #[test]
    fn all_options() {
        let line = format!("kubectl-buildkit create {ALL_FLAGS}");
        let Command::Create(args) = Cli::parse_from(line.split_whitespace()).command else {
            panic!("{line}");
        };
        let deployment = deployment(&Create::new(&args).unwrap(), &identity("daemon"));
        insta::assert_snapshot!(serde_saphyr::to_string(&deployment).unwrap());
    }
}
