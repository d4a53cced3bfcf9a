//! What a builder is: every default of `create`'s flags.

use std::time::Duration;

use crate::cli::CreateArgs;
use crate::error::{Error, Result};
use crate::model::{BuilderName, NodeName, Platform};

/// The name of a builder that nobody named.
pub const DEFAULT_BUILDER: &str = "buildkit";
const IMAGE: &str = "moby/buildkit:buildx-stable-1";
const ROOTLESS_IMAGE: &str = "moby/buildkit:buildx-stable-1-rootless";

/// A builder with one node, decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Create {
    /// The builder.
    pub builder: BuilderName,
    /// Its node.
    pub node: NodeName,
    /// Platforms that the node is for; empty if the daemon says it.
    pub platforms: Vec<Platform>,
    /// The image of the daemon.
    pub image: String,
    /// How many pods.
    pub replicas: i32,
    /// What the daemon may do.
    pub mode: Mode,
    /// How long to wait until it takes builds; none for not at all.
    pub boot: Option<Duration>,
}

/// What the daemon may do on its cluster node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything; Pod Security level `privileged`.
    Privileged,
    /// As user 1000 in a user namespace of its own making; also Pod Security level `privileged`,
    /// as its seccomp and `AppArmor` profiles must be off.
    Rootless,
}

impl Create {
    /// Decides what `args` mean.
    pub fn new(args: &CreateArgs) -> Result<Self> {
        let builder = match args.name.as_ref().or(args.name_flag.as_ref()) {
            Some(name) => name.clone(),
            None => DEFAULT_BUILDER.parse().map_err(|error| {
                Error::usage(format!("{DEFAULT_BUILDER:?} is no name")).because(error)
            })?,
        };
        let mode = if args.rootless {
            Mode::Rootless
        } else {
            Mode::Privileged
        };
        Ok(Self {
            node: builder.node(0),
            builder,
            platforms: once(&args.platform),
            image: image(args.image.as_deref(), mode),
            replicas: args.replicas,
            mode,
            boot: args.bootstrap.then_some(args.timeout),
        })
    }

    /// The builder that a build makes when there is none: all defaults.
    pub fn by_default(name: Option<&BuilderName>, boot: Duration) -> Result<Self> {
        Self::new(&CreateArgs {
            name: name.cloned(),
            name_flag: None,
            platform: Vec::new(),
            image: None,
            replicas: 1,
            rootless: false,
            bootstrap: true,
            timeout: boot,
        })
    }
}

fn image(given: Option<&str>, mode: Mode) -> String {
    // As in buildx an empty image means the default.
    let given = given.map(str::trim).filter(|image| !image.is_empty());
    given.map_or_else(
        || match mode {
            Mode::Privileged => IMAGE.to_owned(),
            Mode::Rootless => ROOTLESS_IMAGE.to_owned(),
        },
        str::to_owned,
    )
}

fn once(platforms: &[Platform]) -> Vec<Platform> {
    let mut result: Vec<Platform> = Vec::new();
    for platform in platforms {
        if !result.contains(platform) {
            result.push(platform.clone());
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn plan(words: &str) -> Create {
        let line = format!("kubectl-buildkit create {words}");
        match Cli::parse_from(line.split_whitespace()).command {
            Command::Create(args) => Create::new(&args).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn defaults() {
        let plan = plan("");
        assert_eq!(plan.builder.as_str(), "buildkit");
        assert_eq!(plan.node.as_str(), "buildkit0");
        assert_eq!(plan.image, IMAGE);
        assert_eq!((plan.replicas, plan.boot), (1, None));
        assert_eq!(plan, {
            let boot = Duration::from_secs(1);
            let mut by_build = Create::by_default(None, boot).unwrap();
            assert_eq!(by_build.boot.take(), Some(boot));
            by_build
        });
    }

    #[test]
    fn choices() {
        let plan = plan(
            "--name kube --rootless --platform linux/arm64,linux/aarch64 --bootstrap --timeout 5m",
        );
        assert_eq!(plan.node.as_str(), "kube0");
        assert_eq!(plan.image, ROOTLESS_IMAGE);
        assert_eq!(plan.platforms.len(), 1);
        assert_eq!(plan.boot, Some(Duration::from_mins(5)));
    }
}
