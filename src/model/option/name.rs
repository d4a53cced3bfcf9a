//! Every option of a builder, once.

use std::fmt;

/// What a container can ask for and be held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// Cores.
    Cpu,
    /// Memory.
    Memory,
    /// Space on the cluster node's disk.
    EphemeralStorage,
}

impl Resource {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Cpu, Self::Memory, Self::EphemeralStorage];

    /// Kubernetes' name for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::EphemeralStorage => "ephemeral-storage",
        }
    }
}

/// An option of a builder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OptionName {
    /// The image of the daemon.
    Image,
    /// The namespace of all its objects.
    Namespace,
    /// How many pods.
    Replicas,
    /// What a pod asks for.
    Request(Resource),
    /// What a pod is held to.
    Limit(Resource),
    /// Labels of the cluster nodes that its pods may run on.
    NodeSelector,
    /// Taints of cluster nodes that its pods put up with.
    Tolerations,
    /// Labels of its objects.
    Labels,
    /// Annotations of its objects.
    Annotations,
    /// The daemon's environment.
    Env,
    /// Whether the daemon runs without privileges.
    Rootless,
    /// Whether its pods have a user namespace of their own.
    UserNamespace,
    /// Over which cluster nodes its pods are spread.
    Spread,
    /// Where its daemons listen.
    Listen,
    /// The service account of its pods.
    ServiceAccount,
    /// The scheduler of its pods.
    SchedulerName,
    /// Secrets with which its images are pulled.
    ImagePullSecrets,
    /// The priority class of its pods.
    PriorityClass,
    /// The runtime class of its pods.
    RuntimeClass,
    /// Whether emulators of other platforms are installed.
    Qemu,
    /// The image that installs them.
    QemuImage,
    /// The size of a cache in memory.
    MemoryCache,
    /// Which replica takes a build.
    LoadBalance,
    /// How long it may take to come up.
    Timeout,
    /// The size of a persistent volume.
    VolumeClaim,
    /// The class of the persistent volume.
    StorageClass,
    /// Whether a build without output goes to the local docker.
    DefaultLoad,
}

impl OptionName {
    /// All options, in the order of the documentation.
    pub const ALL: [Self; 31] = [
        Self::Image,
        Self::Namespace,
        Self::Replicas,
        Self::Request(Resource::Cpu),
        Self::Request(Resource::Memory),
        Self::Request(Resource::EphemeralStorage),
        Self::Limit(Resource::Cpu),
        Self::Limit(Resource::Memory),
        Self::Limit(Resource::EphemeralStorage),
        Self::NodeSelector,
        Self::Tolerations,
        Self::Labels,
        Self::Annotations,
        Self::Env,
        Self::Rootless,
        Self::UserNamespace,
        Self::Spread,
        Self::Listen,
        Self::ServiceAccount,
        Self::SchedulerName,
        Self::ImagePullSecrets,
        Self::PriorityClass,
        Self::RuntimeClass,
        Self::Qemu,
        Self::QemuImage,
        Self::MemoryCache,
        Self::LoadBalance,
        Self::Timeout,
        Self::VolumeClaim,
        Self::StorageClass,
        Self::DefaultLoad,
    ];

    /// The name in `--driver-opt`. The environment's ends with the variable's name instead.
    pub const fn driver_opt(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Namespace => "namespace",
            Self::Replicas => "replicas",
            Self::Request(Resource::Cpu) => "requests.cpu",
            Self::Request(Resource::Memory) => "requests.memory",
            Self::Request(Resource::EphemeralStorage) => "requests.ephemeral-storage",
            Self::Limit(Resource::Cpu) => "limits.cpu",
            Self::Limit(Resource::Memory) => "limits.memory",
            Self::Limit(Resource::EphemeralStorage) => "limits.ephemeral-storage",
            Self::NodeSelector => "nodeselector",
            Self::Tolerations => "tolerations",
            Self::Labels => "labels",
            Self::Annotations => "annotations",
            Self::Env => "env.NAME",
            Self::Rootless => "rootless",
            Self::UserNamespace => "usernamespace",
            Self::Spread => "spread",
            Self::Listen => "listen",
            Self::ServiceAccount => "serviceaccount",
            Self::SchedulerName => "schedulername",
            Self::ImagePullSecrets => "imagepullsecrets",
            Self::PriorityClass => "priorityclass",
            Self::RuntimeClass => "runtimeclass",
            Self::Qemu => "qemu.install",
            Self::QemuImage => "qemu.image",
            Self::MemoryCache => "buildkit-root-volume-memory",
            Self::LoadBalance => "loadbalance",
            Self::Timeout => "timeout",
            Self::VolumeClaim => "persistent-volume-claim.requests.storage",
            Self::StorageClass => "persistent-volume-claim.storageclass",
            Self::DefaultLoad => "default-load",
        }
    }

    /// The flag; none if the option is not supported yet.
    pub const fn flag(self) -> Option<&'static str> {
        Some(match self {
            Self::Image => "--image",
            Self::Namespace => "--namespace",
            Self::Replicas => "--replicas",
            Self::Request(_) => "--requests",
            Self::Limit(_) => "--limits",
            Self::NodeSelector => "--node-selector",
            Self::Tolerations => "--toleration",
            Self::Labels => "--label",
            Self::Annotations => "--annotation",
            Self::Env => "--env",
            Self::Rootless => "--rootless",
            Self::UserNamespace => "--user-namespace",
            Self::Spread => "--spread",
            Self::Listen => "--listen",
            Self::ServiceAccount => "--service-account",
            Self::SchedulerName => "--scheduler-name",
            Self::ImagePullSecrets => "--image-pull-secret",
            Self::PriorityClass => "--priority-class",
            Self::RuntimeClass => "--runtime-class",
            Self::Qemu => "--qemu",
            Self::QemuImage => "--qemu-image",
            Self::MemoryCache => "--memory-cache",
            Self::LoadBalance => "--loadbalance",
            Self::Timeout => "--timeout",
            Self::VolumeClaim => "--storage",
            Self::StorageClass => "--storage-class",
            Self::DefaultLoad => "--default-load",
        })
    }

    /// A value that it can have, as `--driver-opt` spells it.
    pub const fn example(self) -> &'static str {
        match self {
            Self::Image => "moby/buildkit:buildx-stable-1",
            Self::Namespace => "builds",
            Self::Replicas => "2",
            Self::Request(Resource::Cpu) | Self::Limit(Resource::Cpu) => "500m",
            Self::Request(_) | Self::Limit(_) | Self::MemoryCache | Self::VolumeClaim => "2Gi",
            Self::NodeSelector => "disktype=ssd",
            Self::Tolerations => "key=dedicated,value=builds,effect=NoSchedule",
            Self::Labels => "team=a",
            Self::Annotations => "example.com/note=text",
            Self::Env => "value",
            Self::Rootless | Self::UserNamespace | Self::Qemu | Self::DefaultLoad => "true",
            Self::Spread => "hostname",
            Self::Listen => "pod",
            Self::ServiceAccount | Self::SchedulerName => "builder",
            Self::ImagePullSecrets => "registry",
            Self::PriorityClass => "low",
            Self::RuntimeClass => "gvisor",
            Self::StorageClass => "fast",
            Self::QemuImage => "tonistiigi/binfmt:latest",
            Self::LoadBalance => "random",
            Self::Timeout => "5m",
        }
    }
}

impl fmt::Display for OptionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.driver_opt())
    }
}
