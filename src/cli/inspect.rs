//! `inspect`.

use std::time::Duration;

use clap::Args;

use crate::model::BuilderName;

use super::output::{Form, OF_ONE, forms};
use super::value::{self, YesOrNo as _};

/// Show one builder in full: its nodes, pods and daemons.
#[derive(Debug, Clone, Default, Args)]
pub struct InspectArgs {
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

    /// Start the builder if it is stopped, and wait until all its pods take builds
    #[arg(long, no_unless_said())]
    pub bootstrap: bool,

    /// How long --bootstrap waits [default: what the builder says, else 2m]; without it, how long
    /// the daemons may take to answer [default: 5s]
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    pub timeout: Option<Duration>,

    /// Form of the output; templates and columns are kubectl's
    #[arg(
        long,
        short,
        value_name = "FORM",
        default_value = "text",
        value_parser = forms(OF_ONE)
    )]
    pub output: Form,
}
