//! Kubernetes objects from a plan, and back into the model. No cluster, no clock.

mod arguments;
mod boot;
mod buildx;
mod config;
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
mod trouble;
mod trust;
mod workload;

pub use boot::{Enough, Verdict, Why, verdict};
pub use buildx::{buildx_config_maps, buildx_pods, is_buildx, is_buildx_claim};
pub use config::{config_differences, config_secret, config_secret_name};
pub use diff::{Difference, differences};
pub use labels::{
    ALL_BUILDERS, BUILDX_CANDIDATES, CHECKSUM, CONFIG, STOPPED_FROM, TIMEOUT, labels,
    node_selector, selector,
};
pub use loss::{Loss, is_retired, loss, restarts};
pub use node::workload;
pub use pod::{state_in, trouble};
pub use pod_spec::CONTAINER;
pub use read::{builder_name, builders};
pub use secret::{
    Credentials, Identity, SERVER_NAME, client_secret_name, credentials, daemon_secret_name,
    secrets,
};
pub use settings::{has_config, plan};
pub use trouble::Trouble;
pub use trust::trust;
pub use workload::Workload;
