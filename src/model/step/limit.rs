//! Limits of what a step may take of the daemon's machine.

use std::str::FromStr;

use super::memory::{InvalidMemory, MemorySize};

/// Something of which a step may get only so much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepResource {
    /// Memory.
    Memory,
    /// Memory and swap together.
    MemorySwap,
    /// The weight of its claim to processors.
    CpuShares,
    /// How long a period is, in microseconds.
    CpuPeriod,
    /// How long it may run in each period, in microseconds.
    CpuQuota,
    /// The processors that it may run on.
    CpusetCpus,
    /// The memory nodes that it may use.
    CpusetMems,
}

/// A limit; no value where what was typed means none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepLimit {
    /// What is limited.
    pub resource: StepResource,
    /// To what, as the daemon reads it.
    pub value: Option<String>,
}

/// Why a text is no limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLimit {
    /// It is no `RESOURCE=LIMIT` of a known resource.
    #[error(
        "{0:?} limits nothing; write RESOURCE=LIMIT with memory, memory-swap, cpu-shares, \
         cpu-period, cpu-quota, cpuset-cpus or cpuset-mems, for instance memory=2g"
    )]
    Resource(String),
    /// It is no amount of memory.
    #[error(transparent)]
    Memory(#[from] InvalidMemory),
    /// It is no number.
    #[error("{0:?} is no number; write for instance {1}")]
    Number(String, &'static str),
    /// It is no list of numbers.
    #[error("{0:?} is no list of numbers; write for instance 0-3 or 0,2")]
    List(String),
}

impl StepResource {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Memory,
        Self::MemorySwap,
        Self::CpuShares,
        Self::CpuPeriod,
        Self::CpuQuota,
        Self::CpusetCpus,
        Self::CpusetMems,
    ];

    /// The word, as of `docker run`'s flags.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::MemorySwap => "memory-swap",
            Self::CpuShares => "cpu-shares",
            Self::CpuPeriod => "cpu-period",
            Self::CpuQuota => "cpu-quota",
            Self::CpusetCpus => "cpuset-cpus",
            Self::CpusetMems => "cpuset-mems",
        }
    }
}

impl StepLimit {
    /// Reads a limit of `resource`.
    pub fn new(resource: StepResource, text: &str) -> Result<Self, InvalidLimit> {
        let text = text.trim();
        let value = match resource {
            StepResource::MemorySwap if text == "-1" => Some("-1".to_owned()),
            StepResource::Memory | StepResource::MemorySwap => size(text)?,
            StepResource::CpuShares => number(text, "512")?,
            StepResource::CpuPeriod => number(text, "100000")?,
            StepResource::CpuQuota => number(text, "50000")?,
            StepResource::CpusetCpus | StepResource::CpusetMems => list(text)?,
        };
        Ok(Self { resource, value })
    }
}

/// Docker's zero is no limit.
fn size(text: &str) -> Result<Option<String>, InvalidMemory> {
    let size: MemorySize = text.parse()?;
    Ok(Some(size.to_string()).filter(|_| size.bytes() > 0))
}

/// Zero, and the -1 that the kernel writes for a quota, are no limit.
fn number(text: &str, example: &'static str) -> Result<Option<String>, InvalidLimit> {
    let invalid = || InvalidLimit::Number(text.to_owned(), example);
    let number: i64 = text.parse().map_err(|_| invalid())?;
    match number {
        1.. => Ok(Some(number.to_string())),
        -1 | 0 => Ok(None),
        _ => Err(invalid()),
    }
}

fn list(text: &str) -> Result<Option<String>, InvalidLimit> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_item = |item: &str| match item.split_once('-') {
        Some((first, last)) => is_number(first) && is_number(last),
        None => is_number(item),
    };
    if text.is_empty() {
        return Ok(None);
    }
    if !text.split(',').all(is_item) {
        return Err(InvalidLimit::List(text.to_owned()));
    }
    Ok(Some(text.to_owned()))
}

impl FromStr for StepLimit {
    type Err = InvalidLimit;

    fn from_str(text: &str) -> Result<Self, InvalidLimit> {
        let unknown = || InvalidLimit::Resource(text.to_owned());
        let (key, value) = text.split_once('=').ok_or_else(unknown)?;
        let key = key.trim();
        let mut all = StepResource::ALL.into_iter();
        let resource = all.find(|resource| resource.as_str() == key);
        Self::new(resource.ok_or_else(unknown)?, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits() {
        let table = [
            ("memory=2g", Some("2147483648")),
            (" memory = 64m ", Some("67108864")),
            ("memory=0", None),
            ("memory-swap=-1", Some("-1")),
            ("memory-swap=4g", Some("4294967296")),
            ("cpu-shares=512", Some("512")),
            ("cpu-period=100000", Some("100000")),
            ("cpu-quota=50000", Some("50000")),
            ("cpu-quota=-1", None),
            ("cpuset-cpus=0-3,5", Some("0-3,5")),
            ("cpuset-mems=0", Some("0")),
            ("cpuset-mems=", None),
        ];
        for (text, value) in table {
            let limit: StepLimit = text.parse().unwrap();
            assert_eq!(limit.value.as_deref(), value, "{text}");
            assert!(text.trim().starts_with(limit.resource.as_str()), "{text}");
        }
    }

    #[test]
    fn what_limits_nothing_is_refused() {
        let refused = |text: &str| text.parse::<StepLimit>().unwrap_err().to_string();
        for text in ["memory", "Memory=1g", "cpus=2", "=1", "memory:1g"] {
            assert!(refused(text).contains("RESOURCE=LIMIT"), "{text}");
        }
        assert!(refused("memory=lots").contains("for instance 64m"));
        assert!(refused("memory=-1").contains("for instance 64m"));
        assert!(refused("cpu-quota=half").contains("for instance 50000"));
        assert!(refused("cpu-shares=-2").contains("for instance 512"));
        for text in ["cpuset-cpus=0-", "cpuset-cpus=a", "cpuset-mems=0,,1"] {
            assert!(refused(text).contains("for instance 0-3"), "{text}");
        }
    }
}
