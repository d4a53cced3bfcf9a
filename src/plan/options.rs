//! A builder's options, from wherever they were given, put together.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

use crate::cli::{SettingArgs, driver_opt};
use crate::error::{Error, Result};
use crate::model::{
    Listen, LoadBalance, OptionName, Platform, Quantity, Requirement, Resource, Setting, Toleration,
};

use super::daemon::{Files, GivenDaemon};
use super::patch::Patch;

/// Labels by which a builder's objects are found.
const OUR_LABELS: [&str; 4] = [
    "app.kubernetes.io/name",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/managed-by",
];
/// Where annotations of ours begin.
const OUR_ANNOTATIONS: &str = "buildkit.kubectl/";

/// What pods are like, beside their daemon.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PodOptions {
    /// What the daemon asks for.
    pub requests: BTreeMap<Resource, Quantity>,
    /// What the daemon is held to.
    pub limits: BTreeMap<Resource, Quantity>,
    /// Labels of the cluster nodes on which they run.
    pub node_selector: BTreeMap<String, String>,
    /// Taints that they put up with.
    pub tolerations: Vec<Toleration>,
    /// Labels of the Deployment and the pods, beside ours.
    pub labels: BTreeMap<String, String>,
    /// Annotations of the Deployment and the pods, beside ours.
    pub annotations: BTreeMap<String, String>,
    /// The daemon's environment.
    pub env: BTreeMap<String, String>,
    /// Their service account.
    pub service_account: Option<String>,
    /// Their scheduler.
    pub scheduler_name: Option<String>,
    /// Secrets with which images are pulled.
    pub image_pull_secrets: Vec<String>,
    /// Their priority class.
    pub priority_class: Option<String>,
    /// Their runtime class.
    pub runtime_class: Option<String>,
    /// What labels of their cluster nodes must be like.
    pub affinity: Vec<Requirement>,
    /// The label of cluster nodes over whose values they are spread.
    pub spread: Option<String>,
    /// Changes of all other fields, one after the other.
    pub patches: Vec<Patch>,
}

/// All options that were given, before defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) platforms: Vec<Platform>,
    pub(super) image: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) replicas: Option<i32>,
    pub(super) rootless: Option<bool>,
    pub(super) user_namespace: Option<bool>,
    pub(super) listen: Option<Listen>,
    pub(super) qemu: Option<bool>,
    pub(super) qemu_image: Option<String>,
    pub(super) load_balance: Option<LoadBalance>,
    pub(super) timeout: Option<Duration>,
    pub(super) default_load: Option<bool>,
    pub(super) memory_cache: Option<Quantity>,
    pub(super) volume: Option<Quantity>,
    pub(super) storage_class: Option<String>,
    pub(super) pod: PodOptions,
    pub(super) daemon: GivenDaemon,
    /// What was given twice, and which of them counts.
    pub(super) notes: Vec<String>,
}

impl Given {
    /// What `args` give; files that they name are among `files`.
    pub(super) fn new(args: &SettingArgs, files: &dyn Files) -> Result<Self> {
        let mut given = Self {
            platforms: args.platform.clone(),
            ..Self::default()
        };
        let mut settings = Vec::new();
        for text in &args.driver_opt {
            let options = driver_opt::read(text).map_err(|fault| unreadable(&fault))?;
            given.notes.extend(options.notes);
            settings.extend(options.settings);
        }
        settings.extend(flags(args));
        for setting in settings {
            given.set(setting);
        }
        let (daemon, notes) = GivenDaemon::read(&args.daemon, files)?;
        given.daemon = daemon;
        given.pod.affinity.clone_from(&args.pod.affinity);
        for patch in &args.pod.patch {
            given.pod.patches.push(Patch::read(patch, files)?);
        }
        given.notes.extend(notes);
        Ok(given)
    }

    /// Adds a setting. Of two values for the same thing the later one counts.
    fn set(&mut self, setting: Setting) {
        use OptionName as Name;
        let Self { pod, notes, .. } = self;
        match setting {
            Setting::Image(name) => once(&mut self.image, name, Name::Image, notes),
            Setting::Namespace(name) => once(&mut self.namespace, name, Name::Namespace, notes),
            Setting::Replicas(count) => once(&mut self.replicas, count, Name::Replicas, notes),
            Setting::Rootless(is) => once(&mut self.rootless, is, Name::Rootless, notes),
            Setting::UserNamespace(is) => {
                once(&mut self.user_namespace, is, Name::UserNamespace, notes);
            }
            Setting::Listen(place) => once(&mut self.listen, place, Name::Listen, notes),
            Setting::Qemu(is) => once(&mut self.qemu, is, Name::Qemu, notes),
            Setting::QemuImage(name) => once(&mut self.qemu_image, name, Name::QemuImage, notes),
            Setting::LoadBalance(how) => {
                once(&mut self.load_balance, how, Name::LoadBalance, notes);
            }
            Setting::DefaultLoad(is) => once(&mut self.default_load, is, Name::DefaultLoad, notes),
            Setting::Timeout(time) => once(&mut self.timeout, time, Name::Timeout, notes),
            Setting::MemoryCache(size) => {
                once(&mut self.memory_cache, size, Name::MemoryCache, notes);
            }
            Setting::VolumeClaim(size) => once(&mut self.volume, size, Name::VolumeClaim, notes),
            Setting::StorageClass(name) => {
                once(&mut self.storage_class, name, Name::StorageClass, notes);
            }
            other => pod.set(other, notes),
        }
    }
}

