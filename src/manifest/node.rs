//! A node's Deployment or StatefulSet.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, StatefulSet, StatefulSetSpec};
use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimSpec, PodTemplateSpec, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::api::ObjectMeta;
use ring::digest::{Context, SHA256};

use crate::model::{LoadBalance, Quantity};
use crate::plan::{NodePlan, Storage};

use super::labels::{CHECKSUM, LOAD_BALANCE, PLATFORMS, TIMEOUT, labels, pod_selector};
use super::pod_options::quantity;
use super::pod_spec::{STATE, pod_spec};
use super::secret::Identity;
use super::workload::Workload;

/// What runs the pods of a node, whose daemons have the identity `daemon`.
pub fn workload(plan: &NodePlan, daemon: &Identity) -> Workload {
    // Ours come last: users cannot replace them.
    let mut labels_of_all = plan.pod.labels.clone();
    labels_of_all.extend(labels(&plan.builder, &plan.name));
    let mut pod_annotations = plan.pod.annotations.clone();
    pod_annotations.insert(CHECKSUM.to_owned(), checksum(daemon));
    let metadata = ObjectMeta {
        name: Some(plan.name.to_string()),
        labels: Some(labels_of_all.clone()),
        annotations: annotations(plan),
        ..ObjectMeta::default()
    };
    let selector = LabelSelector {
        match_labels: Some(pod_selector(&plan.name)),
        ..LabelSelector::default()
    };
    let template = PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(labels_of_all),
            annotations: Some(pod_annotations),
            ..ObjectMeta::default()
        }),
        spec: Some(pod_spec(plan)),
    };
    match &plan.storage {
        Storage::Disk | Storage::Memory(_) => Workload::from(Deployment {
            metadata,
            spec: Some(DeploymentSpec {
                replicas: Some(plan.replicas),
                selector,
                template,
                ..DeploymentSpec::default()
            }),
            ..Deployment::default()
        }),
        Storage::Volume { size, class } => Workload::from(StatefulSet {
            metadata,
            spec: Some(StatefulSetSpec {
                replicas: Some(plan.replicas),
                selector,
                template,
                // Builders need no order: all come and go at once.
                pod_management_policy: Some("Parallel".to_owned()),
                volume_claim_templates: Some(vec![claim(plan, size, class.as_ref())]),
                ..StatefulSetSpec::default()
            }),
            ..StatefulSet::default()
        }),
    }
}

/// The claim of each pod. Its labels are ours alone: they can never change.
fn claim(plan: &NodePlan, size: &Quantity, class: Option<&String>) -> PersistentVolumeClaim {
    PersistentVolumeClaim {
        metadata: ObjectMeta {
            name: Some(STATE.to_owned()),
            labels: Some(labels(&plan.builder, &plan.name)),
            ..ObjectMeta::default()
        },
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
            storage_class_name: class.cloned(),
            resources: Some(VolumeResourceRequirements {
                requests: Some(BTreeMap::from([("storage".to_owned(), quantity(size))])),
                ..VolumeResourceRequirements::default()
            }),
            ..PersistentVolumeClaimSpec::default()
        }),
        ..PersistentVolumeClaim::default()
    }
}

/// The user's, and what only clients need to know: on the pods that would be a reason to roll them.
fn annotations(plan: &NodePlan) -> Option<BTreeMap<String, String>> {
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

/// Of the authority alone: every pair of certificates has a new one.
fn checksum(daemon: &Identity) -> String {
    let mut context = Context::new(&SHA256);
    context.update(&daemon.authority);
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
    use crate::plan::{Create, Mode};

    fn identity(who: &str) -> Identity {
        Identity {
            authority: format!("authority of the {who}").into_bytes(),
            certificate: format!("certificate of the {who}").into_bytes(),
            key: format!("key of the {who}").into_bytes(),
        }
    }

    fn plan(mode: Mode) -> NodePlan {
        let mut plan = Create::by_default(None, Duration::ZERO).unwrap().node;
        plan.mode = mode;
        plan
    }

    fn yaml(plan: &NodePlan) -> String {
        match workload(plan, &identity("daemon")) {
            Workload::Deployment(deployment) => serde_saphyr::to_string(&deployment),
            Workload::StatefulSet(set) => serde_saphyr::to_string(&set),
        }
        .unwrap()
    }

    #[test]
    fn with_volumes() {
        let mut plan = plan(Mode::Rootless);
        plan.storage = Storage::Volume {
            size: "20Gi".parse().unwrap(),
            class: Some("fast".to_owned()),
        };
        insta::assert_snapshot!(yaml(&plan));
    }

    #[test]
    fn privileged() {
        insta::assert_snapshot!(yaml(&plan(Mode::Privileged)));
    }

    #[test]
    fn rootless_for_platforms() {
        let mut plan = plan(Mode::Rootless);
        plan.platforms = vec!["linux/amd64".parse().unwrap(), "arm64".parse().unwrap()];
        plan.replicas = 3;
        insta::assert_snapshot!(yaml(&plan));
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
            workload(&plan, &identity("daemon")),
            workload(&plan, &identity("other"))
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
        insta::assert_snapshot!(yaml(&Create::new(&args).unwrap().node));
    }
}
