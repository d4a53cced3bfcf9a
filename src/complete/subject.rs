//! What the value of an argument is, for who completes it.

use clap::builder::ValueHint;
use clap::{Arg, Command};

use super::form::{self, Form, Word};

/// What a value is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject {
    /// Nothing that anybody could know before it is typed.
    Free,
    Builder,
    /// A node of a builder.
    Node,
    /// A pod of a builder.
    Replica,
    KubeContext,
    KubeCluster,
    KubeUser,
    Namespace,
    StorageClass,
    PriorityClass,
    RuntimeClass,
    ServiceAccount,
    /// A Secret with logins of registries.
    PullSecret,
    /// The same, perhaps of another namespace.
    RegistrySecret,
    /// A label of the cluster's nodes, as `KEY=VALUE`.
    NodeLabel,
    /// The key of such a label, or `KEY=VALUE`, perhaps refused with `!`.
    Requirement,
    /// A label over whose values pods are spread.
    Topology,
    /// A taint of the cluster's nodes.
    Taint,
    DriverOption,
    /// An option that is taken back.
    Unset,
    /// Platforms of the cluster's nodes.
    ClusterPlatform,
    /// Platforms of the builder that is meant.
    BuilderPlatform,
    /// A stage of the Dockerfile.
    Stage,
    /// A build argument of the Dockerfile.
    BuildArgument,
    /// A build context with a name.
    NamedContext,
    File,
    Folder,
    Words(&'static [Word]),
    Form(&'static Form),
}

/// What the value of an argument is; none if it was never thought about.
pub(super) fn of(command: &Command, argument: &Arg) -> Option<Subject> {
    let id = argument.get_id().as_str();
    let subject = match command.get_name() {
        "build" => of_build(id),
        _ => of_builder(id),
    };
    subject
        .or_else(|| of_kube(id))
        .or_else(|| (argument.get_value_hint() == ValueHint::AnyPath).then_some(Subject::File))
        .or_else(|| is_boolean(argument).then_some(Subject::Words(form::BOOLEAN)))
}

fn is_boolean(argument: &Arg) -> bool {
    let names = argument.get_value_names().unwrap_or_default();
    names.first().is_some_and(|name| name == "BOOL")
}

fn of_kube(id: &str) -> Option<Subject> {
    Some(match id {
        "context" => Subject::KubeContext,
        "cluster" => Subject::KubeCluster,
        "user" => Subject::KubeUser,
        "namespace" => Subject::Namespace,
        "impersonate" | "impersonate_groups" | "server" | "token" | "tls_server_name"
        | "request_timeout" => Subject::Free,
        _ => return None,
    })
}

/// Flags of the commands that make, change and show builders.
fn of_builder(id: &str) -> Option<Subject> {
    Some(match id {
        "name" | "name_flag" | "names" | "builder" => Subject::Builder,
        "node" => Subject::Node,
        "node_selector" => Subject::NodeLabel,
        "affinity" => Subject::Requirement,
        "toleration" => Subject::Taint,
        "spread" => Subject::Topology,
        "driver_opt" => Subject::DriverOption,
        "unset" => Subject::Unset,
        "platform" => Subject::ClusterPlatform,
        "storage_class" => Subject::StorageClass,
        "priority_class" => Subject::PriorityClass,
        "runtime_class" => Subject::RuntimeClass,
        "service_account" => Subject::ServiceAccount,
        "image_pull_secret" => Subject::PullSecret,
        "patch" => Subject::File,
        "requests" | "limits" => Subject::Words(RESOURCES),
        "env" => Subject::Words(PROXIES),
        "image" | "replicas" | "timeout" | "label" | "annotation" | "scheduler_name"
        | "qemu_image" | "memory_cache" | "storage" | "buildkitd_flags" | "selector" => {
            Subject::Free
        }
        _ => return None,
    })
}

fn of_build(id: &str) -> Option<Subject> {
    Some(match id {
        "build_context" => Subject::Folder,
        "named_contexts" => Subject::NamedContext,
        "secrets" => Subject::Form(&form::SECRET),
        "ssh" => Subject::Words(&[("default", "the agent of $SSH_AUTH_SOCK"), ("default=", "")]),
        "registry_secrets" => Subject::RegistrySecret,
        "build_args" => Subject::BuildArgument,
        "target" | "no_cache_filter" => Subject::Stage,
        "platforms" => Subject::BuilderPlatform,
        "grants" => Subject::Words(GRANTS),
        "limits" => Subject::Words(LIMITS),
        "ulimits" => Subject::Words(ULIMITS),
        "outputs" => Subject::Form(&form::OUTPUT),
        "from" => Subject::Form(&form::CACHE_FROM),
        "to" => Subject::Form(&form::CACHE_TO),
        "annotations" => Subject::Words(ANNOTATED),
        "attestations" => Subject::Form(&form::ATTEST),
        "provenance" => Subject::Form(&form::PROVENANCE),
        "sbom" => Subject::Form(&form::SBOM),
        "call" => Subject::Words(CALLS),
        "policies" => Subject::Form(&form::POLICY),
        "builder" => Subject::Builder,
        "replica" => Subject::Replica,
        "buildkit_host" => {
            Subject::Words(&[("unix:///", "a socket"), ("tcp://", "a host and port")])
        }
        "hosts" | "shm_size" | "cgroup_parent" | "tags" | "labels" | "timeout"
        | "tlsservername" => Subject::Free,
        _ => return None,
    })
}

const RESOURCES: &[Word] = &[
    ("cpu=", "for instance 2 or 500m"),
    ("memory=", "for instance 4Gi"),
    (
        "ephemeral-storage=",
        "disk of the cluster node, for instance 20Gi",
    ),
];

const PROXIES: &[Word] = &[
    ("HTTP_PROXY=", "proxy for http://"),
    ("HTTPS_PROXY=", "proxy for https://"),
    ("NO_PROXY=", "hosts without a proxy"),
];

const GRANTS: &[Word] = &[
    ("network.host", "steps in the daemon's network"),
    (
        "security.insecure",
        "steps with all privileges of the daemon",
    ),
    ("device", "any device that the daemon offers"),
    ("device=", "one device"),
    (
        "buildx.local.delete",
        "-o type=local,mode=delete in any folder",
    ),
];

const LIMITS: &[Word] = &[
    ("memory=", "for instance 2g"),
    ("memory-swap=", "memory and swap together"),
    ("cpu-shares=", "weight beside other steps"),
    ("cpu-period=", "microseconds"),
    ("cpu-quota=", "microseconds of each period"),
    ("cpuset-cpus=", "for instance 0-3"),
    ("cpuset-mems=", "for instance 0,1"),
];

const ULIMITS: &[Word] = &[
    ("core=", "size of core files"),
    ("cpu=", "seconds of processor time"),
    ("data=", "size of data segments"),
    ("fsize=", "size of files"),
    ("locks=", "file locks"),
    ("memlock=", "locked memory"),
    ("msgqueue=", "bytes in message queues"),
    ("nice=", "ceiling of the nice value"),
    ("nofile=", "open files, for instance 1024:4096"),
    ("nproc=", "processes"),
    ("rss=", "resident memory"),
    ("rtprio=", "real-time priority"),
    ("rttime=", "microseconds of real-time processing"),
    ("sigpending=", "signals that wait"),
    ("stack=", "size of stacks"),
];

const ANNOTATED: &[Word] = &[
    ("index:", "on the index"),
    ("manifest:", "on each manifest"),
    ("index-descriptor:", "on the descriptor of the index"),
    ("manifest-descriptor:", "on the descriptors of manifests"),
];

const CALLS: &[Word] = &[
    ("build", "build, and ask nothing"),
    ("check", "what the linter says of the Dockerfile"),
    ("outline", "what the target can be given"),
    ("targets", "the stages of the Dockerfile"),
    ("subrequests.describe", "what can be asked"),
];

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::super::words::takes_value;
    use super::*;
    use crate::cli::Cli;

    #[test]
    fn every_value_was_thought_about() {
        let mut root = Cli::command();
        root.build();
        let mut forgotten = Vec::new();
        for command in root
            .get_subcommands()
            .filter(|command| !command.is_hide_set())
        {
            for argument in command.get_arguments() {
                let is_shown = takes_value(argument) && !argument.is_hide_set();
                if is_shown
                    && argument.get_possible_values().is_empty()
                    && of(command, argument).is_none()
                {
                    forgotten.push(format!("{} {}", command.get_name(), argument.get_id()));
                }
            }
        }
        assert!(forgotten.is_empty(), "what are {forgotten:?}?");
    }
}
