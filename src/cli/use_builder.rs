//! `use`.

use clap::Args;

use crate::model::BuilderName;

/// Choose the builder that is meant where none is named.
///
/// The choice is kept on this machine, for the cluster and kube context at hand. A builder that a
/// command line or `BUILDX_BUILDER` names counts more, and so does another namespace.
#[derive(Debug, Clone, Args)]
pub struct UseArgs {
    /// Name of the builder
    #[arg(value_name = "NAME", required_unless_present = "unset", value_parser = BuilderName::existing)]
    pub name: Option<BuilderName>,

    /// Choose none
    #[arg(long, conflicts_with = "name")]
    pub unset: bool,

    /// As without it: the choice is the kube context's default
    #[arg(long)]
    pub default: bool,

    /// Refused: a builder belongs to one cluster
    #[arg(long)]
    pub global: bool,
}
