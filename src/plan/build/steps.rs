//! How the steps of a build are made.

use std::collections::BTreeMap;

use crate::cli::{PlatformArg, StepArgs};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::model::{Platform, boolean};

use super::values::values;

/// How the steps of a build are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    /// Values of build arguments.
    pub build_args: BTreeMap<String, String>,
    /// The image with the frontend that reads the Dockerfile, and its arguments; what the Dockerfile
    /// says if absent.
    pub syntax: Option<String>,
    /// Whether the result is an index even if it is for one platform.
    pub multi_platform: bool,
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
        let mut build_args = values(&args.build_args, env);
        if let Some(epoch) = env.var(EPOCH) {
            build_args
                .entry(EPOCH.to_owned())
                .or_insert_with(|| epoch.to_owned());
        }
        Ok(Self {
            syntax: syntax(&build_args)?,
            multi_platform: build_args
                .get("BUILDKIT_MULTI_PLATFORM")
                .and_then(|text| boolean(text))
                == Some(true),
            build_args,
            target: args.target.clone().filter(|target| !target.is_empty()),
            platforms: platforms(&args.platforms, env)?,
            no_cache: args.no_cache,
            no_cache_filter: args.no_cache_filter.clone(),
            pull: args.pull,
        })
    }
}

/// The time that files of the result have, for builds that can be repeated.
const EPOCH: &str = "SOURCE_DATE_EPOCH";

fn syntax(build_args: &BTreeMap<String, String>) -> Result<Option<String>> {
    match build_args.get("BUILDKIT_SYNTAX") {
        Some(syntax) if syntax.trim().is_empty() => Err(Error::usage(
            "--build-arg BUILDKIT_SYNTAX= names no image with a frontend",
        )
        .hint("name one, for instance docker/dockerfile:1, or leave the argument out")),
        syntax => Ok(syntax.cloned()),
    }
}

/// Each platform once, in the order given.
fn platforms(given: &[PlatformArg], env: &Env) -> Result<Vec<Platform>> {
    let default = match env.var("DOCKER_DEFAULT_PLATFORM") {
        Some(text) if given.is_empty() => named(text)?,
        _ => Vec::new(),
    };
    let mut platforms: Vec<Platform> = Vec::new();
    for arg in given.iter().chain(&default) {
        let platform = match arg {
            PlatformArg::Local => Platform::new(env.system, env.architecture, ""),
            PlatformArg::System(system) => Platform::new(system, env.architecture, ""),
            PlatformArg::Named(platform) => platform.clone(),
        };
        if !platforms.contains(&platform) {
            platforms.push(platform);
        }
    }
    Ok(platforms)
}

fn named(text: &str) -> Result<Vec<PlatformArg>> {
    let platforms = text.split(',').map(str::parse).collect::<Result<_, _>>();
    platforms
        .map_err(|error| Error::usage("$DOCKER_DEFAULT_PLATFORM names no platform").because(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(build_args: &[&str], platforms: &[&str]) -> StepArgs {
        StepArgs {
            build_args: build_args
                .iter()
                .map(|text| text.parse().unwrap())
                .collect(),
            target: None,
            platforms: platforms.iter().map(|text| text.parse().unwrap()).collect(),
            no_cache: false,
            no_cache_filter: Vec::new(),
            pull: false,
        }
    }

    fn shown(platforms: &[Platform]) -> Vec<String> {
        platforms.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn platforms_of_this_machine_and_of_the_environment() {
        let mut env = Env::from_variables([("DOCKER_DEFAULT_PLATFORM", "linux/386,arm64")]);
        (env.system, env.architecture) = ("linux", "aarch64");
        let planned = |platforms: &[&str]| {
            let steps = Steps::new(&args(&[], platforms), &env).unwrap();
            shown(&steps.platforms)
        };
        assert_eq!(planned(&[]), ["linux/386", "linux/arm64"]);
        assert_eq!(
            planned(&["local", "arm64", "windows"]),
            ["linux/arm64", "windows/arm64"]
        );
        let broken = Env::from_variables([("DOCKER_DEFAULT_PLATFORM", "linux/")]);
        let error = Steps::new(&args(&[], &[]), &broken).unwrap_err();
        assert!(error.to_string().contains("DOCKER_DEFAULT_PLATFORM"));
        assert!(Steps::new(&args(&[], &["386"]), &broken).is_ok());
    }

    #[test]
    fn arguments_of_the_environment() {
        let env = Env::from_variables([("SOURCE_DATE_EPOCH", "7"), ("A", ""), ("B", "b")]);
        let planned = |given: &[&str]| {
            let steps = Steps::new(&args(given, &[]), &env).unwrap();
            let args = steps.build_args.iter();
            args.map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>()
        };
        assert_eq!(
            planned(&["A", "B", "C"]),
            ["A=", "B=b", "SOURCE_DATE_EPOCH=7"]
        );
        assert_eq!(planned(&["SOURCE_DATE_EPOCH=8"]), ["SOURCE_DATE_EPOCH=8"]);
        let steps = Steps::new(&args(&["BUILDKIT_SYNTAX=a/b x"], &[]), &env).unwrap();
        assert_eq!(steps.syntax.as_deref(), Some("a/b x"));
        assert!(Steps::new(&args(&["BUILDKIT_SYNTAX= "], &[]), &env).is_err());
    }
}
