//! `version`.

use clap::Args;

use super::document::DocumentOutput;

/// Show the version of this program.
#[derive(Debug, Clone, Args)]
pub struct VersionArgs {
    /// Form of the output
    #[arg(long, short, value_enum, value_name = "FORM", default_value_t)]
    pub output: DocumentOutput,
}
