//! How the steps of a build are made.

use std::collections::BTreeMap;

use crate::cli::StepArgs;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::model::Platform;

use super::values::values;

/// How the steps of a build are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    /// Values of build arguments.
    pub build_args: BTreeMap<String, String>,
    /// The stage to build; the last one if absent.
    pub target: Option<String>,
    /// The platforms to build for; the daemon's own if empty.
    pub platforms: Vec<Platform>,
    /// Whether every step runs again.
    pub no_cache: bool,
    /// Stages whose steps run again.
    pub no_cache_filter: Vec<String>,
    /// Whether base images are looked up again.
    pub pull: bool,
}

impl Steps {
    /// Decides what `args` mean in `env`.
    pub(super) fn new(args: &StepArgs, env: &Env) -> Result<Self> {
        if args.no_cache && !args.no_cache_filter.is_empty() {
            return Err(
                Error::usage("--no-cache and --no-cache-filter cannot be used together")
                    .hint("--no-cache alone runs every stage again"),
            );
        }
        Ok(Self {
            build_args: values(&args.build_args, env),
            target: args.target.clone().filter(|target| !target.is_empty()),
            platforms: platforms(&args.platforms),
            no_cache: args.no_cache,
            no_cache_filter: args.no_cache_filter.clone(),
            pull: args.pull,
        })
    }
}

/// Each platform once, in the order given.
fn platforms(given: &[Platform]) -> Vec<Platform> {
    let mut platforms: Vec<Platform> = Vec::new();
    for platform in given {
        if !platforms.contains(platform) {
            platforms.push(platform.clone());
        }
    }
    platforms
}
