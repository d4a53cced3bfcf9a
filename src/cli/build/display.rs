//! What a build shows.

use clap::Args;

use crate::cli::value::{self, YesOrNo as _};
use crate::model::ProgressMode;

/// The flags about what a build shows.
#[derive(Debug, Clone, Args)]
pub struct DisplayArgs {
    /// How to show progress
    #[arg(
        long,
        value_name = "MODE",
        default_value_t,
        value_parser = value::words(&ProgressMode::ALL, ProgressMode::as_str)
    )]
    pub progress: ProgressMode,

    /// Show nothing but the digest of the result
    #[arg(long, short, no_unless_said())]
    pub quiet: bool,

    /// Show warnings in full at the end: what is meant, where it is explained, the lines of the file
    #[arg(long, short = 'D', no_unless_said())]
    pub debug: bool,
}
