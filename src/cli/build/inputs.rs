//! What a build reads.

use std::path::PathBuf;

use clap::Args;

/// The flags about what a build reads.
#[derive(Debug, Clone, Args)]
pub struct InputArgs {
    /// Folder with the build context
    #[arg(value_name = "PATH", help_heading = "Arguments")]
    pub path: PathBuf,

    /// Dockerfile [default: PATH/Dockerfile]
    #[arg(long, short, value_name = "FILE")]
    pub file: Option<PathBuf>,
}
