//! From a workload back to how its pods are made.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Container, PersistentVolumeClaim, PodSpec, Toleration as KubernetesToleration, Volume,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::model::{DaemonMode, Effect, NodeSettings, NodeStorage, Operator, Toleration};

use super::workload::Workload;

/// Where the images of BuildKit keep their state.
const STATE_FOLDERS: [&str; 2] = ["/var/lib/buildkit", "/home/user/.local/share/buildkit"];
/// The argument without which a daemon that is no root cannot work in a pod.
const NO_SANDBOX: &str = "--oci-worker-no-process-sandbox";

/// How the pods of a workload, whose daemon is `daemon`, are made.
pub(super) fn settings(workload: &Workload, daemon: Option<&Container>) -> NodeSettings {
    let spec = workload.template().and_then(|t| t.spec.as_ref());
    let (Some(spec), Some(daemon)) = (spec, daemon) else {
        return NodeSettings::default();
    };
    let resources = daemon.resources.as_ref();
    let tolerations = spec.tolerations.as_deref().unwrap_or_default();
    NodeSettings {
        mode: mode(spec, daemon),
        arguments: daemon.args.clone().unwrap_or_default(),
        requests: amounts(resources.and_then(|r| r.requests.as_ref())),
        limits: amounts(resources.and_then(|r| r.limits.as_ref())),
        node_selector: spec.node_selector.clone().unwrap_or_default(),
        tolerations: tolerations.iter().map(toleration).collect(),
        storage: storage(workload, spec, daemon),
        emulators: emulators(spec),
        service_account: spec.service_account_name.clone(),
        scheduler: spec
            .scheduler_name
            .clone()
            .filter(|name| name != "default-scheduler"),
    }
}

fn mode(spec: &PodSpec, daemon: &Container) -> DaemonMode {
    let security = daemon.security_context.as_ref();
    let privileged = security.and_then(|s| s.privileged) == Some(true);
    let arguments = daemon.args.as_deref().unwrap_or_default();
    match (privileged, spec.host_users) {
        (true, Some(false)) => DaemonMode::UserNamespace,
        (true, _) => DaemonMode::Privileged,
        _ if arguments.iter().any(|argument| argument == NO_SANDBOX) => DaemonMode::Rootless,
        _ => DaemonMode::Other,
    }
}

fn amounts(amounts: Option<&BTreeMap<String, Quantity>>) -> BTreeMap<String, String> {
    let amounts = amounts.into_iter().flatten();
    amounts
        .map(|(what, amount)| (what.clone(), amount.0.clone()))
        .collect()
}

/// Kubernetes checked it: what is not one word is the other.
fn toleration(toleration: &KubernetesToleration) -> Toleration {
    let effects = [
        Effect::NoSchedule,
        Effect::PreferNoSchedule,
        Effect::NoExecute,
    ];
    let word = toleration.effect.as_deref();
    Toleration {
        key: toleration.key.clone(),
        operator: match toleration.operator.as_deref() {
            Some("Exists") => Operator::Exists,
            _ => Operator::Equal,
        },
        value: toleration.value.clone(),
        effect: effects.into_iter().find(|e| Some(e.as_str()) == word),
        seconds: toleration.toleration_seconds,
    }
}

/// What is mounted where BuildKit keeps its state.
fn storage(workload: &Workload, spec: &PodSpec, daemon: &Container) -> NodeStorage {
    let mounts = daemon.volume_mounts.as_deref().unwrap_or_default();
    let mount = mounts
        .iter()
        .find(|mount| STATE_FOLDERS.contains(&mount.mount_path.as_str()));
    let Some(mount) = mount else {
        return NodeStorage::Disk;
    };
    let claims = match workload {
        Workload::StatefulSet(set) => set
            .spec
            .as_ref()
            .and_then(|spec| spec.volume_claim_templates.as_deref()),
        Workload::Deployment(_) => None,
    };
    let mut claims = claims.unwrap_or_default().iter();
    if let Some(claim) = claims.find(|claim| claim.metadata.name.as_ref() == Some(&mount.name)) {
        return volume(claim);
    }
    let volumes = spec.volumes.as_deref().unwrap_or_default();
    let volume = volumes.iter().find(|volume| volume.name == mount.name);
    volume.and_then(memory).unwrap_or_default()
}

fn volume(claim: &PersistentVolumeClaim) -> NodeStorage {
    let spec = claim.spec.as_ref();
    let resources = spec.and_then(|spec| spec.resources.as_ref());
    let sizes = amounts(resources.and_then(|resources| resources.requests.as_ref()));
    NodeStorage::Volume {
        size: sizes.get("storage").cloned().unwrap_or_default(),
        class: spec.and_then(|spec| spec.storage_class_name.clone()),
    }
}

fn memory(volume: &Volume) -> Option<NodeStorage> {
    let folder = volume.empty_dir.as_ref()?;
    let size = folder.size_limit.as_ref().map(|size| size.0.clone());
    (folder.medium.as_deref() == Some("Memory")).then_some(NodeStorage::Memory(size))
}

/// The container that installs emulators has the same name here and in buildx.
fn emulators(spec: &PodSpec) -> Option<String> {
    let containers = spec.init_containers.as_deref()?;
    let qemu = containers
        .iter()
        .find(|c| c.name == super::pod_options::EMULATORS)?;
    qemu.image.clone()
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::read::tests::read_back;
    use super::*;
    use crate::cli::{Cli, Command};
    use crate::plan::Create;

    /// How a node is made that was created with these words.
    fn settings(words: &str) -> NodeSettings {
        let line = format!("kubectl-buildkit create {words}");
        let Command::Create(args) = Cli::parse_from(line.split_whitespace()).command else {
            panic!("{line}");
        };
        read_back(&Create::new(&args).unwrap().node).settings
    }

    #[test]
    fn what_was_asked_for_is_read_back() {
        let settings = settings(
            "--rootless --requests cpu=1 --limits memory=2Gi --node-selector disktype=ssd \
             --toleration dedicated=builds:NoSchedule --toleration spot --qemu \
             --service-account builder --scheduler-name other --memory-cache 1Gi",
        );
        assert_eq!(settings.mode, DaemonMode::Rootless);
        assert!(settings.arguments.iter().any(|a| a == NO_SANDBOX));
        assert_eq!(settings.requests["cpu"], "1");
        assert_eq!(settings.limits["memory"], "2Gi");
        assert_eq!(settings.node_selector["disktype"], "ssd");
        let tolerations: Vec<String> = settings
            .tolerations
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(tolerations, ["dedicated=builds:NoSchedule", "spot"]);
        assert_eq!(
            settings.emulators.as_deref(),
            Some("tonistiigi/binfmt:latest")
        );
        assert_eq!(settings.service_account.as_deref(), Some("builder"));
        assert_eq!(settings.scheduler.as_deref(), Some("other"));
        assert_eq!(settings.storage, NodeStorage::Memory(Some("1Gi".into())));
    }

    #[test]
    fn where_the_cache_is() {
        assert_eq!(settings("").storage, NodeStorage::Disk);
        assert_eq!(settings("").mode, DaemonMode::Privileged);
        assert_eq!(
            settings("--storage 5Gi --storage-class fast").storage,
            NodeStorage::Volume {
                size: "5Gi".into(),
                class: Some("fast".into())
            }
        );
        assert_eq!(
            settings("--storage 5Gi --rootless").storage.to_string(),
            "volume, 5Gi"
        );
    }
}
