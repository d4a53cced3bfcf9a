//! What a build reads.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use crate::model::{ImageName, InvalidImageName};

/// The flags about what a build reads.
#[derive(Debug, Clone, Args)]
pub struct InputArgs {
    /// Build context: a folder, a git repository, the URL of an archive or Dockerfile, or - for
    /// either of them on standard input
    #[arg(value_name = "PATH|URL|-", help_heading = "Arguments")]
    pub build_context: Option<OsString>,

    /// Dockerfile: a path, the URL of a file, or - for standard input [default: PATH/Dockerfile]
    #[arg(long, short, value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// What FROM NAME and COPY --from=NAME mean; may be repeated
    #[arg(
        help = "What FROM NAME and COPY --from=NAME mean: a folder, docker-image://NAME, oci-layout://FOLDER[:TAG][@DIGEST], a git repository or the URL of a file; may be repeated"
    )]
    #[arg(long = "build-context", value_name = "NAME=VALUE")]
    pub named_contexts: Vec<NamedContextArg>,
}

/// A build context with a name, as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedContextArg {
    /// What stands before the first `=`, as BuildKit looks it up: an image's name in its short form.
    pub name: String,
    /// What stands behind it.
    pub value: String,
}

/// Why a text is no build context with a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNamedContext {
    /// There is no `=`.
    #[error("{0:?} is no build context with a name; write NAME=VALUE")]
    NoValue(String),
    /// The name cannot stand behind FROM.
    #[error(transparent)]
    Name(#[from] InvalidImageName),
}

impl FromStr for NamedContextArg {
    type Err = InvalidNamedContext;

    fn from_str(text: &str) -> Result<Self, InvalidNamedContext> {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| InvalidNamedContext::NoValue(text.to_owned()))?;
        let (name, digest) = match name.split_once('@') {
            Some((name, digest)) => (name, format!("@{digest}")),
            None => (name, String::new()),
        };
        Ok(Self {
            name: format!("{}{digest}", name.parse::<ImageName>()?.familiar()),
            value: value.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_looked_up_in_their_short_form() {
        for (text, name) in [
            ("alpine=x", "alpine"),
            ("alpine:latest=x", "alpine"),
            ("alpine:3=x", "alpine:3"),
            ("docker.io/library/alpine=x", "alpine"),
            ("index.docker.io/me/app:1=x", "me/app:1"),
            ("ghcr.io/me/app:latest=x", "ghcr.io/me/app"),
            ("alpine@sha256:00=x", "alpine@sha256:00"),
            ("localhost/app=x", "localhost/app"),
        ] {
            let parsed: NamedContextArg = text.parse().unwrap();
            assert_eq!((parsed.name.as_str(), parsed.value.as_str()), (name, "x"));
        }
        let values: NamedContextArg = "a=b=c".parse().unwrap();
        assert_eq!(values.value, "b=c");
        for text in ["", "a", "=x", "Upper=x", "a b=x"] {
            assert!(text.parse::<NamedContextArg>().is_err(), "{text}");
        }
    }
}
