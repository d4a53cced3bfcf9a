//! What a build is: every default and conflict of `build`'s flags.

mod address;
mod inputs;
mod output;
mod place;
mod results;
mod sandbox;
mod secrets;
mod steps;
mod values;

use crate::cli::{BuildArgs, DisplayArgs};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::model::ProgressMode;

pub use address::{DaemonAddress, TlsFiles};
pub use inputs::{Dockerfile, Inputs};
pub use output::{Exporter, Output, Sink};
pub use place::Place;
pub use results::{MetadataDetail, ProvenanceDetail, Results};
pub use sandbox::Sandbox;
pub use secrets::{Secret, Secrets};
pub use steps::Steps;

/// A build, decided.
#[derive(Debug, Clone)]
pub struct Build {
    /// What it reads.
    pub inputs: Inputs,
    /// What it may use and must not keep.
    pub secrets: Secrets,
    /// How its steps are made.
    pub steps: Steps,
    /// What its steps run in.
    pub sandbox: Sandbox,
    /// What becomes of the result.
    pub results: Results,
    /// Where it is built.
    pub place: Place,
    /// How progress is shown.
    pub progress: ProgressMode,
}

impl Build {
    /// Decides what `args` mean in `env`.
    pub fn new(args: &BuildArgs, env: &Env) -> Result<Self> {
        let build = Self {
            inputs: Inputs::new(&args.inputs, env)?,
            secrets: Secrets::new(&args.secrets, env)?,
            steps: Steps::new(&args.steps, env)?,
            sandbox: Sandbox::new(&args.sandbox),
            results: Results::new(&args.results, env)?,
            place: Place::new(&args.place, env)?,
            progress: progress(&args.display)?,
        };
        output::fits(&build.results.outputs, &build.steps.platforms)?;
        Ok(build)
    }
}

fn progress(args: &DisplayArgs) -> Result<ProgressMode> {
    if args.quiet {
        return match args.progress {
            ProgressMode::Auto | ProgressMode::Quiet => Ok(ProgressMode::Quiet),
            _ => Err(Error::usage(
                "--quiet and --progress cannot be used together",
            )),
        };
    }
    Ok(args.progress)
}
