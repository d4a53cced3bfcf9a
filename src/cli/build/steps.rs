//! How the steps of a build are made.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::cli::value::{self, KeyValue};
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
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true",
        value_parser = value::boolean
    )]
    pub no_cache: bool,

    /// Do not use the cache for this stage; may be repeated
    #[arg(long, value_name = "STAGE", value_delimiter = ',', value_parser = NonEmptyStringValueParser::new())]
    pub no_cache_filter: Vec<String>,

    /// Look for newer base images in their registries
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true",
        value_parser = value::boolean
    )]
    pub pull: bool,
}