fn unreadable(fault: &driver_opt::Fault) -> Error {
    let corrected = fault.corrected();
    let hint = if corrected.trim().is_empty() {
        "leave it out".to_owned()
    } else {
        format!("write --driver-opt {}", shell_quoted(&corrected))
    };
    Error::usage(format!("--driver-opt: {fault}"))
        .because(format!("it says\n{}", fault.excerpt()))
        .hint(hint)
}

fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Whether a builder's objects are found by this label.
pub fn is_ours(label: &str) -> bool {
    OUR_LABELS.contains(&label)
}

impl PodOptions {
    /// Adds what `other` has; of two values for the same thing that of `other` counts.
    pub(super) fn take(&mut self, other: Self) {
        self.requests.extend(other.requests);
        self.limits.extend(other.limits);
        self.node_selector.extend(other.node_selector);
        self.labels.extend(other.labels);
        self.annotations.extend(other.annotations);
        self.env.extend(other.env);
        for toleration in other.tolerations {
            add(&mut self.tolerations, toleration);
        }
        for secret in other.image_pull_secrets {
            add(&mut self.image_pull_secrets, secret);
        }
        replace(&mut self.service_account, other.service_account);
        replace(&mut self.scheduler_name, other.scheduler_name);
        replace(&mut self.priority_class, other.priority_class);
        replace(&mut self.runtime_class, other.runtime_class);
        replace(&mut self.spread, other.spread);
        for requirement in other.affinity {
            add(&mut self.affinity, requirement);
        }
        for patch in other.patches {
            add(&mut self.patches, patch);
        }
    }

    /// Removes what `unset` names: one entry of a map or list, or all of it.
    pub(super) fn unset(&mut self, option: OptionName, key: Option<&str>) {
        use OptionName as Name;
        let other = |name: &str| key.is_some_and(|key| key != name);
        match option {
            Name::Request(what) => drop(self.requests.remove(&what)),
            Name::Limit(what) => drop(self.limits.remove(&what)),
            Name::NodeSelector => self.node_selector.retain(|name, _| other(name)),
            Name::Labels => self.labels.retain(|name, _| other(name)),
            Name::Annotations => self.annotations.retain(|name, _| other(name)),
            Name::Env => self.env.retain(|name, _| other(name)),
            Name::ImagePullSecrets => self.image_pull_secrets.retain(|name| other(name)),
            Name::Tolerations => self
                .tolerations
                .retain(|one| other(one.key.as_deref().unwrap_or_default())),
            Name::ServiceAccount => self.service_account = None,
            Name::SchedulerName => self.scheduler_name = None,
            Name::PriorityClass => self.priority_class = None,
            Name::RuntimeClass => self.runtime_class = None,
            Name::Spread => self.spread = None,
            // The rest is no affair of pods.
            _ => {}
        }
    }

    /// Whether Kubernetes and our own labels go together with it.
    pub(super) fn check(&self) -> Result<()> {
        if let Some(label) = self.labels.keys().find(|key| is_ours(key)) {
            return Err(Error::usage(format!("label {label:?} is set already"))
                .because("the objects of a builder are found by it")
                .hint("choose another key for the label"));
        }
        let is_reserved = |key: &&String| key.starts_with(OUR_ANNOTATIONS);
        if let Some(key) = self.annotations.keys().find(is_reserved) {
            return Err(Error::usage(format!("annotation {key:?} is not for users"))
                .hint("choose another key for the annotation"));
        }
        for (resource, request) in &self.requests {
            let limit = self.limits.get(resource);
            if let Some(limit) = limit.filter(|limit| request.amount() > limit.amount()) {
                let name = resource.as_str();
                return Err(Error::usage(format!(
                    "requests.{name} is {request}, which is more than limits.{name}, {limit}"
                ))
                .hint(format!("write --requests {name}={limit} or less")));
            }
        }
        Ok(())
    }

