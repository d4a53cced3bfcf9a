//! `version`.

use clap::Args;

use super::output::{Form, OF_NAMELESS, forms};

/// Show the versions of this program, of Kubernetes, and of the builders of the namespace.
#[derive(Debug, Clone, Args)]
pub struct VersionArgs {
    /// Show only the version of this program: ask no cluster
    #[arg(long)]
    pub client: bool,

    /// Form of the output; templates and columns are kubectl's
    #[arg(
        long,
        short,
        value_name = "FORM",
        default_value = "text",
        value_parser = forms(OF_NAMELESS)
    )]
    pub output: Form,
}
