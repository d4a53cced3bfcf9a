//! `--allow`: what a build may do beyond the ordinary.

use std::str::FromStr;

use crate::cli::fields::fields;

/// What `--allow` grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// An entitlement that the daemon is asked for, in its own spelling.
    Entitlement(String),
    /// `-o type=local,mode=delete` may empty any folder of this machine.
    LocalDelete,
    /// An empty word, as scripts give whose variable is not set.
    Nothing,
}

/// The entitlement that `--network host` needs.
const HOST_NETWORK: &str = "network.host";

const INSECURE: &str = "security.insecure";
const DEVICE: &str = "device";
const LOCAL_DELETE: &str = "buildx.local.delete";

/// Why a text grants nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGrant {
    /// Nobody knows it.
    #[error(
        "{0:?} is nothing that can be allowed; write network.host, security.insecure, \
         device[=NAME[,alias=NAME]] or buildx.local.delete"
    )]
    Unknown(String),
    /// It takes no value.
    #[error("{0} takes no value; write {0} alone")]
    Value(&'static str),
    /// The device is not named in the daemon's way.
    #[error("{0:?} names no device; write device=NAME or device=NAME,alias=NAME")]
    Device(String),
}

impl FromStr for Grant {
    type Err = InvalidGrant;

    fn from_str(text: &str) -> Result<Self, InvalidGrant> {
        let (key, value) = match text.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (text, None),
        };
        match (key, value) {
            ("", None) => Ok(Self::Nothing),
            (LOCAL_DELETE, None) => Ok(Self::LocalDelete),
            (HOST_NETWORK | INSECURE | DEVICE, None) => Ok(Self::Entitlement(text.to_owned())),
            (DEVICE, Some("")) => Ok(Self::Entitlement(DEVICE.to_owned())),
            (DEVICE, Some(device)) if is_device(device) => Ok(Self::Entitlement(text.to_owned())),
            (DEVICE, Some(_)) => Err(InvalidGrant::Device(text.to_owned())),
            (LOCAL_DELETE, Some(_)) => Err(InvalidGrant::Value(LOCAL_DELETE)),
            (HOST_NETWORK, Some(_)) => Err(InvalidGrant::Value(HOST_NETWORK)),
            (INSECURE, Some(_)) => Err(InvalidGrant::Value(INSECURE)),
            _ => Err(InvalidGrant::Unknown(text.to_owned())),
        }
    }
}

/// Whether a text names a device, and perhaps the name that steps know it by.
fn is_device(text: &str) -> bool {
    let Some(fields) = fields(text) else {
        return false;
    };
    let named = fields.first().is_some_and(|name| !name.is_empty());
    named && fields.iter().skip(1).all(|f| f.starts_with("alias="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_allowed() {
        let entitlement = |text: &str| Ok(Grant::Entitlement(text.to_owned()));
        for text in [
            "network.host",
            "security.insecure",
            "device",
            "device=vendor.com/class=name",
            "device=vendor.com/class=*",
            "device=vendor.com/class=name,alias=gpu",
        ] {
            assert_eq!(text.parse(), entitlement(text), "{text}");
        }
        assert_eq!("device=".parse(), entitlement("device"));
        assert_eq!("buildx.local.delete".parse(), Ok(Grant::LocalDelete));
        assert_eq!("".parse(), Ok(Grant::Nothing));
    }

    #[test]
    fn what_cannot_is_refused_with_what_to_type() {
        let refused = |text: &str| text.parse::<Grant>().unwrap_err().to_string();
        for text in ["network.none", "Network.host", "fs=/tmp", "=x", " "] {
            assert!(refused(text).contains("write network.host"), "{text}");
        }
        assert_eq!(
            refused("buildx.local.delete=true"),
            "buildx.local.delete takes no value; write buildx.local.delete alone"
        );
        assert!(refused("network.host=1").starts_with("network.host takes no value"));
        for text in ["device=,alias=x", "device=a,name=b", "device=a,\"b"] {
            assert!(refused(text).contains("write device=NAME"), "{text}");
        }
    }
}
