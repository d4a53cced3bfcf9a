//! One option with its value.

use std::str::FromStr;
use std::time::Duration;

use super::invalid::Invalid;
use super::name::Resource;
use super::nearest::nearest;
use super::place::Listen;
use super::quantity::Quantity;
use super::toleration::Toleration;

/// Which replica takes a build.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LoadBalance {
    /// The same for the same build context, as its cache is there.
    #[default]
    Sticky,
    /// Any.
    Random,
    /// The one that runs the fewest builds.
    LeastLoaded,
}

impl LoadBalance {
    /// All that are supported.
    pub const ALL: [Self; 3] = [Self::Sticky, Self::Random, Self::LeastLoaded];

    /// buildx's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sticky => "sticky",
            Self::Random => "random",
            Self::LeastLoaded => "least-loaded",
        }
    }
}

impl FromStr for LoadBalance {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let word = text.trim().to_ascii_lowercase();
        match word.as_str() {
            "sticky" => Ok(Self::Sticky),
            "random" => Ok(Self::Random),
            "least-loaded" | "leastloaded" => Ok(Self::LeastLoaded),
            _ => Err(Invalid::new(
                format!(
                    "{text:?} is no way to share builds: there are sticky, random and least-loaded"
                ),
                nearest(&word, &["sticky", "random", "least-loaded"]).unwrap_or("sticky"),
            )),
        }
    }
}

/// One option with its value; one entry of options that have several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// The image of the daemon; empty for the default.
    Image(String),
    /// The namespace of all objects.
    Namespace(String),
    /// How many pods.
    Replicas(i32),
    /// What a pod asks for.
    Request(Resource, Quantity),
    /// What a pod is held to.
    Limit(Resource, Quantity),
    /// A label that cluster nodes must have.
    NodeSelector(String, String),
    /// A taint that is put up with.
    Toleration(Toleration),
    /// A label of the objects.
    Label(String, String),
    /// An annotation of the objects.
    Annotation(String, String),
    /// A variable of the daemon's environment.
    Env(String, String),
    /// Whether the daemon runs without privileges.
    Rootless(bool),
    /// Whether the pods have a user namespace of their own.
    UserNamespace(bool),
    /// The label of cluster nodes over whose values the pods are spread.
    Spread(String),
    /// Where the daemon's port listens.
    Listen(Listen),
    /// The pods' service account.
    ServiceAccount(String),
    /// The pods' scheduler.
    SchedulerName(String),
    /// A Secret with which images are pulled.
    ImagePullSecret(String),
    /// The pods' priority class.
    PriorityClass(String),
    /// The pods' runtime class.
    RuntimeClass(String),
    /// Whether emulators of other platforms are installed.
    Qemu(bool),
    /// The image that installs them.
    QemuImage(String),
    /// The size of a cache in memory.
    MemoryCache(Quantity),
    /// The size of a volume for the cache.
    VolumeClaim(Quantity),
    /// The class of the volume.
    StorageClass(String),
    /// Which replica takes a build.
    LoadBalance(LoadBalance),
    /// How long the builder may take to come up.
    Timeout(Duration),
    /// Whether a build without output goes to the local docker.
    DefaultLoad(bool),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_to_share_builds() {
        assert_eq!("Random".parse(), Ok(LoadBalance::Random));
        assert_eq!("least-loaded".parse(), Ok(LoadBalance::LeastLoaded));
        let refused = "last-loaded".parse::<LoadBalance>().unwrap_err();
        assert_eq!(refused.instead, "least-loaded");
    }
}
