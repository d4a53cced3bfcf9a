//! `scale`, `stop` and `start`.

use std::time::Duration;

use clap::Args;

use crate::model::{BuilderName, NodeName};

use super::change::ChangeArgs;
use super::value;

/// Set how many pods a builder has.
///
/// Builds in pods that are too many go on until they are done.
#[derive(Debug, Clone, Args)]
pub struct ScaleArgs {
    /// How many pods each node shall have
    #[arg(long, value_name = "N", value_parser = value::count)]
    pub replicas: i32,

    /// What is scaled.
    #[command(flatten)]
    pub power: PowerArgs,
}

/// Which builder has its pods started or stopped.
#[derive(Debug, Clone, Default, Args)]
pub struct PowerArgs {
    /// Name of the builder
    #[arg(help = value::BUILDER_HELP, value_name = "NAME")]
    pub name: Option<BuilderName>,

    /// Only this node [default: all nodes]
    #[arg(long, value_name = "NODE")]
    pub node: Option<NodeName>,

    /// Wait until it is so
    #[arg(long)]
    pub wait: bool,

    /// How long to wait
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = value::duration)]
    pub timeout: Duration,

    /// How it is carried out.
    #[command(flatten)]
    pub change: ChangeArgs,
}
