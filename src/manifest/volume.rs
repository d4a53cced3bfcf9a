//! Volumes that outlive their pods, and how a daemon without privileges comes to write to one.
//!
//! A new volume is root's. Kubernetes hands it to the group of an `fsGroup`, but does so with the
//! setgid bit, which every folder of every image would inherit if the daemon worked there. So a
//! container of the daemon's own user makes a folder in it that has no such bit, and only that one
//! is mounted.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Capabilities, Container, PersistentVolumeClaim, PersistentVolumeClaimSpec, PodSecurityContext,
    SecurityContext, VolumeMount, VolumeResourceRequirements,
};
use kube::api::ObjectMeta;

use crate::model::Quantity;
use crate::plan::{Mode, NodePlan, Storage};

use super::labels::labels;
use super::pod_options::{quantity, resources};

/// The user of a daemon without privileges, and its group.
pub(super) const ROOTLESS_USER: i64 = 1000;
/// The volume with the daemon's state.
pub(super) const STATE: &str = "state";

/// The claim of a daemon without privileges. A name of its own: the `fsGroup` would give away the
/// files that a privileged daemon left in a volume which was kept.
const ROOTLESS_CLAIM: &str = "rootless-state";
/// The container that makes the daemon's folder.
const PREPARATION: &str = "prepare-volume";
/// Where it has the whole volume.
const WHOLE_VOLUME: &str = "/volume";
/// The daemon's folder in it.
const FOLDER: &str = "buildkit";

/// Every name that a claim of a node's pods may have.
pub(super) const CLAIMS: [&str; 2] = [STATE, ROOTLESS_CLAIM];

/// Whether the daemon has to be let into its volume.
const fn needs_preparation(plan: &NodePlan) -> bool {
    matches!(
        (plan.mode, &plan.storage),
        (Mode::Rootless, Storage::Volume { .. })
    )
}

/// The name of the volume with the daemon's state: a claim has its volume's name.
fn volume_name(plan: &NodePlan) -> String {
    let name = if needs_preparation(plan) {
        ROOTLESS_CLAIM
    } else {
        STATE
    };
    name.to_owned()
}

/// The claim of each pod. Its labels are ours alone: they can never change.
pub(super) fn claim(
    plan: &NodePlan,
    size: &Quantity,
    class: Option<&String>,
) -> PersistentVolumeClaim {
    PersistentVolumeClaim {
        metadata: ObjectMeta {
            name: Some(volume_name(plan)),
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

/// Where the daemon keeps its state.
pub(super) fn state_mount(plan: &NodePlan) -> VolumeMount {
    VolumeMount {
        name: volume_name(plan),
        mount_path: plan.mode.state_folder().to_owned(),
        sub_path: needs_preparation(plan).then(|| FOLDER.to_owned()),
        ..VolumeMount::default()
    }
}

/// Lets the daemon's group into its volume.
pub(super) fn pod_security(plan: &NodePlan) -> Option<PodSecurityContext> {
    needs_preparation(plan).then(|| PodSecurityContext {
        fs_group: Some(ROOTLESS_USER),
        // Otherwise each start would change group and mode of every file in the cache.
        fs_group_change_policy: Some("OnRootMismatch".to_owned()),
        ..PodSecurityContext::default()
    })
}

/// Makes the daemon's folder, with the daemon's own image, which is on the cluster node anyway.
pub(super) fn preparation(plan: &NodePlan) -> Option<Container> {
    let folder = format!("{WHOLE_VOLUME}/{FOLDER}");
    let problem = format!(
        "user {ROOTLESS_USER} cannot write to the volume, as its driver does not honour fsGroup: \
         use another storage class, or a builder without --rootless"
    );
    let script =
        format!("mkdir -p {folder} && chmod g-s {folder} && exit; echo '{problem}' >&2; exit 1");
    needs_preparation(plan).then(|| Container {
        name: PREPARATION.to_owned(),
        image: Some(plan.image.clone()),
        command: Some(vec!["sh".to_owned(), "-c".to_owned(), script]),
        // A pod asks for the most of its containers, so this costs nothing; a quota may want it.
        resources: resources(&plan.pod),
        security_context: Some(SecurityContext {
            run_as_user: Some(ROOTLESS_USER),
            run_as_group: Some(ROOTLESS_USER),
            allow_privilege_escalation: Some(false),
            capabilities: Some(Capabilities {
                drop: Some(vec!["ALL".to_owned()]),
                ..Capabilities::default()
            }),
            ..SecurityContext::default()
        }),
        volume_mounts: Some(vec![VolumeMount {
            name: volume_name(plan),
            mount_path: WHOLE_VOLUME.to_owned(),
            ..VolumeMount::default()
        }]),
        ..Container::default()
    })
}
