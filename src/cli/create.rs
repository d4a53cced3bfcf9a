//! `create`.

use std::time::Duration;

use clap::Args;

use crate::model::{self, BuilderName, Platform};

use super::pod::PodArgs;
use super::value;

/// Create a builder.
///
/// Makes a Deployment of buildkitd, and the certificates with which it can be reached. Creating a
/// builder that is there already, with the same settings, changes nothing.
#[derive(Debug, Clone, Args)]
pub struct CreateArgs {
    /// Name of the builder [default: buildkit]
    #[arg(value_name = "NAME", conflicts_with = "name_flag")]
    pub name: Option<BuilderName>,

    /// Name of the builder, as buildx spells it
    #[arg(long = "name", value_name = "NAME")]
    pub name_flag: Option<BuilderName>,

    /// Platforms that the builder's node is for, comma-separated [default: what the daemon detects]
    #[arg(long, value_name = "PLATFORM", value_delimiter = ',')]
    pub platform: Vec<Platform>,

    /// Image of the daemon [default: moby/buildkit:buildx-stable-1, with -rootless if --rootless]
    #[arg(long, value_name = "IMAGE", value_parser = model::image)]
    pub image: Option<String>,

    /// How many pods [default: 1]
    #[arg(long, value_name = "N", value_parser = value::count)]
    pub replicas: Option<i32>,

    /// Run the daemon without privileges
    #[arg(long)]
    pub rootless: bool,

    /// Choose the builder, as the command `use` does
    #[arg(long = "use")]
    pub choose: bool,

    /// Wait until the builder takes builds
    #[arg(long)]
    pub bootstrap: bool,

    /// How long --bootstrap waits; without it, how long builds wait for the builder [default: 2m]
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    pub timeout: Option<Duration>,

    /// The driver, for scripts that name it: there is only this one
    #[arg(long, value_name = "DRIVER", value_parser = ["kubernetes"])]
    pub driver: Option<String>,

    /// Options in buildx's spelling, for instance "nodeselector=disktype=ssd"; may be repeated
    #[arg(long, value_name = "OPTION=VALUE")]
    pub driver_opt: Vec<String>,

    /// How its pods are made.
    #[command(flatten)]
    pub pod: PodArgs,
}
