//! From a workload back to the plan that it was made from: what `update` starts with.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Container, PodSpec, ResourceRequirements, Secret, Toleration as KubernetesToleration,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as KubernetesQuantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::api::ObjectMeta;

use crate::model::{BuilderName, NodeName, Quantity, Resource, Toleration, TolerationFields};
use crate::plan::{
    DaemonConfig, DaemonFlags, DaemonOptions, Mode, NodePlan, Patch, PodOptions, Storage, is_ours,
};

use super::Workload;
use super::affinity::requirements;
use super::arguments::listens;
use super::labels::{
    BUILDX_PLATFORMS, DEFAULT_LOAD, INSTANCE, LOAD_BALANCE, PATCHES, TIMEOUT, UNPATCHED,
};
use super::pod_spec::{CONFIG_VOLUME, EMULATORS};
use super::read::{daemon_of, declared, seconds};
use super::volume::{CLAIMS, STATE};

/// What Kubernetes writes where no scheduler is chosen.
const DEFAULT_SCHEDULER: &str = "default-scheduler";

/// The volume in which buildx keeps the cache in memory.
const BUILDX_MEMORY: &str = "buildkit-memory";
/// Where the annotation began that `appArmorProfile` replaced.
const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

/// Whether the node's daemons have a configuration, in a Secret of their own.
pub fn has_config(workload: &Workload) -> bool {
    let spec = workload
        .template()
        .and_then(|template| template.spec.as_ref());
    let volumes = spec
        .and_then(|spec| spec.volumes.as_deref())
        .unwrap_or_default();
    volumes
        .iter()
        .any(|volume| volume.name == CONFIG_VOLUME && volume.secret.is_some())
}

/// The plan of which `workload` is made, as a node of `builder`, with the Secret that holds its
/// daemons' configuration; none if it has no daemon.
///
/// Of what others changed, everything that can be a setting is taken over: an update keeps it.
pub fn plan(
    workload: &Workload,
    config: Option<&Secret>,
    builder: BuilderName,
) -> Option<NodePlan> {
    let config = config.filter(|_| has_config(workload));
    plan_with(workload, config.map(super::config::config), builder)
}

/// The same with a configuration from elsewhere: buildx keeps it in `ConfigMap`s.
pub fn plan_with(
    workload: &Workload,
    config: Option<DaemonConfig>,
    builder: BuilderName,
) -> Option<NodePlan> {
    // buildx's own names are longer than ours.
    let name = NodeName::existing(workload.name()).ok()?;
    let unpatched: Option<PodSpec> = workload
        .annotation(UNPATCHED)
        .and_then(|spec| serde_json::from_str(spec).ok());
    let spec = unpatched.as_ref().or(workload.template()?.spec.as_ref())?;
    let container = daemon_of(spec)?;
    let emulators = spec.init_containers.as_deref().unwrap_or_default();
    let emulators = emulators.iter().find(|c| c.name == EMULATORS);
    let mut plan = NodePlan {
        builder,
        name,
        platforms: declared(workload),
        image: container.image.clone().unwrap_or_default(),
        replicas: workload.replicas(),
        mode: mode(spec, container),
        listen: listens(container.args.as_deref().unwrap_or_default())
            .map(|(listen, _)| listen)
            .unwrap_or_default(),
        storage: storage(workload, spec),
        daemon: DaemonOptions {
            config,
            flags: DaemonFlags::among(container.args.as_deref().unwrap_or_default()),
        },
        pod: pod(workload, spec, container),
        qemu: emulators.and_then(|emulators| emulators.image.clone()),
        load_balance: workload
            .annotation(LOAD_BALANCE)
            .and_then(|how| how.parse().ok())
            .unwrap_or_default(),
        timeout: workload.annotation(TIMEOUT).and_then(seconds),
        default_load: workload.annotation(DEFAULT_LOAD) == Some("true"),
    };
    plan.forget_derived();
    Some(plan)
}

fn mode(spec: &PodSpec, container: &Container) -> Mode {
    let security = container.security_context.as_ref();
    match (
        security.and_then(|security| security.privileged),
        spec.host_users,
    ) {
        (Some(true), Some(false)) => Mode::UserNamespace,
        (Some(true), _) => Mode::Privileged,
        _ => Mode::Rootless,
    }
}

