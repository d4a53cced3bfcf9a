//! What keeps nodes from coming up, and whether time may heal it.

/// What keeps a node from coming up. Names are those of objects in the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The pod fits on no cluster node.
    Unschedulable,
    /// Something else holds the pod back on purpose.
    Gated,
    /// Its scheduler does not run, or is slow.
    Scheduler,
    /// What was given is no name of an image.
    ImageName,
    /// The registry has no such image.
    ImageMissing,
    /// The registry does not let the cluster pull it.
    ImageDenied,
    /// The image is for other platforms.
    ImagePlatform,
    /// The registry's host does not exist.
    RegistryName,
    /// The cluster node does not trust the registry.
    RegistryTrust,
    /// The image cannot be pulled just now.
    ImagePull,
    /// A container ends again and again.
    Crash,
    /// A container needs more memory than it may have.
    OutOfMemory,
    /// The quota of that name is used up for now.
    QuotaUsed(String),
    /// The quota of that name is smaller than what a pod asks for.
    QuotaSmall(String),
    /// The quota of that name takes only pods that say what they need: these resources.
    QuotaDemands(String, Vec<String>),
    /// A limit range of the namespace forbids the pod.
    LimitRange,
    /// The Pod Security level of that name forbids the pod.
    PodSecurity(String),
    /// There is no such service account.
    ServiceAccount(String),
    /// There is no such priority class.
    PriorityClass(String),
    /// There is no such runtime class.
    RuntimeClass(String),
    /// The webhook or policy of that name refuses the pod.
    Denied(String),
    /// The webhook of that name does not answer.
    WebhookDown(String),
    /// The namespace is being deleted.
    NamespaceEnds,
    /// The API server refuses the pod for another reason.
    Refused,
    /// The pod could not be made just now.
    NotMade,
    /// There is no such storage class.
    StorageClass(String),
    /// No storage class was named, and the cluster has no default.
    NoStorageClass,
    /// The volume cannot be made just now.
    Volume,
    /// A Secret or `ConfigMap` that the pod needs is missing: its kind and name.
    Missing(&'static str, String),
    /// A volume cannot be mounted just now.
    Mount,
    /// The container runtime has no user namespaces.
    UserNamespaces,
    /// The container runtime does not know that handler.
    RuntimeHandler(String),
    /// The pod's network or sandbox cannot be made just now.
    Sandbox,
    /// The image has no program that can be started as a daemon.
    NotADaemon,
    /// The container cannot be made or started.
    Container,
    /// The container cannot be made just now.
    ContainerLater,
    /// The pod ended; another one takes its place.
    Ended,
    /// The daemon runs and does not answer.
    Silent,
    /// Something new.
    Other,
}

impl Problem {
    /// Whether it may be gone after a while with nobody changing the builder: other pods make room,
    /// a cluster grows, a registry comes back, a missing object is made.
    pub fn may_heal(&self) -> bool {
        match self {
            Self::Unschedulable
            | Self::Gated
            | Self::Scheduler
            | Self::ImagePull
            | Self::QuotaUsed(_)
            | Self::WebhookDown(_)
            | Self::NotMade
            | Self::Volume
            | Self::Missing(..)
            | Self::Mount
            | Self::Sandbox
            | Self::ContainerLater
            | Self::Ended
            | Self::Silent
            | Self::Other => true,
            // A new namespace gets its own service account a moment later than itself.
            Self::ServiceAccount(name) => name == "default",
            Self::ImageName
            | Self::ImageMissing
            | Self::ImageDenied
            | Self::ImagePlatform
            | Self::RegistryName
            | Self::RegistryTrust
            | Self::Crash
            | Self::OutOfMemory
            | Self::QuotaSmall(_)
            | Self::QuotaDemands(..)
            | Self::LimitRange
            | Self::PodSecurity(_)
            | Self::PriorityClass(_)
            | Self::RuntimeClass(_)
            | Self::Denied(_)
            | Self::NamespaceEnds
            | Self::Refused
            | Self::StorageClass(_)
            | Self::NoStorageClass
            | Self::UserNamespaces
            | Self::RuntimeHandler(_)
            | Self::NotADaemon
            | Self::Container => false,
        }
    }

    /// Whether the pod's image is what is wrong.
    pub fn is_about_image(&self) -> bool {
        matches!(
            self,
            Self::ImageName
                | Self::ImageMissing
                | Self::ImageDenied
                | Self::ImagePlatform
                | Self::RegistryName
                | Self::RegistryTrust
                | Self::ImagePull
        )
    }
}
