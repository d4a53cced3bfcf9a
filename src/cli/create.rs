//! `create`.

use clap::Args;

use crate::model::{BuilderName, NodeName};

use super::change::ChangeArgs;
use super::settings::SettingArgs;

/// Create a builder, or add a node to one.
///
/// Makes a Deployment of buildkitd, and the certificates with which it can be reached. Creating a
/// builder that is there already, with the same settings, changes nothing.
#[derive(Debug, Clone, Default, Args)]
pub struct CreateArgs {
    /// Name of the builder [default: buildkit]
    #[arg(value_name = "NAME", conflicts_with = "name_flag")]
    pub name: Option<BuilderName>,

    /// Name of the builder, as buildx spells it
    #[arg(long = "name", value_name = "NAME")]
    pub name_flag: Option<BuilderName>,

    /// Name of the node and its Deployment [default: the builder's name and a number]
    #[arg(long, value_name = "NODE")]
    pub node: Option<NodeName>,

    /// Add a node to a builder that is there
    #[arg(long, conflicts_with = "leave")]
    pub append: bool,

    /// Remove the node that --node names, with all that belongs to it
    #[arg(long, requires = "node", conflicts_with_all = ["bootstrap", "platform", "driver_opt"])]
    pub leave: bool,

    /// Choose the builder, as the command `use` does
    #[arg(long = "use", conflicts_with = "leave")]
    pub choose: bool,

    /// How it is carried out.
    #[command(flatten)]
    pub change: ChangeArgs,

    /// What the node is like.
    #[command(flatten)]
    pub settings: SettingArgs,
}