fn storage(workload: &Workload, spec: &PodSpec) -> Storage {
    if let Some((size, class)) = CLAIMS.iter().find_map(|name| workload.claim(name)) {
        return match size.0.parse() {
            Ok(size) => Storage::Volume { size, class },
            Err(_) => Storage::Disk,
        };
    }
    let volumes = spec.volumes.as_deref().unwrap_or_default();
    let state = volumes
        .iter()
        .find(|volume| volume.name == STATE || volume.name == BUILDX_MEMORY);
    let folder = state.and_then(|state| state.empty_dir.as_ref());
    let memory = folder.filter(|folder| folder.medium.as_deref() == Some("Memory"));
    match memory.and_then(|folder| folder.size_limit.as_ref()?.0.parse().ok()) {
        Some(size) => Storage::Memory(size),
        None => Storage::Disk,
    }
}

fn pod(workload: &Workload, spec: &PodSpec, container: &Container) -> PodOptions {
    let resources = container.resources.as_ref();
    let of = |which: fn(&ResourceRequirements) -> Option<&BTreeMap<String, KubernetesQuantity>>| {
        amounts(resources.and_then(which))
    };
    let env = container.env.as_deref().unwrap_or_default();
    let secrets = spec.image_pull_secrets.as_deref().unwrap_or_default();
    let tolerations = spec.tolerations.as_deref().unwrap_or_default();
    let template = workload
        .template()
        .and_then(|template| template.metadata.as_ref());
    PodOptions {
        requests: of(|resources| resources.requests.as_ref()),
        limits: of(|resources| resources.limits.as_ref()),
        node_selector: spec.node_selector.clone().unwrap_or_default(),
        tolerations: tolerations.iter().filter_map(toleration).collect(),
        labels: labels(workload, template),
        annotations: annotations(workload, template),
        // What comes from elsewhere, a Secret for instance, is no setting of ours.
        env: env
            .iter()
            .filter(|variable| variable.value_from.is_none())
            .map(|variable| {
                let value = variable.value.clone().unwrap_or_default();
                (variable.name.clone(), value)
            })
            .collect(),
        service_account: spec.service_account_name.clone(),
        scheduler_name: spec
            .scheduler_name
            .clone()
            .filter(|name| name != DEFAULT_SCHEDULER),
        image_pull_secrets: secrets.iter().map(|secret| secret.name.clone()).collect(),
        priority_class: spec.priority_class_name.clone(),
        runtime_class: spec.runtime_class_name.clone(),
        affinity: requirements(spec.affinity.as_ref()),
        spread: spread(spec, workload.name()),
        patches: patches(workload),
    }
}

fn spread(spec: &PodSpec, node: &str) -> Option<String> {
    let constraints = spec.topology_spread_constraints.as_deref()?;
    let ours = |labels: &LabelSelector| {
        let labels = labels.match_labels.as_ref();
        labels.is_some_and(|labels| labels.get(INSTANCE).is_some_and(|name| name == node))
    };
    let constraint = constraints
        .iter()
        .find(|constraint| constraint.label_selector.as_ref().is_some_and(ours))?;
    Some(constraint.topology_key.clone())
}

fn patches(workload: &Workload) -> Vec<Patch> {
    let written = workload.annotation(PATCHES);
    let patches: Option<Vec<serde_json::Value>> =
        written.and_then(|patches| serde_json::from_str(patches).ok());
    let patches = patches.unwrap_or_default().into_iter();
    patches
        .filter_map(|patch| Patch::from_json(patch).ok())
        .collect()
}

/// Those by which pods of others' making are found are among them: they cannot go.
fn labels(workload: &Workload, template: Option<&ObjectMeta>) -> BTreeMap<String, String> {
    let of_pods = template.and_then(|template| template.labels.as_ref());
    let mut labels = both(workload.metadata().labels.as_ref(), of_pods);
    labels.extend(workload.selector_of_others());
    labels
}

/// What buildx writes for itself is a field or an annotation of ours.
fn annotations(workload: &Workload, template: Option<&ObjectMeta>) -> BTreeMap<String, String> {
    let of_pods = template.and_then(|template| template.annotations.as_ref());
    let mut annotations = both(workload.metadata().annotations.as_ref(), of_pods);
    annotations.retain(|key, _| key != BUILDX_PLATFORMS && !key.starts_with(APP_ARMOR));
    annotations
}

