//! How the steps of a build are made.

use clap::Args;

use crate::cli::value::KeyValue;
use crate::model::Platform;

/// The flags about the steps of a build.
#[derive(Debug, Clone, Args)]
pub struct StepArgs {
    /// Value of a build argument; KEY alone takes it from the environment
    #[arg(long = "build-arg", value_name = "KEY[=VALUE]")]
    pub build_args: Vec<KeyValue>,

    /// Stage of the Dockerfile to build
    #[arg(long, value_name = "STAGE")]
    pub target: Option<String>,

    /// Platforms to build for, comma-separated [default: the builder's own]
    #[arg(long = "platform", value_name = "PLATFORM", value_delimiter = ',')]
    pub platforms: Vec<Platform>,

    /// Do not use the cache
    #[arg(long)]
    pub no_cache: bool,

    /// Look for newer base images in their registries
    #[arg(long)]
    pub pull: bool,
}
