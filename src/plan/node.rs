//! What a node is: everything that its objects say.

use std::time::Duration;

use crate::model::{BuilderName, LoadBalance, NodeName, Platform, Quantity};

use super::options::{Given, PodOptions};

const IMAGE: &str = "moby/buildkit:buildx-stable-1";
const ROOTLESS_IMAGE: &str = "moby/buildkit:buildx-stable-1-rootless";
const QEMU_IMAGE: &str = "tonistiigi/binfmt:latest";

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
    /// What its pods are like.
    pub pod: PodOptions,
    /// The image that installs emulators of other platforms, if they are wanted.
    pub qemu: Option<String>,
    /// Which replica takes a build.
    pub load_balance: LoadBalance,
    /// How long it may take to come up, if that was said.
    pub timeout: Option<Duration>,
}

/// What the daemon may do on its cluster node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything; Pod Security level `privileged`.
    Privileged,
    /// As user 1000 in a user namespace of its own making; also Pod Security level `privileged`,
    /// as its seccomp and `AppArmor` profiles must be off.
    Rootless,
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
    /// The node `name` of `builder` with the options of `given`, and defaults for the rest.
    pub(super) fn new(
        builder: BuilderName,
        name: NodeName,
        platforms: &[Platform],
        given: Given,
    ) -> Self {
        let mode = match given.rootless {
            Some(true) => Mode::Rootless,
            _ => Mode::Privileged,
        };
        let qemu =
            (given.qemu == Some(true)).then(|| image(given.qemu_image.as_deref(), QEMU_IMAGE));
        Self {
            builder,
            name,
            platforms: once(platforms),
            image: image(given.image.as_deref(), mode.default_image()),
            replicas: given.replicas.unwrap_or(1),
            mode,
            storage: storage(&given),
            pod: given.pod,
            qemu,
            load_balance: given.load_balance.unwrap_or_default(),
            timeout: given.timeout,
        }
    }
}

impl Mode {
    const fn default_image(self) -> &'static str {
        match self {
            Self::Privileged => IMAGE,
            Self::Rootless => ROOTLESS_IMAGE,
        }
    }
}

fn storage(given: &Given) -> Storage {
    if let Some(size) = &given.volume {
        return Storage::Volume {
            size: size.clone(),
            class: given.storage_class.clone(),
        };
    }
    match &given.memory_cache {
        Some(size) => Storage::Memory(size.clone()),
        None => Storage::Disk,
    }
}

/// As in buildx an empty image means the default.
fn image(given: Option<&str>, default: &str) -> String {
    let given = given.map(str::trim).filter(|image| !image.is_empty());
    given.unwrap_or(default).to_owned()
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
