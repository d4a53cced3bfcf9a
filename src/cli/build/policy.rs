//! `--policy`: which sources a build may have, as rules in Rego.

use std::str::FromStr;

use clap::Args;

use crate::cli::fields::fields;
use crate::cli::value;

/// The flags about what a build may have as its sources.
#[derive(Debug, Clone, Default, Args)]
pub struct PolicyArgs {
    /// Policies in Rego cannot be evaluated here: only disabled=true is taken, which builds without that beside the Dockerfile
    #[arg(long = "policy", value_name = "disabled=true")]
    pub policies: Vec<Policy>,
}

/// One policy as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Policy {
    /// No policies at all.
    Disabled,
    /// Rules that somebody has to evaluate.
    Rules(String),
}

/// Why a text is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no policy that is known here; write disabled=true")]
pub struct InvalidPolicy(String);

impl FromStr for Policy {
    type Err = InvalidPolicy;

    fn from_str(text: &str) -> Result<Self, InvalidPolicy> {
        let invalid = || InvalidPolicy(text.to_owned());
        let fields = fields(text).ok_or_else(invalid)?;
        let mut is_disabled = false;
        for field in &fields {
            let (key, value) = field.split_once('=').ok_or_else(invalid)?;
            let boolean = || value::boolean(value).map_err(|_| invalid());
            match key.trim().to_ascii_lowercase().as_str() {
                "disabled" => is_disabled = boolean()?,
                "reset" | "strict" => {
                    boolean()?;
                }
                "filename" | "log-level" if !value.is_empty() => {}
                _ => return Err(invalid()),
            }
        }
        match (is_disabled, fields.len()) {
            (true, 1) => Ok(Self::Disabled),
            // buildx knows no such thing either.
            (true, _) => Err(invalid()),
            (false, _) => Ok(Self::Rules(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies() {
        let rules = |text: &str| Ok(Policy::Rules(text.to_owned()));
        assert_eq!("disabled=true".parse(), Ok(Policy::Disabled));
        for text in [
            "filename=a.rego,strict=true",
            "reset=1",
            "filename=a,filename=b",
        ] {
            assert_eq!(text.parse(), rules(text), "{text}");
        }
        for text in [
            "",
            "a.rego",
            "filename=",
            "strict=maybe",
            "disabled=1,reset=1",
            "x=y",
        ] {
            assert!(text.parse::<Policy>().is_err(), "{text}");
        }
    }
}
