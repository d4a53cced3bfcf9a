//! What a node is: everything that its objects say.

use std::time::Duration;

use crate::model::{BuilderName, LoadBalance, NodeName, Platform, Quantity, Resource};

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
    /// What its pods are like.
    pub pod: PodOptions,
    /// The image that installs emulators of other platforms, if they are wanted.
    pub qemu: Option<String>,
    /// Which replica takes a build.
    pub load_balance: LoadBalance,
    /// How long it may take to come up, if that was said.
    pub timeout: Option<Duration>,
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
        let mode = given.mode();
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
            daemon: DaemonOptions::default(),
            pod: given.pod,
            qemu,
            load_balance: given.load_balance.unwrap_or_default(),
            timeout: given.timeout,
        }
    }
}

impl NodePlan {
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
