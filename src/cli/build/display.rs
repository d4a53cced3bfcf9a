//! What a build shows.

use clap::Args;

use crate::cli::value;
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
    #[arg(
        long,
        short,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        hide_default_value = true,
        default_missing_value = "true",
        value_parser = value::boolean
    )]
    pub quiet: bool,
}
