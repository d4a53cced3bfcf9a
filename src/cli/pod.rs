//! The flags for a builder's pods, in kubectl's spelling.

use clap::Args;

use crate::model::{self, Listen, LoadBalance, Quantity, Requirement, Toleration};

use super::option::{ResourceQuantity, annotation, label, node_label, variable};
use super::value::{self, YesOrNo as _};

/// How the pods of a builder are made, and which of them takes a build.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Pod options")]
pub struct PodArgs {
    /// What each pod asks for, for instance cpu=1,memory=2Gi; also ephemeral-storage
    #[arg(long, value_name = "RESOURCE=AMOUNT", value_delimiter = ',')]
    pub requests: Vec<ResourceQuantity>,

    /// What each pod is held to, for instance cpu=4,memory=8Gi; also ephemeral-storage
    #[arg(long, value_name = "RESOURCE=AMOUNT", value_delimiter = ',')]
    pub limits: Vec<ResourceQuantity>,

    /// Run only on cluster nodes with this label; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_delimiter = ',', value_parser = node_label)]
    pub node_selector: Vec<(String, String)>,

    /// Put up with this taint of cluster nodes; may be repeated
    #[arg(long, value_name = "KEY[=VALUE][:EFFECT]")]
    pub toleration: Vec<Toleration>,

    /// Run only on cluster nodes whose labels are like this, for instance "disktype in (ssd,nvme)" or
    /// "!spot"; may be repeated
    #[arg(long, value_name = "REQUIREMENT")]
    pub affinity: Vec<Requirement>,

    /// Spread the pods over cluster nodes with different values of a label
    #[arg(
        long,
        value_name = "hostname|zone|LABEL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "hostname",
        value_parser = model::topology
    )]
    pub spread: Option<String>,

    /// Give the pods a user namespace of their own, in which the daemon has all privileges
    #[arg(long, yes_or_no())]
    pub user_namespace: Option<bool>,

    /// Where the daemon's port with mutual TLS listens: inside the pod, or on its address too
    /// [default: loopback]
    #[arg(long, value_name = "WHERE", value_parser = value::words(&Listen::ALL, Listen::as_str))]
    pub listen: Option<Listen>,

    /// Change any other field of the pod template: a file, YAML or JSON, a part of the template that
    /// is merged in or a list of operations (RFC 6902); may be repeated
    #[arg(long, value_name = "FILE|PATCH")]
    pub patch: Vec<String>,

    /// Label of the Deployment and its pods; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_delimiter = ',', value_parser = label)]
    pub label: Vec<(String, String)>,

    /// Annotation of the Deployment and its pods; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = annotation)]
    pub annotation: Vec<(String, String)>,

    /// Variable of the daemon's environment, for instance a proxy; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    pub env: Vec<(String, String)>,

    /// Service account of the pods
    #[arg(long, value_name = "NAME", value_parser = model::object_name)]
    pub service_account: Option<String>,

    /// Scheduler of the pods
    #[arg(long, value_name = "NAME", value_parser = model::object_name)]
    pub scheduler_name: Option<String>,

    /// Secret with which images are pulled; may be repeated
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = model::object_name)]
    pub image_pull_secret: Vec<String>,

    /// Priority class of the pods
    #[arg(long, value_name = "NAME", value_parser = model::object_name)]
    pub priority_class: Option<String>,

    /// Runtime class of the pods
    #[arg(long, value_name = "NAME", value_parser = model::object_name)]
    pub runtime_class: Option<String>,

    /// Install emulators of other platforms on the cluster nodes, where they stay
    #[arg(long, yes_or_no())]
    pub qemu: Option<bool>,

    /// Image that installs them [default: tonistiigi/binfmt:latest]
    #[arg(long, value_name = "IMAGE", value_parser = model::image)]
    pub qemu_image: Option<String>,

    /// Keep the cache in memory, at most so much of it
    #[arg(long, value_name = "SIZE")]
    pub memory_cache: Option<Quantity>,

    /// Keep the cache on a volume of this size for each pod; it outlives the pod
    #[arg(long, value_name = "SIZE")]
    pub storage: Option<Quantity>,

    /// Storage class of the volumes [default: the cluster's]
    #[arg(long, value_name = "NAME", value_parser = model::object_name)]
    pub storage_class: Option<String>,

    /// A build without output goes to the local docker. Loading is not supported yet: such a build
    /// ends before it begins, and says what to type instead
    #[arg(long, yes_or_no())]
    pub default_load: Option<bool>,

    /// Which pod takes a build: the same for the same build context, any, or the one that runs the
    /// fewest [default: sticky]
    #[arg(long, value_name = "HOW", value_parser = value::words(&LoadBalance::ALL, LoadBalance::as_str))]
    pub loadbalance: Option<LoadBalance>,
}