/// The user's own stand on the workload and on its pods; Kubernetes' only on one of them.
fn both(
    of_workload: Option<&BTreeMap<String, String>>,
    of_pods: Option<&BTreeMap<String, String>>,
) -> BTreeMap<String, String> {
    let (Some(of_workload), Some(of_pods)) = (of_workload, of_pods) else {
        return BTreeMap::new();
    };
    of_workload
        .iter()
        .filter(|(key, value)| !is_ours(key) && of_pods.get(*key) == Some(*value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn amounts(amounts: Option<&BTreeMap<String, KubernetesQuantity>>) -> BTreeMap<Resource, Quantity> {
    let amount = |resource: Resource| {
        let KubernetesQuantity(text) = amounts?.get(resource.as_str())?;
        Some((resource, text.parse().ok()?))
    };
    Resource::ALL.into_iter().filter_map(amount).collect()
}

fn toleration(toleration: &KubernetesToleration) -> Option<Toleration> {
    TolerationFields {
        key: toleration.key.clone(),
        operator: toleration.operator.clone(),
        value: toleration.value.clone(),
        effect: toleration.effect.clone(),
        seconds: toleration
            .toleration_seconds
            .map(|seconds| seconds.to_string()),
    }
    .build()
    .ok()
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;

    use clap::Parser as _;

    use super::super::{Identity, config_secret, workload};
    use super::*;
    use crate::cli::{Cli, Command};
    use crate::plan::{Create, Files};

    /// A configuration that replaces a flag.
    struct Entitled;

    impl Files for Entitled {
        fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
            Ok(b"insecure-entitlements = ['device']".to_vec())
        }

        fn list(&self, _: &Path) -> io::Result<Vec<String>> {
            Ok(Vec::new())
        }
    }

    fn made(words: &str) -> NodePlan {
        let line = format!("kubectl-buildkit create demo {words}");
        let Command::Create(args) = Cli::parse_from(line.split_whitespace()).command else {
            panic!("{line}");
        };
        Create::new(&args, &Entitled).unwrap().node
    }

    fn objects(plan: &NodePlan) -> Workload {
        let identity = Identity::default();
        workload(plan, &identity).unwrap()
    }

    #[test]
    fn every_setting_is_read_back() {
        for words in [
            "",
            "--rootless --platform linux/arm64,linux/amd64 --replicas 0",
            "--storage 20Gi --storage-class fast --node arm",
            "--storage 20Gi",
            "--storage 20Gi --storage-class fast --rootless --qemu --limits memory=1Gi",
            "--storage 20Gi --user-namespace",
            "--memory-cache 8Gi --loadbalance random --timeout 90s",
            "--requests cpu=500m,memory=1Gi,ephemeral-storage=1Gi --limits cpu=2",
            "--node-selector disktype=ssd,gpu --toleration dedicated=builds:NoSchedule \
             --toleration spot --driver-opt tolerations=operator=Exists,effect=NoExecute",
            "--storage 20Gi --rootless --buildkitd-flags=--debug --buildkitd-flags=--oci-max-parallelism=4",
            "--limits ephemeral-storage=9Gi --buildkitd-flags=--oci-worker-gc=false",
            "--buildkitd-flags=--allow-insecure-entitlement=network.host --storage 10G",
            "--buildkitd-flags=--allow-insecure-entitlement=network.host,security.insecure",
            "--buildkitd-flags=--oci-worker-gc-keepstorage=8000 --storage 10G",
            "--buildkitd-flags=--oci-worker-gc-keepstorage=7000 --storage 10G",
            "--buildkitd-config x",
            "--label team=a --annotation example.com/note=a=b,c --env NO_PROXY=a,b --env A=",
            "--affinity zone=a --affinity cores>8 --spread --listen pod --user-namespace --default-load",
            "--env A=1 --patch {\"spec\":{\"hostNetwork\":true,\"nodeSelector\":{\"a\":\"b\"}}} \
             --patch [{\"op\":\"add\",\"path\":\"/spec/containers/0/args/-\",\"value\":\"--debug\"}]",
            "--service-account a --scheduler-name b --image-pull-secret c,d \
             --priority-class e --runtime-class f --qemu --qemu-image g --image h",
        ] {
            let made = made(words);
            let secret = config_secret(&made);
            let read = plan(&objects(&made), secret.as_ref(), made.builder.clone()).unwrap();
            assert_eq!(objects(&read), objects(&made), "{words}");
            assert_eq!(read, made, "{words}");
        }
    }

    #[test]
    fn what_kubernetes_adds_is_no_setting() {
        let made = made("");
        let Workload::Deployment(mut deployment) = objects(&made) else {
            panic!();
        };
        let annotations = deployment.metadata.annotations.get_or_insert_default();
        annotations.insert("deployment.kubernetes.io/revision".into(), "1".into());
        let template = &mut deployment.spec.as_mut().unwrap().template;
        let of_pods = template.metadata.as_mut().unwrap().annotations.as_mut();
        of_pods
            .unwrap()
            .insert("kubectl.kubernetes.io/restartedAt".into(), "now".into());
        let spec = template.spec.as_mut().unwrap();
        spec.scheduler_name = Some(DEFAULT_SCHEDULER.into());
        let read = plan(
            &Workload::Deployment(deployment),
            None,
            made.builder.clone(),
        );
        assert_eq!(read, Some(made));
    }
}
