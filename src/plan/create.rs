//! What `create` makes of its flags.

use std::time::Duration;

use crate::cli::{CreateArgs, KubeArgs};
use crate::error::{Error, Kind, Result};
use crate::model::{BuilderName, NodeName};

use super::daemon::{Files, NoFiles};
use super::node::NodePlan;
use super::options::Given;

/// The name of a builder that nobody named.
pub const DEFAULT_BUILDER: &str = "buildkit";
/// How long a builder may take to come up if nobody says how long.
pub const BOOT_TIMEOUT: Duration = Duration::from_mins(2);

/// What `create` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Create {
    /// The node that is made. Its name is a guess until `name` is asked.
    pub node: NodePlan,
    /// Its name, if its user chose one.
    pub named: Option<NodeName>,
    /// Whether its builder is there already.
    pub append: bool,
    /// Whether the builder is the one that is meant where none is named.
    pub choose: bool,
    /// How long to wait until it takes builds; none for not at all.
    pub boot: Option<Duration>,
    /// Its namespace, if an option names it.
    pub namespace: Option<String>,
    /// What its user should know about how the options were read.
    pub notes: Vec<String>,
}

/// Which node of a builder is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// This one; if it is there it has to have the same settings.
    Node(NodeName),
    /// One of those that are there if it has the same settings, else the new one.
    AnyOrNew(Vec<NodeName>, NodeName),
}

/// `kube`, with the namespace that an option names.
pub fn placed(kube: &KubeArgs, option: Option<&str>) -> Result<KubeArgs> {
    match (&kube.namespace, option) {
        (Some(flag), Some(option)) if flag != option => Err(Error::usage(format!(
            "two namespaces are given: --namespace {flag} and --driver-opt namespace={option}"
        ))
        .hint("give one of them")),
        (_, Some(option)) => Ok(KubeArgs {
            namespace: Some(option.to_owned()),
            ..kube.clone()
        }),
        (_, None) => Ok(kube.clone()),
    }
}

/// The builder that `name` or else `flag` names; the default one if neither does.
pub fn builder(name: Option<&BuilderName>, flag: Option<&BuilderName>) -> Result<BuilderName> {
    match name.or(flag) {
        Some(name) => Ok(name.clone()),
        None => DEFAULT_BUILDER.parse().map_err(|error| {
            Error::usage(format!("{DEFAULT_BUILDER:?} is no name")).because(error)
        }),
    }
}

impl Create {
    /// Decides what `args` mean; files that they name are among `files`.
    pub fn new(args: &CreateArgs, files: &dyn Files) -> Result<Self> {
        if args.append && args.name.is_none() && args.name_flag.is_none() {
            return Err(Error::usage("--append needs the name of a builder")
                .hint("add --name NAME; kubectl buildkit ls shows the builders"));
        }
        let builder = builder(args.name.as_ref(), args.name_flag.as_ref())?;
        let mut given = Given::new(&args.settings, files)?;
        let patience = args.settings.timeout.or(given.timeout);
        let name = args.node.clone().unwrap_or_else(|| builder.node(0));
        let namespace = given.namespace.take();
        let notes = std::mem::take(&mut given.notes);
        let mut node = NodePlan::by_default(builder, name);
        node.take(given)?;
        Ok(Self {
            node,
            named: args.node.clone(),
            append: args.append,
            choose: args.choose,
            boot: args
                .settings
                .bootstrap
                .then_some(patience.unwrap_or(BOOT_TIMEOUT)),
            namespace,
            notes,
        })
    }

    /// Which node is made of a builder that has the nodes `there`.
    pub fn target(&self, there: &[NodeName]) -> Result<Target> {
        let builder = &self.node.builder;
        if there.is_empty() {
            if self.append {
                return Err(Error::new(
                    Kind::NotFound,
                    format!("there is no builder {builder} to append a node to"),
                )
                .hint("leave out --append to make it; kubectl buildkit ls shows the builders"));
            }
            return Ok(Target::Node(self.node.name.clone()));
        }
        let mut numbered = (0..).map(|number| builder.node(number));
        match (&self.named, self.append) {
            (Some(name), append) if append || there.contains(name) => {
                Ok(Target::Node(name.clone()))
            }
            (Some(name), _) => Err(Error::new(
                Kind::NotFound,
                format!("builder {builder} has no node {name}"),
            )
            .because(format!("its nodes: {}", listed(there)))
            .hint("to add it, say --append")),
            (None, false) if there.contains(&self.node.name) => {
                Ok(Target::Node(self.node.name.clone()))
            }
            (None, false) => Err(Error::usage(format!("builder {builder} is there already"))
                .because(format!("its nodes: {}", listed(there)))
                .hint("name one with --node, or add another with --append")),
            (None, true) => {
                let of_builder: Vec<NodeName> = (0..there.len())
                    .map(|number| builder.node(number))
                    .filter(|name| there.contains(name))
                    .collect();
                let new = numbered.find(|name| !there.contains(name));
                Ok(Target::AnyOrNew(
                    of_builder,
                    new.unwrap_or_else(|| self.node.name.clone()),
                ))
            }
        }
    }

