//! `rm`.

use std::time::Duration;

use clap::Args;

use crate::model::BuilderName;

use super::change::ChangeArgs;
use super::value::{self, YesOrNo as _};

/// Remove builders and all that belongs to them.
#[derive(Debug, Clone, Args)]
pub struct RmArgs {
    /// Names of the builders
    #[arg(
        value_name = "NAME",
        required_unless_present = "all_inactive",
        value_parser = BuilderName::existing
    )]
    pub names: Vec<BuilderName>,

    /// Remove all builders of the namespace that are stopped or cannot come up
    #[arg(long, conflicts_with = "names")]
    pub all_inactive: bool,

    /// For scripts that say it: nothing is asked anyway
    #[arg(long, short, yes_or_no())]
    pub force: Option<bool>,

    /// Keep the volumes with the caches: a builder of the same name finds them again
    #[arg(long, no_unless_said())]
    pub keep_state: bool,

    /// Wait until all pods are gone
    #[arg(long, default_value_t = true, yes_or_no())]
    pub wait: bool,

    /// How long to wait
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = value::duration)]
    pub timeout: Duration,

    /// How it is carried out.
    #[command(flatten)]
    pub change: ChangeArgs,
}
