//! `ls`.

use clap::{Args, ValueEnum};

/// List builders.
#[derive(Debug, Clone, Args)]
#[command(visible_alias = "list")]
pub struct ListArgs {
    /// Look in all namespaces
    #[arg(long, short = 'A')]
    pub all_namespaces: bool,

    /// Form of the output
    #[arg(long, short, value_enum, value_name = "FORM", default_value_t)]
    pub output: ListOutput,

    /// Show all platforms
    #[arg(long)]
    pub no_trunc: bool,
}

/// Forms of the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ListOutput {
    /// A row for each builder and node
    #[default]
    Table,
    /// The table with more columns
    Wide,
    /// One JSON document
    Json,
    /// One YAML document
    Yaml,
    /// Names only, one per line
    Name,
}
