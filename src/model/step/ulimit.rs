//! Limits of the kernel for each process: `nofile=1024:4096`.

use std::fmt;
use std::str::FromStr;

/// A limit for each process of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ulimit {
    name: &'static str,
    soft: i64,
    hard: i64,
}

/// What can be limited: the kernel's names in lower case.
const NAMES: [&str; 15] = [
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
];

/// No limit.
const UNLIMITED: i64 = -1;

/// Why a text is no limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUlimit {
    /// It is no `NAME=SOFT[:HARD]`.
    #[error(
        "{0:?} is no limit of processes; write NAME=SOFT[:HARD], for instance nofile=1024:4096"
    )]
    Syntax(String),
    /// Nobody knows what it limits.
    #[error("{0:?} cannot be limited; choose {names}", names = NAMES.join(", "))]
    Name(String),
    /// The soft limit is above the hard one.
    #[error("{0:?}: the first limit must not be above the second; -1 is none at all")]
    Order(String),
}

impl Ulimit {
    /// What is limited.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl FromStr for Ulimit {
    type Err = InvalidUlimit;

    fn from_str(text: &str) -> Result<Self, InvalidUlimit> {
        let syntax = || InvalidUlimit::Syntax(text.to_owned());
        let (name, limits) = text.split_once('=').ok_or_else(syntax)?;
        let name = NAMES
            .into_iter()
            .find(|known| *known == name)
            .ok_or_else(|| InvalidUlimit::Name(name.to_owned()))?;
        let number = |text: &str| match text.parse() {
            Ok(number @ UNLIMITED..) => Ok(number),
            _ => Err(syntax()),
        };
        let (soft, hard) = match limits.split_once(':') {
            Some((soft, hard)) => (number(soft)?, number(hard)?),
            None => (number(limits)?, number(limits)?),
        };
        let is_within = hard == UNLIMITED || soft != UNLIMITED && soft <= hard;
        if !is_within {
            return Err(InvalidUlimit::Order(text.to_owned()));
        }
        Ok(Self { name, soft, hard })
    }
}

impl fmt::Display for Ulimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}:{}", self.name, self.soft, self.hard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits() {
        let table = [
            ("nofile=1024:4096", "nofile=1024:4096"),
            ("nofile=1024", "nofile=1024:1024"),
            ("core=0:-1", "core=0:-1"),
            ("memlock=-1", "memlock=-1:-1"),
            ("memlock=-1:-1", "memlock=-1:-1"),
        ];
        for (text, normal) in table {
            assert_eq!(text.parse::<Ulimit>().unwrap().to_string(), normal);
        }
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        let refused = |text: &str| text.parse::<Ulimit>().unwrap_err().to_string();
        for text in [
            "nofile",
            "nofile=",
            "nofile=a",
            "nofile=1:2:3",
            "nofile=1:",
            "nofile=-2",
        ] {
            assert!(refused(text).contains("NAME=SOFT[:HARD]"), "{text}");
        }
        for text in ["files=1", "=1", "NOFILE=1"] {
            assert!(refused(text).contains("choose core, cpu"), "{text}");
        }
        for text in ["nofile=2:1", "nofile=-1:1"] {
            assert!(refused(text).contains("must not be above"), "{text}");
        }
    }
}
