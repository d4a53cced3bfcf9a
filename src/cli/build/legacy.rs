//! Flags of the builder that docker had before BuildKit: taken, so that old scripts run on.

use clap::Args;

use crate::cli::value::YesOrNo as _;

/// The flags that mean nothing to BuildKit.
#[derive(Debug, Clone, Default, Args)]
pub struct LegacyArgs {
    /// No effect: what is sent is compressed where that helps
    #[arg(long, hide = true, yes_or_no())]
    pub compress: Option<bool>,

    /// No effect: BuildKit isolates every step
    #[arg(long, hide = true, value_name = "TECHNOLOGY")]
    pub isolation: Option<String>,

    /// No effect: write RUN --security=insecure, and --allow security.insecure
    #[arg(long = "security-opt", hide = true, value_name = "OPTION")]
    pub security_options: Vec<String>,

    /// No effect: several stages make a small image
    #[arg(long, hide = true, yes_or_no())]
    pub squash: Option<bool>,

    /// No effect: nothing is left of a step but its result
    #[arg(long, hide = true, yes_or_no())]
    pub rm: Option<bool>,

    /// No effect: nothing is left of a step but its result
    #[arg(long, hide = true, yes_or_no())]
    pub force_rm: Option<bool>,
}
