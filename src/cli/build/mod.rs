//! `build`: its flags, in groups that each have one subject.

mod display;
mod inputs;
mod output;
mod place;
mod results;
mod steps;

use clap::Args;

pub use display::DisplayArgs;
pub use inputs::{InputArgs, InvalidNamedContext, NamedContextArg};
pub use output::{InvalidOutput, OutputArg};
pub use place::PlaceArgs;
pub use results::ResultArgs;
pub use steps::StepArgs;

/// Build an image from a Dockerfile.
///
/// The folder PATH is the build context: only what the build reads of it is sent. The result stays
/// in the builder's cache unless --push or --output says where to put it.
#[derive(Debug, Clone, Args)]
#[command(override_usage = "kubectl buildkit build [OPTIONS] PATH|URL|-")]
pub struct BuildArgs {
    /// What is built from.
    #[command(flatten, next_help_heading = "Inputs")]
    pub inputs: InputArgs,
    /// How its steps are made.
    #[command(flatten, next_help_heading = "Steps")]
    pub steps: StepArgs,
    /// What becomes of it.
    #[command(flatten, next_help_heading = "Results")]
    pub results: ResultArgs,
    /// What is shown meanwhile.
    #[command(flatten, next_help_heading = "Display")]
    pub display: DisplayArgs,
    /// Where it is built.
    #[command(flatten, next_help_heading = "Place")]
    pub place: PlaceArgs,
}