    fn set(&mut self, setting: Setting, notes: &mut Vec<String>) {
        use OptionName as Name;
        match setting {
            Setting::Request(what, amount) => {
                let shown = Name::Request(what).driver_opt();
                entry(&mut self.requests, (what, amount), shown, notes);
            }
            Setting::Limit(what, amount) => {
                let shown = Name::Limit(what).driver_opt();
                entry(&mut self.limits, (what, amount), shown, notes);
            }
            Setting::NodeSelector(key, value) => {
                let shown = format!("the node selector {key}");
                entry(&mut self.node_selector, (key, value), &shown, notes);
            }
            Setting::Label(key, value) => {
                let shown = format!("the label {key}");
                entry(&mut self.labels, (key, value), &shown, notes);
            }
            Setting::Annotation(key, value) => {
                let shown = format!("the annotation {key}");
                entry(&mut self.annotations, (key, value), &shown, notes);
            }
            Setting::Env(key, value) => self.set_env(key, value, notes),
            Setting::Toleration(one) => add(&mut self.tolerations, one),
            Setting::ImagePullSecret(name) => add(&mut self.image_pull_secrets, name),
            Setting::ServiceAccount(name) => {
                once(&mut self.service_account, name, Name::ServiceAccount, notes);
            }
            Setting::SchedulerName(name) => {
                once(&mut self.scheduler_name, name, Name::SchedulerName, notes);
            }
            Setting::PriorityClass(name) => {
                once(&mut self.priority_class, name, Name::PriorityClass, notes);
            }
            Setting::RuntimeClass(name) => {
                once(&mut self.runtime_class, name, Name::RuntimeClass, notes);
            }
            Setting::Spread(key) => once(&mut self.spread, key, Name::Spread, notes),
            // The rest is no affair of pods.
            _ => {}
        }
    }

    /// Values of variables are not repeated: there are passwords in those of proxies.
    fn set_env(&mut self, key: String, value: String, notes: &mut Vec<String>) {
        if self.env.get(&key).is_some_and(|before| *before != value) {
            notes.push(format!("env.{key} is given twice: the later value counts"));
        }
        self.env.insert(key, value);
    }
}

fn replace<T>(slot: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *slot = value;
    }
}

fn once<T: PartialEq + Debug>(
    slot: &mut Option<T>,
    value: T,
    name: OptionName,
    notes: &mut Vec<String>,
) {
    if let Some(before) = slot.as_ref().filter(|before| **before != value) {
        notes.push(format!(
            "{name} is given twice: {value:?} counts, not {before:?}"
        ));
    }
    *slot = Some(value);
}

fn entry<K: Ord, V: PartialEq + Debug>(
    map: &mut BTreeMap<K, V>,
    (key, value): (K, V),
    shown: &str,
    notes: &mut Vec<String>,
) {
    if let Some(before) = map.get(&key).filter(|before| **before != value) {
        notes.push(format!(
            "{shown} is given twice: {value:?} counts, not {before:?}"
        ));
    }
    map.insert(key, value);
}

fn add<T: PartialEq>(list: &mut Vec<T>, one: T) {
    if !list.contains(&one) {
        list.push(one);
    }
}

/// The flags as settings.
fn flags(args: &SettingArgs) -> Vec<Setting> {
    let pod = &args.pod;
    let mut settings: Vec<Setting> = Vec::new();
    let text = |text: &Option<String>, make: fn(String) -> Setting| text.clone().map(make);
    settings.extend(text(&args.image, Setting::Image));
    settings.extend(args.replicas.map(Setting::Replicas));
    settings.extend(args.rootless.map(Setting::Rootless));
    // With --bootstrap it says how long this one run waits; then it is nothing to keep.
    let kept = args.timeout.filter(|_| !args.bootstrap);
    settings.extend(kept.map(Setting::Timeout));
    let amount = |make: fn(Resource, Quantity) -> Setting| {
        move |given: &crate::cli::ResourceQuantity| make(given.resource, given.quantity.clone())
    };
    settings.extend(pod.requests.iter().map(amount(Setting::Request)));
    settings.extend(pod.limits.iter().map(amount(Setting::Limit)));
    let pair = |make: fn(String, String) -> Setting| {
        move |(key, value): &(String, String)| make(key.clone(), value.clone())
    };
    settings.extend(pod.node_selector.iter().map(pair(Setting::NodeSelector)));
    settings.extend(pod.label.iter().map(pair(Setting::Label)));
    settings.extend(pod.annotation.iter().map(pair(Setting::Annotation)));
    settings.extend(pod.env.iter().map(pair(Setting::Env)));
    settings.extend(pod.toleration.iter().cloned().map(Setting::Toleration));
    settings.extend(text(&pod.service_account, Setting::ServiceAccount));
    settings.extend(text(&pod.scheduler_name, Setting::SchedulerName));
    let secrets = pod.image_pull_secret.iter().cloned();
    settings.extend(secrets.map(Setting::ImagePullSecret));
    settings.extend(text(&pod.priority_class, Setting::PriorityClass));
    settings.extend(text(&pod.runtime_class, Setting::RuntimeClass));
    settings.extend(pod.user_namespace.map(Setting::UserNamespace));
    settings.extend(text(&pod.spread, Setting::Spread));
    settings.extend(pod.listen.map(Setting::Listen));
    settings.extend(pod.qemu.map(Setting::Qemu));
    settings.extend(text(&pod.qemu_image, Setting::QemuImage));
    settings.extend(pod.memory_cache.clone().map(Setting::MemoryCache));
    settings.extend(pod.storage.clone().map(Setting::VolumeClaim));
    settings.extend(text(&pod.storage_class, Setting::StorageClass));
    settings.extend(pod.loadbalance.map(Setting::LoadBalance));
    settings.extend(pod.default_load.map(Setting::DefaultLoad));
    settings
}
