//! How the steps of a build are made.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::cli::value::{KeyValue, YesOrNo as _};

use super::platform::PlatformArg;

/// The flags about the steps of a build.
#[derive(Debug, Clone, Args)]
pub struct StepArgs {
    /// Value of a build argument; KEY alone takes it from the environment
    #[arg(long = "build-arg", value_name = "KEY[=VALUE]")]
    pub build_args: Vec<KeyValue>,

    /// Stage of the Dockerfile to build
    #[arg(long, value_name = "STAGE")]
    pub target: Option<String>,

    /// Platforms to build for, comma-separated
    #[arg(
        help = "Platforms to build for, comma-separated; local is that of this machine [default: $DOCKER_DEFAULT_PLATFORM, else the builder's own]"
    )]
    #[arg(long = "platform", value_name = "PLATFORM", value_delimiter = ',')]
    pub platforms: Vec<PlatformArg>,

    /// Do not use the cache
    #[arg(long, no_unless_said())]
    pub no_cache: bool,

    /// Do not use the cache for this stage; may be repeated
    #[arg(long, value_name = "STAGE", value_delimiter = ',', value_parser = NonEmptyStringValueParser::new())]
    pub no_cache_filter: Vec<String>,

    /// Look for newer base images in their registries
    #[arg(long, no_unless_said())]
    pub pull: bool,
}
