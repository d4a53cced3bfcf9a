//! How the steps of a build are made.

use std::collections::BTreeMap;

use crate::cli::StepArgs;
use crate::env::Env;
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
    /// Whether base images are looked up again.
    pub pull: bool,
}

impl Steps {
    /// Decides what `args` mean in `env`.
    pub(super) fn new(args: &StepArgs, env: &Env) -> Self {
        Self {
            build_args: values(&args.build_args, env),
            target: args.target.clone().filter(|target| !target.is_empty()),
            platforms: platforms(&args.platforms),
            no_cache: args.no_cache,
            pull: args.pull,
        }
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
