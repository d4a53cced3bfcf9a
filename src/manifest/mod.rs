//! Kubernetes objects from a plan, and back into the model. No cluster, no clock.

mod boot;
mod diff;
mod labels;
mod loss;
mod node;
mod pod;
mod pod_options;
mod pod_spec;
mod read;
mod secret;
mod settings;
mod workload;

pub use boot::{Enough, Verdict, Why, verdict};
pub use diff::{Difference, differences};
pub use labels::{ALL_BUILDERS, CHECKSUM, STOPPED_FROM, TIMEOUT, labels, node_selector, selector};
pub use loss::{loss, restarts};
pub use node::workload;
pub use pod::{Trouble, state, trouble};
pub use read::{arguments, builder_name, builders};
pub use secret::{
    Credentials, Identity, SERVER_NAME, client_secret_name, credentials, daemon_secret_name,
    secrets,
};
pub use settings::plan;
pub use workload::Workload;
