//! What a node can be given: by `create` when it is made, by `update` afterwards.

use std::time::Duration;

use clap::Args;

use crate::model::{self, Platform};

use super::daemon::DaemonArgs;
use super::pod::PodArgs;
use super::value::{self, YesOrNo as _};

/// The settings of a node.
#[derive(Debug, Clone, Default, Args)]
pub struct SettingArgs {
    /// Platforms that the node is for, comma-separated [default: what the daemon detects]
    #[arg(long, value_name = "PLATFORM", value_delimiter = ',')]
    pub platform: Vec<Platform>,

    /// Image of the daemon [default: moby/buildkit:buildx-stable-1, with -rootless if --rootless]
    #[arg(long, value_name = "IMAGE", value_parser = model::image)]
    pub image: Option<String>,

    /// How many pods [default: 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = value::count)]
    pub replicas: Option<i32>,

    /// Run the daemon without privileges
    #[arg(long, yes_or_no())]
    pub rootless: Option<bool>,

    /// Wait until the builder takes builds
    #[arg(long, no_unless_said())]
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

    /// How the daemon itself is configured.
    #[command(flatten)]
    pub daemon: DaemonArgs,
}
