//! What a builder is: every default of `create`'s flags.

use std::time::Duration;

use crate::cli::{CreateArgs, KubeArgs, PodArgs};
use crate::error::{Error, Result};
use crate::model::{BuilderName, LoadBalance, NodeName, Platform};

use super::options::{Given, PodOptions};

/// The name of a builder that nobody named.
pub const DEFAULT_BUILDER: &str = "buildkit";
const IMAGE: &str = "moby/buildkit:buildx-stable-1";
const ROOTLESS_IMAGE: &str = "moby/buildkit:buildx-stable-1-rootless";
const QEMU_IMAGE: &str = "tonistiigi/binfmt:latest";
/// How long a builder may take to come up if nobody says how long.
pub const BOOT_TIMEOUT: Duration = Duration::from_mins(2);

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
    /// Its namespace, if an option names it.
    pub namespace: Option<String>,
    /// What its pods are like.
    pub pod: PodOptions,
    /// The image that installs emulators of other platforms, if they are wanted.
    pub qemu: Option<String>,
    /// Which replica takes a build.
    pub load_balance: LoadBalance,
    /// How long it may take to come up, if that was said.
    pub timeout: Option<Duration>,
    /// What its user should know about how the options were read.
    pub notes: Vec<String>,
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
        let given = Given::new(args)?;
        let mode = match given.rootless {
            Some(true) => Mode::Rootless,
            _ => Mode::Privileged,
        };
        let timeout = given.timeout;
        let qemu =
            (given.qemu == Some(true)).then(|| image(given.qemu_image.as_deref(), QEMU_IMAGE));
        Ok(Self {
            node: builder.node(0),
            builder,
            platforms: once(&args.platform),
            image: image(given.image.as_deref(), default_image(mode)),
            replicas: given.replicas.unwrap_or(1),
            mode,
            boot: args
                .bootstrap
                .then_some(args.timeout.or(timeout).unwrap_or(BOOT_TIMEOUT)),
            namespace: given.namespace,
            pod: given.pod,
            qemu,
            load_balance: given.load_balance.unwrap_or_default(),
            timeout,
            notes: given.notes,
        })
    }

    /// The cluster in which it is made: `kube`, with the namespace of its options.
    pub fn place(&self, kube: &KubeArgs) -> Result<KubeArgs> {
        match (&kube.namespace, &self.namespace) {
            (Some(flag), Some(option)) if flag != option => Err(Error::usage(format!(
                "two namespaces are given: --namespace {flag} and --driver-opt namespace={option}"
            ))
            .hint("give one of them")),
            (_, Some(option)) => Ok(KubeArgs {
                namespace: Some(option.clone()),
                ..kube.clone()
            }),
            (_, None) => Ok(kube.clone()),
        }
    }

    /// The builder that a build makes when there is none: all defaults.
    pub fn by_default(name: Option<&BuilderName>, boot: Duration) -> Result<Self> {
        let plan = Self::new(&CreateArgs {
            name: name.cloned(),
            name_flag: None,
            platform: Vec::new(),
            image: None,
            replicas: None,
            rootless: false,
            bootstrap: true,
            timeout: None,
            driver: None,
            driver_opt: Vec::new(),
            pod: PodArgs::default(),
        })?;
        Ok(Self {
            boot: Some(boot),
            ..plan
        })
    }
}

const fn default_image(mode: Mode) -> &'static str {
    match mode {
        Mode::Privileged => IMAGE,
        Mode::Rootless => ROOTLESS_IMAGE,
    }
}

/// As in buildx an empty image means the default.
fn image(given: Option<&str>, default: &str) -> String {
    let given = given.map(str::trim).filter(|image| !image.is_empty());
    given.unwrap_or(default).to_owned()
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

    #[test]
    fn options_that_contradict_each_other_are_refused() {
        let problem = |words: &str| {
            let line = format!("kubectl-buildkit create {words}");
            let Command::Create(args) = Cli::parse_from(line.split_whitespace()).command else {
                panic!("{line}");
            };
            Create::new(&args).unwrap_err().to_string()
        };
        for (words, part) in [
            ("--label app.kubernetes.io/name=x", "is set already"),
            ("--annotation buildkit.kubectl/timeout=1", "not for users"),
            ("--qemu-image x", "none are to be installed"),
            ("--requests memory=2Gi --limits memory=2G", "is more than"),
        ] {
            assert!(problem(words).contains(part), "{}", problem(words));
        }
    }

    #[test]
    fn of_two_values_the_later_counts() {
        let plan = plan(
            "--env A=1 --env A=2 --requests cpu=1,cpu=1 --limits cpu=2,cpu=3 \
             --label a=b,a=c --toleration a --toleration a",
        );
        assert_eq!(plan.pod.env["A"], "2");
        assert_eq!(
            plan.notes,
            [
                "limits.cpu is given twice: 3 counts, not 2",
                "the label a is given twice: \"c\" counts, not \"b\"",
                "env.A is given twice: the later value counts",
            ]
        );
        assert_eq!(plan.pod.tolerations.len(), 1);
    }

    #[test]
    fn three_ways_to_the_same_builder() {
        let flags = plan(
            "demo --replicas 2 --requests cpu=1 --node-selector a=b,c=d --toleration e=f:NoSchedule",
        );
        let options = plan(
            "demo --driver kubernetes --driver-opt replicas=2,requests.cpu=1 \
             --driver-opt nodeselector=a=b,c=d --driver-opt tolerations=e=f:noschedule",
        );
        assert_eq!(flags, options);
        let both = plan(
            "demo --driver-opt replicas=2,requests.cpu=1,nodeselector=\"a=b\" \
             --driver-opt nodeselector=c=d --toleration e=f:NoSchedule",
        );
        assert_eq!(flags, both);
    }

    #[test]
    fn flags_and_later_options_count_more() {
        let plan = plan("--driver-opt replicas=2 --driver-opt replicas=3,image=x --image y");
        assert_eq!((plan.replicas, plan.image.as_str()), (3, "y"));
        assert_eq!(
            plan.notes,
            [
                "replicas is given twice: 3 counts, not 2",
                "image is given twice: \"y\" counts, not \"x\""
            ]
        );
    }

    #[test]
    fn patience_for_one_run_is_not_kept() {
        let boot = |words: &str| (plan(words).boot, plan(words).timeout);
        let minutes = |count| Some(Duration::from_mins(count));
        assert_eq!(boot("--bootstrap --timeout 5m"), (minutes(5), None));
        assert_eq!(boot("--timeout 5m"), (None, minutes(5)));
        assert_eq!(
            boot("--bootstrap --driver-opt timeout=5m"),
            (minutes(5), minutes(5))
        );
        assert_eq!(
            boot("--bootstrap --timeout 1m --driver-opt timeout=5m"),
            (minutes(1), minutes(5))
        );
    }

    #[test]
    fn there_is_one_namespace() {
        let with = plan("--driver-opt namespace=builds");
        let in_namespace = |name: Option<&str>| {
            let kube = KubeArgs {
                namespace: name.map(str::to_owned),
                ..KubeArgs::default()
            };
            with.place(&kube).map(|kube| kube.namespace)
        };
        assert_eq!(in_namespace(None).unwrap().as_deref(), Some("builds"));
        assert_eq!(
            in_namespace(Some("builds")).unwrap().as_deref(),
            Some("builds")
        );
        assert!(in_namespace(Some("other")).is_err());
    }
}
