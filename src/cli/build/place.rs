//! Where a build runs.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cli::value::{self, YesOrNo as _};
use crate::model::BuilderName;

/// The flags about where a build runs.
#[derive(Debug, Clone, Args)]
pub struct PlaceArgs {
    /// Builder to use
    #[arg(
        help = "Builder to use [default: $BUILDX_BUILDER, else what `use` chose, else the only one in the namespace]"
    )]
    #[arg(long, value_name = "NAME", conflicts_with = "buildkit_host")]
    #[arg(value_parser = BuilderName::existing)]
    pub builder: Option<BuilderName>,

    /// Pod of the builder to build on [default: as its load balancing chooses]
    #[arg(long, value_name = "POD", conflicts_with = "buildkit_host")]
    pub replica: Option<String>,

    /// Do not make a builder if there is none
    #[arg(long, conflicts_with = "buildkit_host", no_unless_said())]
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
