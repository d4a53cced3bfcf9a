//! What a build is: every default and conflict of `build`'s flags.

mod address;
mod attest;
mod aws;
mod caches;
mod call;
mod git_auth;
mod inputs;
mod legacy;
mod oci_layout;
mod output;
mod place;
mod policy;
mod remote;
mod repository;
mod results;
mod sandbox;
mod secrets;
mod steps;
mod values;

use crate::cli::{BuildArgs, DisplayArgs};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::model::{ProgressMode, SecretName};

pub use address::{DaemonAddress, TlsFiles};
pub use attest::DEFAULT_PROVENANCE;
pub use aws::{AwsFiles, AwsKeys};
pub use caches::{Cache, CacheKind, Caches};
pub use call::Call;
pub use inputs::{Context, Dockerfile, Inputs, NamedContext};
pub use oci_layout::LayoutImage;
pub use output::{Exporter, Output, Sink};
pub use place::Place;
pub use policy::{RegoPolicy, SourcePolicy};
pub use remote::{GitUrl, Remote, Transport, in_repository, repository};
pub use repository::RepositoryInfo;
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
    /// Secrets of the cluster with registry logins; the first one counts.
    pub registry_secrets: Vec<SecretName>,
    /// How its steps are made.
    pub steps: Steps,
    /// What its steps run in.
    pub sandbox: Sandbox,
    /// What becomes of the result.
    pub results: Results,
    /// What is asked in place of a build.
    pub call: Option<Call>,
    /// Which sources it may have.
    pub policy: SourcePolicy,
    /// What it says of the repository that its context is in.
    pub repository: RepositoryInfo,
    /// What its user should know before.
    pub warnings: Vec<String>,
    /// What is cached outside of the builder.
    pub caches: Caches,
    /// Where it is built.
    pub place: Place,
    /// How progress is shown.
    pub progress: ProgressMode,
    /// Whether warnings are shown in full.
    pub debug: bool,
}

impl Build {
    /// Decides what `args` mean in `env`.
    pub fn new(args: &BuildArgs, env: &Env) -> Result<Self> {
        let inputs = Inputs::new(&args.inputs, env)?;
        let mut secrets = Secrets::new(&args.secrets, env)?;
        git_auth::add(&mut secrets, &inputs, env)?;
        let build = Self {
            registry_secrets: args.registries.registry_secrets.clone(),
            caches: Caches::new(&args.caches, &args.steps.build_args, env)?,
            inputs,
            secrets,
            steps: Steps::new(&args.steps, env)?,
            sandbox: Sandbox::new(&args.sandbox),
            results: Results::new(&args.results, &args.attest, env)?,
            call: Call::new(&args.call, &args.inputs)?,
            policy: SourcePolicy::new(&args.policy, env)?,
            repository: RepositoryInfo::new(env),
            warnings: legacy::warnings(&args.legacy),
            place: Place::new(&args.place, env)?,
            progress: progress(&args.display)?,
            debug: args.display.debug,
        };
        output::fits(&build.results.outputs, &build.steps.platforms)?;
        Ok(build)
    }
}

impl Build {
    /// What becomes of the result: nothing if the frontend is asked something, as the answer is all that
    /// comes of that.
    pub fn outputs(&self) -> &[Output] {
        match self.call {
            Some(_) => &[],
            None => &self.results.outputs,
        }
    }
}

fn progress(args: &DisplayArgs) -> Result<ProgressMode> {
    if args.quiet {
        return match args.progress {
            ProgressMode::Auto | ProgressMode::Quiet | ProgressMode::None => {
                Ok(ProgressMode::Quiet)
            }
            _ => Err(Error::usage(
                "--quiet and --progress cannot be used together",
            )),
        };
    }
    Ok(args.progress)
}
