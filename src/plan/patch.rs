//! Patches of a pod template, as they are typed.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde_json::Value;

use crate::error::{Error, Result};

use super::daemon::Files;

/// A patch of a pod template.
#[derive(Debug, Clone, PartialEq)]
pub enum Patch {
    /// A part of a pod template that is merged in, as `kubectl patch` does by default.
    Strategic(Value),
    /// Operations on places, RFC 6902.
    Json(json_patch::Patch),
}

// Numbers of a patch are those of a document: none of them is NaN.
impl Eq for Patch {}

/// Why a text is no patch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPatch {
    /// It is neither JSON nor YAML.
    #[error("it is neither YAML nor JSON: {0}")]
    Unreadable(String),
    /// It is neither a map nor a list.
    #[error(
        "it is neither a map (a part of the pod template, for instance {{\"spec\": \
         {{\"hostNetwork\": true}}}}) nor a list of operations"
    )]
    Shapeless,
    /// It is a map, but none of a pod template.
    #[error("a pod template has metadata and spec, not {0}")]
    NoTemplate(String),
    /// A list that is none of operations.
    #[error("it is no list of operations (RFC 6902): {0}")]
    NoOperations(String),
}

impl Patch {
    /// What `--patch` names: the patch itself, or the file that holds it.
    pub(super) fn read(given: &str, files: &dyn Files) -> Result<Self> {
        let unusable = |problem: String| {
            Error::usage("--patch cannot be used")
                .because(problem)
                .hint("write for instance --patch '{\"spec\": {\"hostNetwork\": true}}'")
        };
        let parsed: Result<Self, NoPatch> = given.parse();
        // Whatever reads as a patch is one: no file is called so.
        let problem = match parsed {
            Ok(patch) => return Ok(patch),
            Err(problem) => problem,
        };
        match files.read(Path::new(given)) {
            Ok(content) => {
                let text = String::from_utf8_lossy(&content);
                let patch: Result<Self, NoPatch> = text.parse();
                patch.map_err(|problem| unusable(format!("{given}: {problem}")))
            }
            Err(error) if problem == NoPatch::Shapeless => {
                Err(unusable(format!("cannot read {given:?}: {error}")))
            }
            Err(_) => Err(unusable(problem.to_string())),
        }
    }

    /// The patch that JSON holds, as `Display` writes it.
    pub fn from_json(value: Value) -> Result<Self, NoPatch> {
        match value {
            Value::Array(_) => serde_json::from_value(value)
                .map(Self::Json)
                .map_err(|error| NoPatch::NoOperations(error.to_string())),
            Value::Object(fields) => {
                let mut keys = fields.keys();
                match keys.find(|key| !matches!(key.as_str(), "metadata" | "spec")) {
                    Some(other) => Err(NoPatch::NoTemplate(other.clone())),
                    None => Ok(Self::Strategic(Value::Object(fields))),
                }
            }
            _ => Err(NoPatch::Shapeless),
        }
    }
}

impl FromStr for Patch {
    type Err = NoPatch;

    fn from_str(text: &str) -> Result<Self, NoPatch> {
        let value: Value = serde_saphyr::from_str(text)
            .map_err(|error| NoPatch::Unreadable(first_line(&error)))?;
        Self::from_json(value)
    }
}

fn first_line(error: &impl ToString) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}

impl fmt::Display for Patch {
    /// As JSON, which `FromStr` reads again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Strategic(value) => value.fmt(f),
            Self::Json(operations) => operations.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_and_back() {
        for text in [
            "spec:\n  hostNetwork: true\n",
            r#"{"metadata": {"labels": {"a": "b"}}}"#,
            r#"[{"op": "add", "path": "/spec/hostNetwork", "value": true}]"#,
            "- op: remove\n  path: /spec/volumes/0\n",
        ] {
            let patch: Patch = text.parse().unwrap();
            assert_eq!(patch.to_string().parse(), Ok(patch), "{text}");
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for (text, part) in [
            ("hostNetwork: true", "not hostNetwork"),
            ("", "neither a map"),
            ("patch.yaml", "neither a map"),
            ("{", "neither YAML nor JSON"),
            (r#"[{"op": "frob", "path": "/a"}]"#, "no list of operations"),
        ] {
            let problem = text.parse::<Patch>().unwrap_err().to_string();
            assert!(problem.contains(part), "{text}: {problem}");
        }
    }
}
