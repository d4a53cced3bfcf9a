//! What the frontend is told of the sandbox of steps.

use crate::model::{NetworkMode, StepResource};
use crate::plan::Sandbox;
use crate::solve::Attributes;

/// What the frontend is told of the sandbox of steps: only what differs from the daemon's own.
pub(super) fn sandbox(sandbox: &Sandbox) -> Attributes {
    let mut attributes = Attributes::new();
    let mut set = |key: &str, value: String| attributes.insert(key.to_owned(), value);
    if sandbox.network != NetworkMode::Default {
        set("force-network-mode", sandbox.network.to_string());
    }
    if !sandbox.hosts.is_empty() {
        let hosts: Vec<String> = sandbox.hosts.iter().map(ToString::to_string).collect();
        set("add-hosts", hosts.join(","));
    }
    if let Some(size) = sandbox.shm_size {
        set("shm-size", size.to_string());
    }
    if !sandbox.ulimits.is_empty() {
        let limits: Vec<String> = sandbox.ulimits.values().map(ToString::to_string).collect();
        set("ulimit", limits.join(","));
    }
    if let Some(parent) = &sandbox.cgroup_parent {
        set("cgroup-parent", parent.clone());
    }
    for (resource, value) in &sandbox.limits {
        set(key(*resource), value.clone());
    }
    attributes
}

const fn key(resource: StepResource) -> &'static str {
    match resource {
        StepResource::Memory => "memory",
        StepResource::MemorySwap => "memswap",
        StepResource::CpuShares => "cpushares",
        StepResource::CpuPeriod => "cpuperiod",
        StepResource::CpuQuota => "cpuquota",
        StepResource::CpusetCpus => "cpusetcpus",
        StepResource::CpusetMems => "cpusetmems",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_daemon_s_own_is_not_named() {
        assert_eq!(sandbox(&Sandbox::default()), Attributes::new());
    }

    #[test]
    fn each_setting_has_its_key() {
        let ulimit = |text: &str| text.parse().map(|u: crate::model::Ulimit| (u.name(), u));
        let plan = Sandbox {
            hosts: vec!["a:1.2.3.4".parse().unwrap(), "b=[::1]".parse().unwrap()],
            network: NetworkMode::None,
            shm_size: "1k".parse().ok(),
            ulimits: [ulimit("nofile=1:2").unwrap(), ulimit("core=0").unwrap()].into(),
            cgroup_parent: Some("/mine".into()),
            limits: StepResource::ALL.map(|r| (r, r.as_str().into())).into(),
            ..Sandbox::default()
        };
        let told = sandbox(&plan);
        let told: Vec<_> = told.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let expected = [
            "add-hosts=a=1.2.3.4,b=::1",
            "cgroup-parent=/mine",
            "cpuperiod=cpu-period",
            "cpuquota=cpu-quota",
            "cpusetcpus=cpuset-cpus",
            "cpusetmems=cpuset-mems",
            "cpushares=cpu-shares",
            "force-network-mode=none",
            "memory=memory",
            "memswap=memory-swap",
            "shm-size=1024",
            "ulimit=core=0:0,nofile=1:2",
        ];
        assert_eq!(told, expected);
    }
}
