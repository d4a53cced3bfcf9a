//! `update`.

use clap::Args;

use crate::model::{BuilderName, NodeName};

use super::change::ChangeArgs;
use super::settings::SettingArgs;
use super::unset::Unset;
use super::value::{self, YesOrNo as _};

/// Change the settings of a builder.
///
/// What is not named stays as it is; maps and lists grow. Pods are replaced only if what they are
/// made from changes, and builds that run in them go on until they are done.
///
/// A builder that docker buildx made becomes one of ours, with its settings; it needs no other change.
/// It is said before what becomes of it; --diff shows all of it.
#[derive(Debug, Clone, Default, Args)]
pub struct UpdateArgs {
    /// Name of the builder
    #[arg(help = value::BUILDER_HELP, value_name = "NAME", conflicts_with_all = ["name_flag", "builder"])]
    pub name: Option<BuilderName>,

    /// Name of the builder, as buildx spells it
    #[arg(long = "name", value_name = "NAME", conflicts_with = "builder")]
    pub name_flag: Option<BuilderName>,

    /// Name of the builder, as buildx spells it elsewhere
    #[arg(long, value_name = "NAME")]
    pub builder: Option<BuilderName>,

    /// Change only this node [default: all nodes]
    #[arg(long, value_name = "NODE")]
    pub node: Option<NodeName>,

    /// Take an option back to its default, or remove one entry of it, for instance "requests.cpu" or
    /// "env.A"; may be repeated
    #[arg(long, value_name = "OPTION[.KEY]", value_delimiter = ',')]
    pub unset: Vec<Unset>,

    /// Take over fields that others own, for instance kubectl apply or an autoscaler
    #[arg(long, no_unless_said())]
    pub force_conflicts: bool,

    /// What changes.
    #[command(flatten)]
    pub settings: SettingArgs,

    /// How it is carried out.
    #[command(flatten)]
    pub change: ChangeArgs,
}

impl UpdateArgs {
    /// The builder that is named.
    pub fn named(&self) -> Option<&BuilderName> {
        let flags = self.name_flag.as_ref().or(self.builder.as_ref());
        self.name.as_ref().or(flags)
    }
}
