//! Kubernetes objects from a plan, and back into the model. No cluster, no clock.

mod adopt;
mod affinity;
mod arguments;
mod boot;
mod buildx;
mod config;
mod diff;
mod labels;
mod loss;
mod node;
mod patch;
mod pod;
mod pod_options;
mod pod_spec;
mod read;
mod replica_set;
mod secret;
mod settings;
mod trouble;
mod trust;
mod volume;
mod workload;

pub use adopt::{BUILDX_CONFIG, MountedFiles, adopted, adopted_by, adoption, claim, summary};
pub use boot::{
    About, Advice, Enough, News, Problem, Refused, Verdict, Why, advice, lacks_image, last_words,
    problem, refused, step, verdict,
};
pub use buildx::{
    buildx_config_maps, buildx_pods, is_buildx, is_buildx_claim, mounted_config_maps,
};
pub use config::{config_differences, config_secret, config_secret_name};
pub use diff::{Difference, differences, rolls};
pub use labels::{
    ADOPTED_BY, ALL_BUILDERS, BUILDX_CANDIDATES, CHECKSUM, CONFIG, LEFT_OVER, STOPPED_FROM,
    TIMEOUT, labels, node_selector, selector, try_again,
};
pub use loss::{Loss, is_retired, loss, restarts};
pub use node::workload;
pub use patch::InvalidPatch;
pub use pod::{state_in, trouble};
pub use pod_spec::CONTAINER;
pub use read::{builder_name, builders, daemon_arguments};
pub use replica_set::{newest_hash, revision};
pub use secret::{
    Credentials, Identity, SERVER_NAME, client_secret_name, credentials, daemon_secret_name,
    secrets,
};
pub use settings::{has_config, plan, plan_with};
pub use trouble::Trouble;
pub use trust::trust;
pub use workload::Workload;
