//! How a node's pods are made, as far as a person asks.

use std::collections::BTreeMap;
use std::fmt;

use super::Toleration;

/// How a node's pods are made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeSettings {
    /// What the daemon may do.
    pub mode: DaemonMode,
    /// The daemon's arguments.
    pub arguments: Vec<String>,
    /// What a pod asks for, by resource.
    pub requests: BTreeMap<String, String>,
    /// What a pod is held to, by resource.
    pub limits: BTreeMap<String, String>,
    /// Labels of the cluster nodes that pods may run on.
    pub node_selector: BTreeMap<String, String>,
    /// Taints of cluster nodes that pods put up with.
    pub tolerations: Vec<Toleration>,
    /// Where the cache is kept.
    pub storage: NodeStorage,
    /// The image that installs emulators, if they are installed.
    pub emulators: Option<String>,
    /// Who the pods are towards the API server.
    pub service_account: Option<String>,
    /// Who chooses their cluster nodes.
    pub scheduler: Option<String>,
}

/// What a daemon may do on its cluster node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DaemonMode {
    /// Everything.
    Privileged,
    /// Everything, as root of a user namespace that Kubernetes makes.
    UserNamespace,
    /// It is an ordinary user, in a user namespace of its own making.
    Rootless,
    /// Neither of these: somebody else made it.
    #[default]
    Other,
}

impl DaemonMode {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Privileged => "privileged",
            Self::UserNamespace => "user-namespace",
            Self::Rootless => "rootless",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for DaemonMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Where a node's pods keep their cache.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum NodeStorage {
    /// On the cluster node's disk, as long as the pod lives.
    #[default]
    Disk,
    /// In memory, at most so much of it if that is said.
    Memory(Option<String>),
    /// On a volume of each pod's own that outlives it.
    Volume {
        /// Its size.
        size: String,
        /// Its storage class; the cluster's default if none.
        class: Option<String>,
    },
}

impl fmt::Display for NodeStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disk => f.write_str("disk of the cluster node"),
            Self::Memory(None) => f.write_str("memory"),
            Self::Memory(Some(size)) => write!(f, "memory, {size}"),
            Self::Volume { size, class: None } => write!(f, "volume, {size}"),
            Self::Volume {
                size,
                class: Some(class),
            } => write!(f, "volume, {size}, storage class {class}"),
        }
    }
}
