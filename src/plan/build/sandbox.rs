//! What the steps of a build run in.

use std::collections::BTreeMap;

use crate::cli::{Grant, SandboxArgs};
use crate::model::{HostEntry, MemorySize, NetworkMode, StepResource, Ulimit};

/// The entitlement that the daemon's network needs.
const HOST_NETWORK: &str = "network.host";

/// What the steps of a build run in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sandbox {
    /// What the daemon is asked to grant, each once.
    pub entitlements: Vec<String>,
    /// Whether `-o type=local,mode=delete` may empty any folder of this machine.
    pub may_delete: bool,
    /// Hosts that need no name server.
    pub hosts: Vec<HostEntry>,
    /// The network.
    pub network: NetworkMode,
    /// The size of `/dev/shm`; the daemon's own if absent.
    pub shm_size: Option<MemorySize>,
    /// Limits for each process, by name.
    pub ulimits: BTreeMap<&'static str, Ulimit>,
    /// The cgroup around those of the steps; the daemon's own if absent.
    pub cgroup_parent: Option<String>,
    /// Limits for each step.
    pub limits: BTreeMap<StepResource, String>,
}

impl Sandbox {
    /// Decides what `args` mean. The last word about a thing counts.
    pub(super) fn new(args: &SandboxArgs) -> Self {
        let ulimits = args.ulimits.iter();
        Self {
            entitlements: entitlements(args),
            may_delete: args.grants.contains(&Grant::LocalDelete),
            hosts: args.hosts.iter().flatten().cloned().collect(),
            network: args.network,
            shm_size: args.shm_size.filter(|size| size.bytes() > 0),
            ulimits: ulimits.map(|u| (u.name(), u.clone())).collect(),
            cgroup_parent: args.cgroup_parent.clone().filter(|text| !text.is_empty()),
            limits: limits(args),
        }
    }
}

fn entitlements(args: &SandboxArgs) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let asked = args.grants.iter().filter_map(|grant| match grant {
        Grant::Entitlement(name) => Some(name.as_str()),
        Grant::LocalDelete | Grant::Nothing => None,
    });
    let host = Some(HOST_NETWORK).filter(|_| args.network == NetworkMode::Host);
    for name in asked.chain(host) {
        if !names.iter().any(|there| there == name) {
            names.push(name.to_owned());
        }
    }
    names
}

fn limits(args: &SandboxArgs) -> BTreeMap<StepResource, String> {
    let mut limits = BTreeMap::new();
    for limit in args.legacy_limits.limits().chain(&args.limits) {
        match &limit.value {
            Some(value) => limits.insert(limit.resource, value.clone()),
            None => limits.remove(&limit.resource),
        };
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all<T: std::str::FromStr<Err: std::fmt::Debug>>(texts: &[&str]) -> Vec<T> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn what_is_for_the_daemon_goes_there_once() {
        let mut args = SandboxArgs {
            grants: all(&[
                "security.insecure",
                "",
                "buildx.local.delete",
                "security.insecure",
            ]),
            ..SandboxArgs::default()
        };
        assert_eq!(Sandbox::new(&args).entitlements, ["security.insecure"]);
        assert!(Sandbox::new(&args).may_delete);
        args.network = NetworkMode::Host;
        let both = ["security.insecure", "network.host"];
        assert_eq!(Sandbox::new(&args).entitlements, both);
        args.grants = all(&["network.host"]);
        assert_eq!(Sandbox::new(&args).entitlements, ["network.host"]);
        assert!(!Sandbox::new(&args).may_delete);
    }

    #[test]
    fn the_last_limit_counts_and_nothing_is_none() {
        let args = SandboxArgs {
            limits: all(&["memory=1g", "cpu-quota=5", "cpu-quota=0"]),
            ulimits: all(&["nofile=1", "nofile=2"]),
            shm_size: "0".parse().ok(),
            cgroup_parent: Some(String::new()),
            legacy_limits: crate::cli::LegacyLimitArgs {
                memory: "memory=2g".parse().ok(),
                memory_swap: "memory-swap=-1".parse().ok(),
                ..Default::default()
            },
            ..SandboxArgs::default()
        };
        let sandbox = Sandbox::new(&args);
        let limits: Vec<_> = sandbox.limits.values().map(String::as_str).collect();
        assert_eq!(limits, ["1073741824", "-1"]);
        assert_eq!(sandbox.ulimits["nofile"].to_string(), "nofile=2:2");
        assert_eq!((sandbox.shm_size, sandbox.cgroup_parent), (None, None));
    }
}
