//! `version`.

use clap::{Args, ValueEnum};

/// Show the version of this program.
#[derive(Debug, Clone, Args)]
pub struct VersionArgs {
    /// Form of the output
    #[arg(long, short, value_enum, value_name = "FORM", default_value_t)]
    pub output: VersionOutput,
}

/// Forms of the version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum VersionOutput {
    /// One line
    #[default]
    Text,
    /// One JSON document
    Json,
    /// One YAML document
    Yaml,
}
