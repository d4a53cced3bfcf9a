//! What the steps of a build run in.

use clap::Args;

use crate::cli::fields::fields;
use crate::cli::value;
use crate::model::{
    HostEntry, InvalidHost, MemorySize, NetworkMode, StepLimit, StepResource, Ulimit,
};

use super::grant::Grant;

/// The flags about what steps run in.
#[derive(Debug, Clone, Default, Args)]
pub struct SandboxArgs {
    /// Allow what a build may not do otherwise: network.host, security.insecure, device[=NAME] or buildx.local.delete; may be repeated
    #[arg(long = "allow", value_name = "WHAT")]
    pub grants: Vec<Grant>,

    /// Address of a host, for the hosts file of steps; may be repeated
    #[arg(long = "add-host", value_name = "HOST:IP", value_parser = hosts)]
    pub hosts: Vec<Vec<HostEntry>>,

    /// Network of steps; host is that of the daemon and has to be allowed there
    #[arg(
        long,
        value_name = "MODE",
        default_value_t,
        value_parser = value::words(&NetworkMode::ALL, NetworkMode::as_str)
    )]
    pub network: NetworkMode,

    /// Size of /dev/shm of steps, for instance 128m
    #[arg(long, value_name = "SIZE")]
    pub shm_size: Option<MemorySize>,

    /// Limit of the kernel for each process of steps, for instance nofile=1024:4096; may be repeated
    #[arg(long = "ulimit", value_name = "NAME=SOFT[:HARD]")]
    pub ulimits: Vec<Ulimit>,

    /// Cgroup on the daemon's machine in which those of steps are made
    #[arg(long, value_name = "CGROUP")]
    pub cgroup_parent: Option<String>,

    /// Limit of what a step may take: memory, memory-swap, cpu-shares, cpu-period, cpu-quota, cpuset-cpus or cpuset-mems; may be repeated
    #[arg(long = "resource", value_name = "RESOURCE=LIMIT")]
    pub limits: Vec<StepLimit>,

    /// The same, as docker had it before.
    #[command(flatten)]
    pub legacy_limits: LegacyLimitArgs,
}

/// Limits of steps in docker's old spelling; --resource beats them.
#[derive(Debug, Clone, Default, Args)]
pub struct LegacyLimitArgs {
    /// The same as --resource memory=LIMIT
    #[arg(
        long,
        short,
        hide = true,
        value_name = "LIMIT",
        allow_hyphen_values = true
    )]
    #[arg(value_parser = |text: &str| StepLimit::new(StepResource::Memory, text))]
    pub memory: Option<StepLimit>,

    /// The same as --resource memory-swap=LIMIT
    #[arg(long, hide = true, value_name = "LIMIT", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| StepLimit::new(StepResource::MemorySwap, text))]
    pub memory_swap: Option<StepLimit>,

    /// The same as --resource cpu-shares=LIMIT
    #[arg(
        long,
        short,
        hide = true,
        value_name = "LIMIT",
        allow_hyphen_values = true
    )]
    #[arg(value_parser = |text: &str| StepLimit::new(StepResource::CpuShares, text))]
    pub cpu_shares: Option<StepLimit>,

    /// The same as --resource cpu-period=LIMIT
    #[arg(long, hide = true, value_name = "LIMIT", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| StepLimit::new(StepResource::CpuPeriod, text))]
    pub cpu_period: Option<StepLimit>,

    /// The same as --resource cpu-quota=LIMIT
    #[arg(long, hide = true, value_name = "LIMIT", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| StepLimit::new(StepResource::CpuQuota, text))]
    pub cpu_quota: Option<StepLimit>,

    /// The same as --resource cpuset-cpus=LIMIT
    #[arg(long, hide = true, value_name = "LIMIT")]
    #[arg(value_parser = |text: &str| StepLimit::new(StepResource::CpusetCpus, text))]
    pub cpuset_cpus: Option<StepLimit>,

    /// The same as --resource cpuset-mems=LIMIT
    #[arg(long, hide = true, value_name = "LIMIT")]
    #[arg(value_parser = |text: &str| StepLimit::new(StepResource::CpusetMems, text))]
    pub cpuset_mems: Option<StepLimit>,
}

impl LegacyLimitArgs {
    /// Those that were given.
    pub fn limits(&self) -> impl Iterator<Item = &StepLimit> {
        let all = [
            &self.memory,
            &self.memory_swap,
            &self.cpu_shares,
            &self.cpu_period,
            &self.cpu_quota,
            &self.cpuset_cpus,
            &self.cpuset_mems,
        ];
        all.into_iter().flatten()
    }
}

/// Hosts, comma-separated; one that has several addresses is quoted.
fn hosts(text: &str) -> Result<Vec<HostEntry>, InvalidHost> {
    let entries = fields(text).ok_or_else(|| InvalidHost::Syntax(text.to_owned()))?;
    entries.iter().map(|entry| entry.parse()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_flag_may_name_several_hosts() {
        let read = |text: &str| {
            let entries = hosts(text).unwrap();
            let entries: Vec<String> = entries.iter().map(ToString::to_string).collect();
            entries.join(" ")
        };
        assert_eq!(read("a:1.2.3.4"), "a=1.2.3.4");
        assert_eq!(read("a:1.2.3.4,b=::1"), "a=1.2.3.4 b=::1");
        assert_eq!(read(r#""a=1.2.3.4,::1",b:::2"#), "a=1.2.3.4,a=::1 b=::2");
        assert!(hosts("a:1.2.3.4,").is_err());
        assert!(hosts("").is_err());
    }
}