    /// The cluster in which it is made: `kube`, with the namespace of its options.
    pub fn place(&self, kube: &KubeArgs) -> Result<KubeArgs> {
        placed(kube, self.namespace.as_deref())
    }

    /// The builder that a build makes when there is none: all defaults.
    pub fn by_default(name: Option<&BuilderName>, boot: Duration) -> Result<Self> {
        let args = CreateArgs {
            name: name.cloned(),
            ..CreateArgs::default()
        };
        let plan = Self::new(&args, &NoFiles)?;
        Ok(Self {
            boot: Some(boot),
            ..plan
        })
    }
}

fn listed(names: &[NodeName]) -> String {
    let names: Vec<&str> = names.iter().map(NodeName::as_str).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn plan(words: &str) -> Create {
        let line = format!("kubectl-buildkit create {words}");
        match Cli::parse_from(line.split_whitespace()).command {
            Command::Create(args) => Create::new(&args, &NoFiles).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn defaults() {
        let plan = plan("");
        assert_eq!(plan.node.builder.as_str(), "buildkit");
        assert_eq!(plan.node.name.as_str(), "buildkit0");
        assert_eq!(plan.node.image, "moby/buildkit:buildx-stable-1");
        assert_eq!((plan.node.replicas, plan.boot), (1, None));
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
        assert_eq!(plan.node.name.as_str(), "kube0");
        assert_eq!(plan.node.image, "moby/buildkit:buildx-stable-1-rootless");
        assert_eq!(plan.node.platforms.len(), 1);
        assert_eq!(plan.boot, Some(Duration::from_mins(5)));
    }

    #[test]
    fn options_that_contradict_each_other_are_refused() {
        let problem = |words: &str| {
            let line = format!("kubectl-buildkit create {words}");
            let Command::Create(args) = Cli::parse_from(line.split_whitespace()).command else {
                panic!("{line}");
            };
            Create::new(&args, &NoFiles).unwrap_err().to_string()
        };
        for (words, part) in [
            ("--label app.kubernetes.io/name=x", "is set already"),
            ("--annotation buildkit.kubectl/timeout=1", "not for users"),
            ("--qemu-image x", "none are to be installed"),
            ("--qemu --user-namespace", "exclude each other"),
            ("--requests memory=2Gi --limits memory=2G", "is more than"),
            ("--storage 2Gi --memory-cache 2Gi", "both in memory and"),
            ("--storage 0", "holds nothing"),
            ("--memory-cache 0Gi", "holds nothing"),
            ("--storage-class fast", "no volume is asked for"),
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
        assert_eq!(plan.node.pod.env["A"], "2");
        assert_eq!(
            plan.notes,
            [
                "limits.cpu is given twice: 3 counts, not 2",
                "the label a is given twice: \"c\" counts, not \"b\"",
                "env.A is given twice: the later value counts",
            ]
        );
        assert_eq!(plan.node.pod.tolerations.len(), 1);
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
        assert_eq!((plan.node.replicas, plan.node.image.as_str()), (3, "y"));
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
        let boot = |words: &str| (plan(words).boot, plan(words).node.timeout);
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
    fn which_node_is_made() {
        let target = |words: &str, there: &[&str]| {
            let there: Vec<NodeName> = there.iter().map(|name| name.parse().unwrap()).collect();
            match plan(words).target(&there) {
                Ok(Target::Node(name)) => name.to_string(),
                Ok(Target::AnyOrNew(any, new)) => format!("{} or {new}", listed(&any)),
                Err(error) => error.to_string(),
            }
        };
        for (words, there, expected) in [
            ("kube", vec![], "kube0"),
            ("kube", vec!["kube0", "other"], "kube0"),
            ("kube --node arm", vec![], "arm"),
            ("kube --node arm", vec!["arm"], "arm"),
            (
                "kube --node arm",
                vec!["kube0"],
                "builder kube has no node arm",
            ),
            ("kube", vec!["arm"], "builder kube is there already"),
            ("kube --append", vec!["kube0", "kube2"], "kube0 or kube1"),
            ("kube --append", vec!["arm"], " or kube0"),
            ("kube --append --node arm", vec!["kube0"], "arm"),
            (
                "kube --append",
                vec![],
                "there is no builder kube to append a node to",
            ),
        ] {
            assert_eq!(target(words, &there), expected, "{words}, {there:?}");
        }
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
