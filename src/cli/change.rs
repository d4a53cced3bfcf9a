//! How a change is carried out: really, or only shown.

use clap::{Args, ValueEnum};

use super::output::{Form, OF_OBJECTS, forms};

/// Flags with kubectl's names and meanings, for every command that changes something.
#[derive(Debug, Clone, Default, Args)]
pub struct ChangeArgs {
    /// Change nothing: "client" shows what would be sent, "server" what the cluster would make of it
    #[arg(
        long,
        value_name = "WHERE",
        value_enum,
        num_args = 0..=1,
        require_equals = true,
        default_value = "none",
        default_missing_value = "client"
    )]
    pub dry_run: DryRun,

    /// Change nothing: show the difference; exit code 0 if there is none, 1 if there is one
    #[arg(long, conflicts_with_all = ["dry_run", "output"])]
    pub diff: bool,

    /// Show the objects: the whole of them as yaml or json, their names, or what a template of
    /// kubectl's makes of them
    #[arg(long, short, value_name = "FORM", value_parser = forms(OF_OBJECTS))]
    pub output: Option<Form>,
}

/// Whether a change is carried out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum DryRun {
    /// It is
    #[default]
    None,
    /// What would be sent is shown
    Client,
    /// What the cluster would make of it is shown
    Server,
}
