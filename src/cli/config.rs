//! `config`: defaults for flags.

use clap::{Args, Subcommand};

use super::output::{Form, OF_NAMELESS, forms};
use super::value::YesOrNo as _;

/// Show and set defaults for flags.
///
/// A default is a flag's value where the command line has none, for instance `build.progress`, or
/// `builder` for every command that has this flag. It counts in one kube context with --context, and in
/// one namespace of it with --namespace.
#[derive(Debug, Clone, Args)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub struct ConfigArgs {
    /// What to do with them.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What is done with defaults.
#[derive(Debug, Clone, Subcommand)]
pub enum ConfigCommand {
    /// Show the defaults that count here, and where each comes from
    View(ConfigViewArgs),
    /// Set a default
    Set(ConfigSetArgs),
    /// Take defaults back
    Unset(ConfigUnsetArgs),
}

/// Show the defaults that count here, and where each comes from.
///
/// "Here" is the kube context and namespace at hand; --context and --namespace look elsewhere.
#[derive(Debug, Clone, Args)]
pub struct ConfigViewArgs {
    /// Show what is built in, too
    #[arg(long, no_unless_said())]
    pub all: bool,

    /// Show secrets: without this, passwords, keys and tokens are REDACTED
    #[arg(long, no_unless_said())]
    pub raw: bool,

    /// Form of the output
    #[arg(long, short, value_name = "FORM", default_value = "text", hide_default_value = true, value_parser = forms(OF_NAMELESS))]
    pub output: Form,
}

/// Set a default.
///
/// It counts everywhere, or with --context in one kube context, or with --namespace in one namespace of
/// a kube context.
#[derive(Debug, Clone, Args)]
pub struct ConfigSetArgs {
    /// The flag: COMMAND.FLAG, or FLAG for every command that has it
    #[arg(value_name = "KEY")]
    pub key: String,

    /// The value; several for a flag that may be repeated
    #[arg(value_name = "VALUE", required = true)]
    pub values: Vec<String>,
}

/// Take defaults back.
#[derive(Debug, Clone, Args)]
pub struct ConfigUnsetArgs {
    /// The flags, as `config view` shows them
    #[arg(value_name = "KEY", required = true)]
    pub keys: Vec<String>,
}
