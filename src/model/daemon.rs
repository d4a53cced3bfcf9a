//! What a daemon says of itself.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Platform;

/// What a daemon says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Daemon {
    /// BuildKit's version, for instance `v0.34.2`; empty if the daemon is too old to tell.
    pub version: String,
    /// Platforms that it detected, native first.
    pub platforms: Vec<Platform>,
    /// Labels of its worker.
    pub labels: BTreeMap<String, String>,
    /// How it cleans its cache up; the first rule that is enough ends it.
    pub gc_policy: Vec<GcRule>,
    /// Devices that builds may ask for.
    pub devices: Vec<Device>,
}

/// One rule by which a cache is cleaned up. What is 0 or absent is no limit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GcRule {
    /// Whether it is about all records, not only those that can be made again.
    pub all: bool,
    /// Which records it is about.
    pub filters: Vec<String>,
    /// How long an unused record is kept.
    pub keep_for: Duration,
    /// Bytes that are always left to the cache.
    pub reserved_space: u64,
    /// Bytes that the cache may use.
    pub max_used_space: u64,
    /// Bytes of the disk that are to be free.
    pub min_free_space: u64,
}

/// A device of the cluster node that builds may ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// Its name.
    pub name: String,
    /// Whether a build gets it without being allowed to.
    pub is_allowed: bool,
    /// Whether it is set up only when a build asks for it.
    pub is_on_demand: bool,
    /// What its maker says of it.
    pub annotations: BTreeMap<String, String>,
}
