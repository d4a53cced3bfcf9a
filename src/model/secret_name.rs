//! The name of a Secret, and where it is.

use std::fmt;
use std::str::FromStr;

use super::option::{Invalid, namespace, object_name};

/// A Secret, by its name and perhaps its namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretName {
    /// The namespace; where everything else is, if absent.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl FromStr for SecretName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (place, name) = match text.split_once('/') {
            Some((place, name)) => (Some(namespace(place)?), name),
            None => (None, text),
        };
        Ok(Self {
            namespace: place,
            name: object_name(name)?,
        })
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{namespace}/{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_and_without_a_namespace() {
        let parse = |text: &str| text.parse::<SecretName>();
        for text in ["regcred", "a.b-c.0", "ci/regcred"] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
        assert_eq!(parse("ci/r").unwrap().namespace.as_deref(), Some("ci"));
        for text in ["", "/", "a/", "/a", "a/b/c", "A", "-a", "a b", "a.b/c"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
