//! `ls`.

use clap::Args;

use crate::model::OutputFormat;

use super::value;

/// List builders.
#[derive(Debug, Clone, Args)]
#[command(visible_alias = "list")]
pub struct LsArgs {
    /// Look in all namespaces
    #[arg(long, short = 'A')]
    pub all_namespaces: bool,

    /// Form of the output
    #[arg(
        long,
        short,
        value_name = "FORM",
        default_value_t,
        value_parser = value::words(&OutputFormat::ALL, OutputFormat::as_str)
    )]
    pub output: OutputFormat,

    /// Show all platforms
    #[arg(long)]
    pub no_trunc: bool,
}
