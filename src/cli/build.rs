//! `build`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::model::{BuilderName, ImageName, Platform, ProgressMode};

use super::output::OutputArg;
use super::value::{self, KeyValue};

/// Build an image from a Dockerfile.
///
/// The folder PATH is the build context: only what the build reads of it is sent. The result stays
/// in the builder's cache unless --push or --output says where to put it.
#[derive(Debug, Clone, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag that a person types"
)]
pub struct BuildArgs {
    /// Folder with the build context
    #[arg(value_name = "PATH")]
    pub path: PathBuf,

    /// Dockerfile [default: PATH/Dockerfile]
    #[arg(long, short, value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// Name of the image, as name:tag; may be repeated
    #[arg(long = "tag", short, value_name = "NAME", value_delimiter = ',')]
    pub tags: Vec<ImageName>,

    /// Push the image to its registry
    #[arg(long)]
    pub push: bool,

    /// Where to put the result: PATH, - or type=local|tar|oci|docker|image|registry[,dest=PATH,...]; may be repeated
    #[arg(
        long = "output",
        short,
        value_name = "OUTPUT",
        allow_hyphen_values = true
    )]
    pub outputs: Vec<OutputArg>,

    /// Value of a build argument; KEY alone takes it from the environment
    #[arg(long = "build-arg", value_name = "KEY[=VALUE]")]
    pub build_args: Vec<KeyValue>,

    /// Label of the image; KEY alone takes it from the environment
    #[arg(long = "label", value_name = "KEY[=VALUE]")]
    pub labels: Vec<KeyValue>,

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

    /// How to show progress
    #[arg(
        long,
        value_name = "MODE",
        default_value_t,
        value_parser = value::words(&ProgressMode::ALL, ProgressMode::as_str)
    )]
    pub progress: ProgressMode,

    /// Show nothing but the digest of the result
    #[arg(long, short)]
    pub quiet: bool,

    /// Write what is known of the result to FILE, as JSON
    #[arg(long, value_name = "FILE")]
    pub metadata_file: Option<PathBuf>,

    /// Write the digest of the image to FILE
    #[arg(long, value_name = "FILE")]
    pub iidfile: Option<PathBuf>,

    /// Builder to use
    #[arg(
        help = "Builder to use [default: $BUILDX_BUILDER, else what `use` chose, else the only one in the namespace]"
    )]
    #[arg(long, value_name = "NAME", conflicts_with = "buildkit_host")]
    #[arg(value_parser = BuilderName::existing)]
    pub builder: Option<BuilderName>,

    /// Do not make a builder if there is none
    #[arg(long, conflicts_with = "buildkit_host")]
    pub no_create: bool,

    /// How long to wait for a builder to come up [default: what the builder says, else 2m]
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    pub timeout: Option<Duration>,

    /// Address of a daemon to build on, without a cluster
    #[arg(
        help = "Build on the daemon at this address, unix:///PATH or tcp://HOST:PORT, without a cluster [default: $BUILDKIT_HOST]"
    )]
    #[arg(long, value_name = "ADDRESS")]
    pub buildkit_host: Option<String>,

    /// File with the certificate authority of the daemon at a tcp:// address
    #[arg(long, value_name = "FILE")]
    pub tlscacert: Option<PathBuf>,

    /// File with the client certificate for the daemon at a tcp:// address
    #[arg(long, value_name = "FILE", requires = "tlskey")]
    pub tlscert: Option<PathBuf>,

    /// File with the client key for the daemon at a tcp:// address
    #[arg(long, value_name = "FILE", requires = "tlscert")]
    pub tlskey: Option<PathBuf>,

    /// Name that the certificate of the daemon at a tcp:// address must have [default: its host]
    #[arg(long, value_name = "NAME")]
    pub tlsservername: Option<String>,
}
