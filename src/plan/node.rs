//! What a node is: everything that its objects say.

use std::fmt;
use std::time::Duration;

use crate::cli::Unset;
use crate::error::{Error, Result};
use crate::model::{
    BuilderName, Listen, LoadBalance, NodeName, OptionName, Platform, Quantity, Resource,
};

use super::daemon::DaemonOptions;
use super::mode::Mode;
use super::options::{Given, PodOptions};

const QEMU_IMAGE: &str = "tonistiigi/binfmt:latest";
/// How much of its place the cache takes: as much as BuildKit's own default takes of a disk. What
/// a running build writes needs the rest, as garbage is collected after it.
const CACHE_SHARE: f64 = 0.8;
const MEGABYTE: f64 = 1e6;

/// A node of a builder, decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodePlan {
    /// The builder that it belongs to.
    pub builder: BuilderName,
    /// Its name.
    pub name: NodeName,
    /// Platforms that it is for; empty if the daemon says it.
    pub platforms: Vec<Platform>,
    /// The image of the daemon.
    pub image: String,
    /// How many pods.
    pub replicas: i32,
    /// What the daemon may do.
    pub mode: Mode,
    /// Where the cache is kept.
    pub storage: Storage,
    /// How its daemon is configured.
    pub daemon: DaemonOptions,
    /// Where its daemons listen.
    pub listen: Listen,
    /// What its pods are like.
    pub pod: PodOptions,
    /// The image that installs emulators of other platforms, if they are wanted.
    pub qemu: Option<String>,
    /// Which replica takes a build.
    pub load_balance: LoadBalance,
    /// How long it may take to come up, if that was said.
    pub timeout: Option<Duration>,
    /// Whether a build without output goes to the local docker.
    pub default_load: bool,
}

/// Where a node's pods keep their cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// On the cluster node's disk, as long as the pod lives.
    Disk,
    /// In memory, at most so much of it.
    Memory(Quantity),
    /// On a volume of each pod's own that outlives it.
    Volume {
        /// The volume's size.
        size: Quantity,
        /// The storage class that makes it; the cluster's default if none.
        class: Option<String>,
    },
}

impl NodePlan {
    /// The node `name` of `builder`, with all defaults.
    pub(super) fn by_default(builder: BuilderName, name: NodeName) -> Self {
        let mode = Mode::Privileged;
        Self {
            builder,
            name,
            platforms: Vec::new(),
            image: mode.default_image().to_owned(),
            replicas: 1,
            mode,
            storage: Storage::Disk,
            daemon: DaemonOptions::default(),
            listen: Listen::default(),
            pod: PodOptions::default(),
            qemu: None,
            load_balance: LoadBalance::default(),
            timeout: None,
            default_load: false,
        }
    }

    /// Changes what `given` says; the rest stays as it is.
    pub(super) fn take(&mut self, given: Given) -> Result<()> {
        if !given.platforms.is_empty() {
            self.platforms = once(&given.platforms);
        }
        self.take_mode(mode(&given, self.mode)?);
        self.listen = given.listen.unwrap_or(self.listen);
        if let Some(image) = &given.image {
            self.image = named(image).unwrap_or_else(|| self.mode.default_image().to_owned());
        }
        if let Some(storage) = storage(&given, &self.storage)? {
            self.storage = storage;
        }
        self.qemu = qemu(&given, self.qemu.take())?;
        self.check_emulators()?;
        self.replicas = given.replicas.unwrap_or(self.replicas);
        self.load_balance = given.load_balance.unwrap_or(self.load_balance);
        self.timeout = given.timeout.or(self.timeout);
        self.default_load = given.default_load.unwrap_or(self.default_load);
        self.pod.take(given.pod);
        self.pod.check()?;
        self.daemon.take(given.daemon);
        self.daemon.check(self.mode)?;
        self.forget_derived();
        Ok(())
    }

    /// A kernel since 6.7 has a table of emulators for each user namespace, which hides that of the
    /// cluster node and goes with what filled it; an older one lets nobody there have any.
    fn check_emulators(&self) -> Result<()> {
        if self.qemu.is_none() || self.mode != Mode::UserNamespace {
            return Ok(());
        }
        Err(
            Error::usage("--qemu and --user-namespace exclude each other")
                .because("in a user namespace nobody can install emulators on the cluster node")
                .hint(
                    "leave out --qemu: emulators that are on the cluster node already are used; \
             a builder without --user-namespace can install them",
                ),
        )
    }

    /// The most cache that the daemon keeps, in whole megabytes, where that follows from the place
    /// that it has. BuildKit sees the size of a disk, but neither a limit nor whose memory it is.
    pub fn cache_limit(&self) -> Option<f64> {
        if self.daemon.limits_cache() {
            return None;
        }
        let place = match &self.storage {
            Storage::Memory(size) | Storage::Volume { size, .. } => size,
            Storage::Disk => self.pod.limits.get(&Resource::EphemeralStorage)?,
        };
        let megabytes = (place.amount() * CACHE_SHARE / MEGABYTE).floor();
        Some(megabytes.max(1.0))
    }

    /// Leaves out flags of the daemon that say what follows from the rest anyway, so that what is
    /// read back from objects is what was decided.
    pub fn forget_derived(&mut self) {
        self.daemon.forget_default_entitlement();
        if let Some(kept) = self.daemon.flags.kept_storage() {
            let mut without = self.clone();
            without.daemon.flags.forget_kept_storage();
            if without.cache_limit().map(|limit| format!("{limit:.0}")) == Some(kept) {
                *self = without;
            }
        }
    }

