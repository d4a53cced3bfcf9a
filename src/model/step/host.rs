//! Hosts that steps find without asking a name server: `host:ip`.

use core::net::IpAddr;
use std::fmt;
use std::str::FromStr;

/// A host, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostEntry {
    host: String,
    addresses: Vec<IpAddr>,
}

/// What docker replaces by the address of its own host.
const GATEWAY: &str = "host-gateway";

/// Why a text is no such entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHost {
    /// It is no `HOST:IP`.
    #[error(
        "{0:?} is no host with its address; write HOST:IP or HOST=IP, \
         for instance registry.local:10.0.0.1 or registry.local=[fd00::1]"
    )]
    Syntax(String),
    /// It wants an address that nobody here knows.
    #[error(
        "{0:?}: host-gateway is the host of a local docker, which builders of a cluster do not have; \
         write the address that the builder's pods reach it by"
    )]
    Gateway(String),
}

impl FromStr for HostEntry {
    type Err = InvalidHost;

    /// A `=` ends the host, else the first `:` does. Several addresses are comma-separated, and an
    /// address may stand in square brackets.
    fn from_str(text: &str) -> Result<Self, InvalidHost> {
        let syntax = || InvalidHost::Syntax(text.to_owned());
        let parts = text.split_once('=').or_else(|| text.split_once(':'));
        let (host, addresses) = parts.ok_or_else(syntax)?;
        if host.is_empty() || host.contains([',', '"', ' ', '\t', '\n']) {
            return Err(syntax());
        }
        if addresses == GATEWAY {
            return Err(InvalidHost::Gateway(text.to_owned()));
        }
        let address = |text: &str| {
            let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
            inner.unwrap_or(text).parse().map_err(|_| syntax())
        };
        Ok(Self {
            host: host.to_owned(),
            addresses: addresses
                .split(',')
                .map(address)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl fmt::Display for HostEntry {
    /// `host=ip` for each address, comma-separated.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, address) in self.addresses.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            write!(f, "{comma}{}={address}", self.host)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        let table = [
            ("a:10.0.0.1", "a=10.0.0.1"),
            ("a=10.0.0.1", "a=10.0.0.1"),
            ("a:::1", "a=::1"),
            ("a:fd00::2", "a=fd00::2"),
            ("a=[fd00::2]", "a=fd00::2"),
            ("a:[10.0.0.1]", "a=10.0.0.1"),
            ("a=10.0.0.1,[::1]", "a=10.0.0.1,a=::1"),
        ];
        for (text, entry) in table {
            let found = text.parse::<HostEntry>().unwrap().to_string();
            assert_eq!(found, entry, "{text}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "",
            "a",
            "a:",
            ":1.2.3.4",
            "a:1.2.3",
            "a:b",
            "a=1.2.3.4,",
            "a b:1.2.3.4",
        ] {
            let refused = text.parse::<HostEntry>().unwrap_err();
            assert_eq!(refused, InvalidHost::Syntax(text.into()));
        }
        let gateway = "host.docker.internal:host-gateway";
        let refused = gateway.parse::<HostEntry>().unwrap_err().to_string();
        assert!(refused.contains("write the address"), "{refused}");
    }
}
