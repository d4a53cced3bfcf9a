//! `-o` of commands that show one thing.

use clap::ValueEnum;

/// Forms of one thing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum DocumentOutput {
    /// Text for people
    #[default]
    Text,
    /// One JSON document
    Json,
    /// One YAML document
    Yaml,
}
