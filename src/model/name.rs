//! Names of builders and nodes: what Kubernetes takes as the name of a Deployment and its pods.

use std::fmt;
use std::str::FromStr;

/// Longest name that leaves room for what Kubernetes appends to a pod's name (63 characters in all,
/// as a pod's name is its host name: 1 + 10 for the ReplicaSet, 1 + 5 for the pod), and for ours.
const MAX_LENGTH: usize = 40;
/// Longest name that there can be, whoever chose it: it is the value of a label.
const MAX_EXISTING: usize = 63;

/// Why a text is no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Nothing was given.
    #[error("a name is needed")]
    Empty,
    /// Too long for a pod's name.
    #[error("{0:?} has {1} characters; at most {MAX_LENGTH} fit into a pod's name")]
    TooLong(String, usize),
    /// Longer than any builder's name.
    #[error("{0:?} has {1} characters; no builder has more than {MAX_EXISTING}")]
    TooLongForAny(String, usize),
    /// A character that Kubernetes refuses.
    #[error(
        "{0:?} is no name: use lower-case letters, digits and '-', begin with a letter, end with a letter or digit"
    )]
    Character(String),
}

fn check(text: &str) -> Result<String, InvalidName> {
    let name = check_existing(text)?;
    if name.len() > MAX_LENGTH {
        return Err(InvalidName::TooLong(name.clone(), name.len()));
    }
    if name.contains('.') {
        return Err(InvalidName::Character(text.to_owned()));
    }
    Ok(name)
}

fn check_existing(text: &str) -> Result<String, InvalidName> {
    // buildx lower-cases node names and turns `_` into `-`; scripts made for it must keep working.
    let name = text.trim().to_ascii_lowercase().replace('_', "-");
    if name.is_empty() {
        return Err(InvalidName::Empty);
    }
    let plain = name
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.');
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    if !plain || !begins || name.ends_with(['-', '.']) {
        return Err(InvalidName::Character(text.to_owned()));
    }
    if name.len() > MAX_EXISTING {
        return Err(InvalidName::TooLongForAny(name.clone(), name.len()));
    }
    Ok(name)
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The name as Kubernetes knows it.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// A name that something else may have chosen: longer than ours, and with dots.
            pub fn existing(text: &str) -> Result<Self, InvalidName> {
                check_existing(text).map(Self)
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                check(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

name!(
    /// The name of a builder.
    BuilderName
);
name!(
    /// The name of a node, and of its Deployment.
    NodeName
);

impl From<&NodeName> for BuilderName {
    fn from(node: &NodeName) -> Self {
        Self(node.0.clone())
    }
}

impl BuilderName {
    /// The name of the builder's node number `index` when the user gives none: `kube0`, as buildx
    /// names it.
    pub fn node(&self, index: usize) -> NodeName {
        NodeName(format!("{}{index}", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_kubernetes_takes() {
        for (text, name) in [
            ("kube", "kube"),
            ("Builder_AMD64", "builder-amd64"),
            (" a1 ", "a1"),
        ] {
            assert_eq!(text.parse::<BuilderName>().unwrap().as_str(), name);
        }
        for text in ["", "-a", "a-", "1a", "a.b", "a/b", "é", &"a".repeat(41)] {
            assert!(text.parse::<NodeName>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn others_may_choose_names_that_we_do_not() {
        let uuid = "builder-3ee9a9bd-0a5b-4b77-a3d4-0c1f9a6b2c1d0";
        for name in ["a.b", uuid, "kube0"] {
            assert_eq!(BuilderName::existing(name).unwrap().as_str(), name);
        }
        for text in ["", "-a", "a-", "a.", "1a", "a/b", &"a".repeat(64)] {
            assert!(NodeName::existing(text).is_err(), "{text:?}");
        }
    }
}
