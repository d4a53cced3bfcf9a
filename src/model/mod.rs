//! The nouns: builders, their nodes and replicas, platforms. No input, no output, no foreign formats.

mod boolean;
mod builder;
mod daemon;
mod digest;
mod image_name;
mod name;
mod option;
mod platform;
mod policy_log;
mod progress;
mod secret_name;
mod span;
mod step;
mod trust;
mod version;

pub use boolean::boolean;
pub use builder::{Builder, Connection, Maker, Node, NodeStatus, Replica, ReplicaState};
pub use daemon::{Daemon, Device, GcRule};
pub use digest::{Algorithm, Digest, InvalidDigest};
pub use image_name::{ImageName, InvalidImageName};
pub use name::{BuilderName, InvalidName, NodeName};
pub use option::{
    Comparison, Effect, Invalid, Listen, LoadBalance, Operator, OptionName, Quantity, Requirement,
    Resource, Selector, Setting, Toleration, TolerationFields, annotation, env_name, image, label,
    namespace, nearest, object_name, topology,
};
pub use platform::{InvalidPlatform, Platform};
pub use policy_log::{InvalidPolicyLog, PolicyLog};
pub use progress::{InvalidProgressMode, ProgressMode};
pub use secret_name::SecretName;
pub use span::Span;
pub use step::{
    HostEntry, InvalidHost, InvalidLimit, InvalidMemory, InvalidNetwork, InvalidUlimit, MemorySize,
    NetworkMode, StepLimit, StepResource, Ulimit,
};
pub use trust::Trust;
pub use version::{KubernetesVersion, minor_version};
