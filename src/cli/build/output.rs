//! `--output`: one value in the comma-separated form that buildx made common.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::cli::fields::fields;

/// An output as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputArg {
    /// The exporter, for instance `local`.
    pub kind: String,
    /// A path, or `-` for standard output.
    pub dest: Option<String>,
    /// What else the exporter is told.
    pub attributes: BTreeMap<String, String>,
}

/// Why a text is no output.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOutput {
    /// The commas and quotes do not add up.
    #[error(
        "{0:?} is no list of key=value; quote a value that has a comma: type=image,\"name=a,b\""
    )]
    List(String),
    /// An item is no `key=value`.
    #[error("{0:?} in an output is no key=value")]
    Item(String),
    /// Nothing says what kind it is.
    #[error(
        "an output needs a type; write type=local, tar, oci, docker, image, registry or cacheonly"
    )]
    NoType,
}

impl FromStr for OutputArg {
    type Err = InvalidOutput;

    fn from_str(text: &str) -> Result<Self, InvalidOutput> {
        let items = fields(text).ok_or_else(|| InvalidOutput::List(text.to_owned()))?;
        if let [only] = &items[..]
            && !only.contains('=')
            && !only.is_empty()
        {
            let kind = if only == "-" { "tar" } else { "local" };
            return Ok(Self {
                kind: kind.into(),
                dest: Some(only.clone()),
                attributes: BTreeMap::new(),
            });
        }
        let mut attributes = BTreeMap::new();
        for item in &items {
            let (key, value) = item
                .split_once('=')
                .ok_or_else(|| InvalidOutput::Item(item.clone()))?;
            attributes.insert(key.trim().to_ascii_lowercase(), value.to_owned());
        }
        let kind = attributes
            .remove("type")
            .filter(|kind| !kind.is_empty())
            .ok_or(InvalidOutput::NoType)?;
        Ok(Self {
            kind,
            dest: attributes.remove("dest"),
            attributes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (String, Option<String>, Vec<(String, String)>) {
        let output: OutputArg = text.parse().unwrap();
        (
            output.kind,
            output.dest,
            output.attributes.into_iter().collect(),
        )
    }

    #[test]
    fn outputs() {
        assert_eq!(parse("out"), ("local".into(), Some("out".into()), vec![]));
        assert_eq!(parse("-"), ("tar".into(), Some("-".into()), vec![]));
        assert_eq!(
            parse("type=oci,dest=a.tar"),
            ("oci".into(), Some("a.tar".into()), vec![])
        );
        let names = vec![
            ("name".into(), "a,b".into()),
            ("push".into(), "true".into()),
        ];
        assert_eq!(
            parse(r#"type=image,"name=a,b",push=true"#),
            ("image".into(), None, names)
        );
        for text in ["", "a,b", "dest=x", "type=,dest=x", "type=local,x"] {
            assert!(text.parse::<OutputArg>().is_err(), "{text}");
        }
    }
}
