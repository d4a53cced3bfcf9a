//! `create`.

use std::time::Duration;

use clap::Args;

use crate::model::{BuilderName, Platform};

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
    #[arg(long, value_name = "IMAGE")]
    pub image: Option<String>,

    /// How many pods
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value::count)]
    pub replicas: i32,

    /// Run the daemon without privileges
    #[arg(long)]
    pub rootless: bool,

    /// Wait until the builder takes builds
    #[arg(long)]
    pub bootstrap: bool,

    /// How long --bootstrap waits
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = value::duration)]
    pub timeout: Duration,
}
