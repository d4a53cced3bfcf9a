//! `scale`, `stop` and `start`.

use std::time::Duration;

use clap::Args;

use crate::model::{BuilderName, NodeName};

use super::change::ChangeArgs;
use super::value::{self, YesOrNo as _};

/// Set how many pods a builder has.
///
/// Builds in pods that are too many go on until they are done.
#[derive(Debug, Clone, Args)]
pub struct ScaleArgs {
    /// How many pods each node shall have
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = value::count)]
    pub replicas: i32,

    /// What is scaled.
    #[command(flatten)]
    pub power: PowerArgs,
}

/// Give a builder new certificates.
///
/// Its pods are replaced one after the other. Builds that run go on with the certificates that they
/// began with.
#[derive(Debug, Clone, Default, Args)]
pub struct RotateCertsArgs {
    /// Take over fields that others own, for instance kubectl apply
    #[arg(long, no_unless_said())]
    pub force_conflicts: bool,

    /// Which certificates.
    #[command(flatten)]
    pub power: PowerArgs,
}

/// Which builder has its pods started or stopped.
#[derive(Debug, Clone, Default, Args)]
pub struct PowerArgs {
    /// Name of the builder
    #[arg(
        help = value::BUILDER_HELP,
        value_name = "NAME",
        conflicts_with = "builder",
        value_parser = BuilderName::existing
    )]
    pub name: Option<BuilderName>,

    /// Name of the builder, as buildx spells it
    #[arg(long, value_name = "NAME", value_parser = BuilderName::existing)]
    pub builder: Option<BuilderName>,

    /// Only this node [default: all nodes]
    #[arg(long, value_name = "NODE", value_parser = NodeName::existing)]
    pub node: Option<NodeName>,

    /// Wait until it is so
    #[arg(long, no_unless_said())]
    pub wait: bool,

    /// How long to wait
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = value::duration)]
    pub timeout: Duration,

    /// How it is carried out.
    #[command(flatten)]
    pub change: ChangeArgs,
}

impl PowerArgs {
    /// The builder that is named.
    pub fn named(&self) -> Option<&BuilderName> {
        self.name.as_ref().or(self.builder.as_ref())
    }
}
