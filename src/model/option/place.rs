//! Where pods run and where their daemons listen, in one word each.

use std::str::FromStr;

use super::invalid::Invalid;
use super::nearest::nearest;
use super::syntax;

/// Where the daemon's port with mutual TLS listens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Listen {
    /// Only inside the pod: it is reached through the API server.
    #[default]
    Loopback,
    /// On the pod's address too: who is in the cluster reaches it directly.
    Pod,
}

impl Listen {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Loopback, Self::Pod];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::Pod => "pod",
        }
    }
}

impl FromStr for Listen {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let word = text.trim().to_ascii_lowercase();
        let found = Self::ALL.into_iter().find(|one| one.as_str() == word);
        found.ok_or_else(|| {
            Invalid::new(
                format!("{text:?} is no place to listen: there are loopback and pod"),
                nearest(&word, &["loopback", "pod"]).unwrap_or("loopback"),
            )
        })
    }
}

/// The label of cluster nodes over whose values pods are spread, for instance that of their host.
pub fn topology(text: &str) -> Result<String, Invalid> {
    let key = match text.trim() {
        "" | "hostname" | "host" | "node" => "kubernetes.io/hostname",
        "zone" => "topology.kubernetes.io/zone",
        "region" => "topology.kubernetes.io/region",
        key => key,
    };
    syntax::label(key, "")
        .map_err(|invalid| Invalid::new(invalid.problem, "kubernetes.io/hostname"))?;
    Ok(key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        assert_eq!("Pod".parse(), Ok(Listen::Pod));
        assert_eq!("lopback".parse::<Listen>().unwrap_err().instead, "loopback");
        for (text, key) in [
            ("", "kubernetes.io/hostname"),
            ("zone", "topology.kubernetes.io/zone"),
            ("example.com/rack", "example.com/rack"),
        ] {
            assert_eq!(topology(text).unwrap(), key);
        }
        assert!(topology("a b").is_err());
    }
}
