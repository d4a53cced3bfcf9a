//! What an image says of itself besides its layers: attestations and annotations.

use std::collections::BTreeMap;
use std::str::FromStr;

use clap::Args;

use crate::cli::fields::fields;
use crate::cli::value;

use super::annotation::Annotation;

/// The flags about what an image says of itself.
#[derive(Debug, Clone, Default, Args)]
pub struct AttestArgs {
    /// Annotation of the image, its index or their descriptors: [TYPE[PLATFORM],...:]KEY=VALUE with index, manifest, index-descriptor or manifest-descriptor; may be repeated
    #[arg(long = "annotation", value_name = "[TYPE:]KEY=VALUE")]
    pub annotations: Vec<Annotation>,

    /// Attestation of the image: type=sbom or type=provenance with its parameters; may be repeated
    #[arg(long = "attest", value_name = "type=TYPE[,KEY=VALUE...]")]
    pub attestations: Vec<Attestation>,

    /// Provenance of the image: true, false or parameters, for instance mode=max [default: mode=min in images]
    #[arg(long, value_name = "BOOL|KEY=VALUE...", value_parser = provenance)]
    pub provenance: Option<Shorthand>,

    /// List of what is in the image: true, false or parameters, for instance generator=IMAGE
    #[arg(long, value_name = "BOOL|KEY=VALUE...", value_parser = sbom)]
    pub sbom: Option<Shorthand>,
}

/// One kind of attestation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// `sbom`, `provenance` or what else the daemon knows.
    pub kind: String,
    /// Whether there shall be none.
    pub is_disabled: bool,
    /// What the daemon is told of it.
    pub parameters: BTreeMap<String, String>,
}

/// The value of a flag for one kind of attestation; nothing if the flag's value was empty, as scripts
/// give it whose variable is not set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shorthand(pub Option<Attestation>);

/// Why a text is no attestation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAttestation {
    /// It is no list of `KEY=VALUE`.
    #[error("{0:?} is no list of KEY=VALUE; write for instance type=provenance,mode=max")]
    List(String),
    /// The value of a flag for one kind says neither whether nor how.
    #[error(
        "{value:?} is neither true nor false, and no list of KEY=VALUE; write for instance {example}"
    )]
    Shorthand {
        /// What was typed.
        value: String,
        /// What could be meant.
        example: &'static str,
    },
    /// It does not say what kind it is.
    #[error("{0:?} does not say what kind it is; begin with type=sbom or type=provenance")]
    NoType(String),
    /// Whether it is disabled is no yes or no.
    #[error("disabled={0:?} is neither yes nor no; write true or false")]
    Disabled(String),
}

impl FromStr for Attestation {
    type Err = InvalidAttestation;

    fn from_str(text: &str) -> Result<Self, InvalidAttestation> {
        let no_fields = || InvalidAttestation::List(text.to_owned());
        let mut kind = None;
        let mut is_disabled = false;
        let mut parameters = BTreeMap::new();
        for field in fields(text).ok_or_else(no_fields)? {
            let (key, value) = field.split_once('=').ok_or_else(no_fields)?;
            match key.trim().to_ascii_lowercase().as_str() {
                "type" => kind = Some(value.to_owned()),
                "disabled" => {
                    is_disabled = value::boolean(value)
                        .map_err(|_| InvalidAttestation::Disabled(value.to_owned()))?;
                }
                _ => {
                    parameters.insert(key.to_owned(), value.to_owned());
                }
            }
        }
        let kind = kind.filter(|kind| !kind.is_empty());
        Ok(Self {
            kind: kind.ok_or_else(|| InvalidAttestation::NoType(text.to_owned()))?,
            is_disabled,
            parameters,
        })
    }
}

fn provenance(text: &str) -> Result<Shorthand, InvalidAttestation> {
    shorthand("provenance", "mode=max", text)
}

fn sbom(text: &str) -> Result<Shorthand, InvalidAttestation> {
    shorthand("sbom", "generator=IMAGE", text)
}

fn shorthand(
    kind: &str,
    example: &'static str,
    text: &str,
) -> Result<Shorthand, InvalidAttestation> {
    if text.is_empty() {
        return Ok(Shorthand(None));
    }
    let rest = match value::boolean(text) {
        Ok(is_wanted) => format!("disabled={}", !is_wanted),
        Err(_) => text.to_owned(),
    };
    let read = format!("type={kind},{rest}").parse();
    read.map(Some).map(Shorthand).map_err(|error| match error {
        // Its words are about a text that nobody typed.
        InvalidAttestation::List(_) => InvalidAttestation::Shorthand {
            value: text.to_owned(),
            example,
        },
        error => error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(attestation: &Attestation) -> String {
        let parameters = attestation.parameters.iter();
        let parameters: Vec<_> = parameters.map(|(k, v)| format!("{k}={v}")).collect();
        let sign = if attestation.is_disabled { "-" } else { "" };
        format!("{sign}{} {}", attestation.kind, parameters.join(" "))
    }

    #[test]
    fn attestations() {
        let table = [
            ("type=sbom", "sbom "),
            ("type=sbom,generator=a/b:c", "sbom generator=a/b:c"),
            (
                "Type=provenance,mode=max,DISABLED=1",
                "-provenance mode=max",
            ),
            (r#"type=sbom,"X=a,b",y=c=d"#, "sbom X=a,b y=c=d"),
            ("type=slsa,x=", "slsa x="),
        ];
        for (text, expected) in table {
            assert_eq!(shown(&text.parse().unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn shorthands() {
        let read = |text: &str| provenance(text).unwrap().0.map(|found| shown(&found));
        assert_eq!(read("true").as_deref(), Some("provenance "));
        assert_eq!(read("0").as_deref(), Some("-provenance "));
        assert_eq!(read("mode=max").as_deref(), Some("provenance mode=max"));
        assert_eq!(
            read("mode=max,disabled=t").as_deref(),
            Some("-provenance mode=max")
        );
        assert_eq!(read(""), None);
        assert_eq!(sbom("true").unwrap().0.unwrap().kind, "sbom");
    }

    #[test]
    fn what_is_no_attestation_is_refused() {
        let refused = |text: &str| text.parse::<Attestation>().unwrap_err().to_string();
        for text in ["", "sbom", "type=sbom,max", "type=sbom,\"a"] {
            assert!(refused(text).contains("type=provenance,mode=max"), "{text}");
        }
        for text in ["mode=max", "type=,mode=max"] {
            assert!(refused(text).contains("begin with type="), "{text}");
        }
        assert!(refused("type=sbom,disabled=no").contains("true or false"));
        let of_flag = |read: Result<Shorthand, InvalidAttestation>| read.unwrap_err().to_string();
        assert_eq!(
            of_flag(provenance("max")),
            r#""max" is neither true nor false, and no list of KEY=VALUE; write for instance mode=max"#
        );
        assert!(of_flag(sbom("image")).ends_with("write for instance generator=IMAGE"));
    }
}
