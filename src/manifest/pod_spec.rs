//! The spec of a node's pods.

use k8s_openapi::api::core::v1::{
    AppArmorProfile, Container, EmptyDirVolumeSource, ExecAction, PodSpec, Probe, SeccompProfile,
    SecretVolumeSource, SecurityContext, TopologySpreadConstraint, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use crate::model::Quantity;
use crate::plan::{CONFIG_FOLDER, Mode, NodePlan, Storage};

use super::affinity::affinity;
use super::arguments::{CERTIFICATES, arguments, socket};
use super::config::config_secret_name;
use super::labels::pod_selector;
use super::pod_options::{
    emulators, quantity, reference, resources, some_list, some_map, toleration, variable,
};
use super::secret::daemon_secret_name;
use super::volume::{ROOTLESS_USER, STATE, pod_security, preparation, state_mount};

/// The container of the daemon.
pub const CONTAINER: &str = "buildkitd";
/// The container that installs emulators.
pub(super) const EMULATORS: &str = "qemu";

const CERTIFICATES_VOLUME: &str = "certificates";
/// The volume with the daemon's configuration.
pub(super) const CONFIG_VOLUME: &str = "config";
/// How long a build may go on after its pod was told to go; the daemon ends when it is idle.
const GRACE_SECONDS: i64 = 600;

/// The spec of a node's pods.
pub(super) fn pod_spec(plan: &NodePlan) -> PodSpec {
    let pod = &plan.pod;
    PodSpec {
        containers: vec![container(plan)],
        volumes: Some(volumes(plan)),
        // A RUN step could read the token, and Services' environment would be in every step's way.
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        termination_grace_period_seconds: Some(GRACE_SECONDS),
        init_containers: some_list(
            plan.qemu
                .as_deref()
                .map(|image| emulators(EMULATORS, image, pod))
                .into_iter()
                .chain(preparation(plan)),
        ),
        security_context: pod_security(plan),
        host_users: (plan.mode == Mode::UserNamespace).then_some(false),
        affinity: affinity(&pod.affinity),
        topology_spread_constraints: pod.spread.as_ref().map(|key| vec![spread(plan, key)]),
        node_selector: some_map(&pod.node_selector),
        tolerations: some_list(pod.tolerations.iter().map(toleration)),
        service_account_name: pod.service_account.clone(),
        scheduler_name: pod.scheduler_name.clone(),
        image_pull_secrets: some_list(pod.image_pull_secrets.iter().map(|name| reference(name))),
        priority_class_name: pod.priority_class.clone(),
        runtime_class_name: pod.runtime_class.clone(),
        ..PodSpec::default()
    }
}

/// Pods of a node rather run apart; where they cannot, they run all the same.
fn spread(plan: &NodePlan, key: &str) -> TopologySpreadConstraint {
    TopologySpreadConstraint {
        max_skew: 1,
        topology_key: key.to_owned(),
        when_unsatisfiable: "ScheduleAnyway".to_owned(),
        label_selector: Some(LabelSelector {
            match_labels: Some(pod_selector(&plan.name)),
            ..LabelSelector::default()
        }),
        ..TopologySpreadConstraint::default()
    }
}

fn volumes(plan: &NodePlan) -> Vec<Volume> {
    let secret = |volume: &str, secret: String| Volume {
        name: volume.to_owned(),
        secret: Some(SecretVolumeSource {
            secret_name: Some(secret),
            default_mode: Some(key_mode(plan.mode)),
            ..SecretVolumeSource::default()
        }),
        ..Volume::default()
    };
    let mut volumes = vec![secret(CERTIFICATES_VOLUME, daemon_secret_name(&plan.name))];
    if plan.daemon.config.is_some() {
        volumes.push(secret(CONFIG_VOLUME, config_secret_name(&plan.name)));
    }
    let state = |medium: Option<&str>, size: Option<&Quantity>| Volume {
        name: STATE.to_owned(),
        empty_dir: Some(EmptyDirVolumeSource {
            medium: medium.map(str::to_owned),
            size_limit: size.map(quantity),
        }),
        ..Volume::default()
    };
    match &plan.storage {
        Storage::Disk => volumes.push(state(None, None)),
        Storage::Memory(size) => volumes.push(state(Some("Memory"), Some(size))),
        // A claim of each pod's own has its volume's name.
        Storage::Volume { .. } => {}
    }
    volumes
}

/// Only its owner reads the key. Rootless that is root but the daemon is not: there everybody in
/// the pod reads it, and everybody is user 1000. An `fsGroup` would be tighter, but it makes an
/// `emptyDir` setgid, which every folder of every image would inherit.
const fn key_mode(mode: Mode) -> i32 {
    match mode {
        Mode::Privileged | Mode::UserNamespace => 0o400,
        Mode::Rootless => 0o444,
    }
}

fn mounts(plan: &NodePlan) -> Vec<VolumeMount> {
    let mount = |name: &str, path: &str| VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        read_only: Some(true),
        ..VolumeMount::default()
    };
    let mut mounts = vec![mount(CERTIFICATES_VOLUME, CERTIFICATES), state_mount(plan)];
    // Each by itself: a folder would change under builds that go on after an update, and the daemon
    // reads certificates again and again.
    let config = plan.daemon.config.as_ref();
    for file in config.into_iter().flat_map(|config| config.files().keys()) {
        mounts.push(VolumeMount {
            sub_path: Some(file.clone()),
            ..mount(CONFIG_VOLUME, &format!("{CONFIG_FOLDER}/{file}"))
        });
    }
    mounts
}

fn container(plan: &NodePlan) -> Container {
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
        args: Some(arguments(plan)),
        env: some_list(plan.pod.env.iter().map(variable)),
        resources: resources(&plan.pod),
        security_context: Some(security(plan.mode)),
        startup_probe: Some(startup),
        readiness_probe: Some(readiness),
        volume_mounts: Some(mounts(plan)),
        ..Container::default()
    }
}

fn security(mode: Mode) -> SecurityContext {
    match mode {
        Mode::Privileged | Mode::UserNamespace => SecurityContext {
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