    /// Without an image of its own a node has the one that suits its mode.
    fn take_mode(&mut self, mode: Mode) {
        if self.image == self.mode.default_image() {
            mode.default_image().clone_into(&mut self.image);
        }
        self.mode = mode;
    }

    /// Takes back to its default what `unset` names.
    pub(super) fn unset(&mut self, unset: &Unset) {
        let none = Self::by_default(self.builder.clone(), self.name.clone());
        let (option, key) = match unset {
            Unset::Option { option, key } => (*option, key.as_deref()),
            Unset::DaemonConfig => return self.daemon.config = None,
            Unset::DaemonFlags => return self.daemon.flags = none.daemon.flags,
            Unset::Affinity => return self.pod.affinity.clear(),
            Unset::Patch => return self.pod.patches.clear(),
        };
        match option {
            OptionName::Image => {
                self.mode.default_image().clone_into(&mut self.image);
            }
            OptionName::Replicas => self.replicas = none.replicas,
            OptionName::Rootless | OptionName::UserNamespace => self.take_mode(none.mode),
            OptionName::Listen => self.listen = none.listen,
            OptionName::Qemu => self.qemu = None,
            OptionName::QemuImage if self.qemu.is_some() => self.qemu = Some(QEMU_IMAGE.to_owned()),
            OptionName::MemoryCache | OptionName::VolumeClaim => self.storage = none.storage,
            OptionName::LoadBalance => self.load_balance = none.load_balance,
            OptionName::Timeout => self.timeout = None,
            OptionName::DefaultLoad => self.default_load = false,
            _ => self.pod.unset(option, key),
        }
    }
}

impl fmt::Display for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disk => f.write_str("on the cluster node"),
            Self::Memory(size) => write!(f, "in {size} of memory"),
            Self::Volume { size, class: None } => write!(f, "on volumes of {size}"),
            Self::Volume {
                size,
                class: Some(class),
            } => write!(f, "on volumes of {size} of class {class}"),
        }
    }
}

impl Storage {
    /// The storage class of its volumes, if one was named.
    pub const fn class(&self) -> Option<&String> {
        match self {
            Self::Volume { class, .. } => class.as_ref(),
            Self::Disk | Self::Memory(_) => None,
        }
    }
}

/// What the daemon may do from now on.
fn mode(given: &Given, before: Mode) -> Result<Mode> {
    match (given.rootless, given.user_namespace) {
        (Some(true), Some(true)) => Err(Error::usage(
            "--rootless and --user-namespace exclude each other",
        )
        .because("a user namespace inside of one has no users to map")
        .hint("--user-namespace is enough where the cluster nodes can do it")),
        (Some(true), _) => Ok(Mode::Rootless),
        (_, Some(true)) => Ok(Mode::UserNamespace),
        (Some(false), _) if before == Mode::Rootless => Ok(Mode::Privileged),
        (_, Some(false)) if before == Mode::UserNamespace => Ok(Mode::Privileged),
        _ => Ok(before),
    }
}

/// Where the cache is kept from now on, if that is given.
fn storage(given: &Given, before: &Storage) -> Result<Option<Storage>> {
    let class = given.storage_class.clone();
    let mut sizes = [&given.memory_cache, &given.volume].into_iter().flatten();
    if let Some(size) = sizes.find(|size| size.amount() <= 0.0) {
        return Err(Error::usage(format!("a cache of {size} holds nothing"))
            .hint("write for instance --storage 20Gi or --memory-cache 8Gi"));
    }
    match (&given.memory_cache, &given.volume, before) {
        (Some(_), Some(_), _) => Err(Error::usage(
            "the cache cannot be both in memory and on a volume",
        )
        .hint("give --memory-cache or --storage, not both")),
        (None, Some(size), _) => Ok(Some(Storage::Volume {
            size: size.clone(),
            class: class.or_else(|| before.class().cloned()),
        })),
        (None, None, Storage::Volume { size, .. }) if class.is_some() => {
            Ok(Some(Storage::Volume {
                size: size.clone(),
                class,
            }))
        }
        (memory, None, _) => match class {
            Some(class) => Err(Error::usage(format!(
                "storage class {class:?} is given, but no volume is asked for"
            ))
            .hint("add --storage with the size of the volume")),
            None => Ok(memory.clone().map(Storage::Memory)),
        },
    }
}

/// The image that installs emulators from now on.
fn qemu(given: &Given, before: Option<String>) -> Result<Option<String>> {
    let image = given.qemu_image.as_deref();
    let wanted = given.qemu.unwrap_or(before.is_some());
    match (wanted, image) {
        (false, Some(_)) => Err(Error::usage(
            "an image for emulators is given, but none are to be installed",
        )
        .hint("add --qemu, or --driver-opt qemu.install=true")),
        (false, None) => Ok(None),
        (true, None) => Ok(before.or_else(|| Some(QEMU_IMAGE.to_owned()))),
        (true, Some(image)) => Ok(Some(named(image).unwrap_or_else(|| QEMU_IMAGE.to_owned()))),
    }
}

/// An image; none if the name is empty, which in buildx means the default.
fn named(image: &str) -> Option<String> {
    let image = image.trim();
    (!image.is_empty()).then(|| image.to_owned())
}

fn once(platforms: &[Platform]) -> Vec<Platform> {
    let mut result: Vec<Platform> = Vec::new();
    for platform in platforms {
        if !result.contains(platform) {
            result.push(platform.clone());
        }
    }
    result
}
