//! `--policy`: which sources a build may have, as rules in Rego.

use std::str::FromStr;

use clap::Args;

use crate::cli::fields::fields;
use crate::cli::value;
use crate::model::PolicyLog;

/// The flags about what a build may have as its sources.
#[derive(Debug, Clone, Default, Args)]
pub struct PolicyArgs {
    /// Rules in Rego for the build's sources, besides DOCKERFILE.rego: filename=FILE|cwd://FILE[,log-level=LEVEL][,reset=true], or disabled=true
    #[arg(long = "policy", value_name = "SPEC")]
    pub policies: Vec<Policy>,
}

/// One policy as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Its files. If there are none, the rest is about the policy before it.
    pub files: Vec<String>,
    /// Whether those before it do not count.
    pub is_reset: bool,
    /// Whether there are no policies at all.
    pub is_disabled: bool,
    /// Whether it says that daemons have to ask for policies, as they always have here.
    pub is_strict: bool,
    /// How much it tells.
    pub log: Option<PolicyLog>,
}

/// Why a text is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPolicy {
    /// It says nothing that is known.
    #[error("{0:?} is no policy; write filename=FILE, filename=cwd://FILE or disabled=true")]
    Syntax(String),
    /// A part of it has no meaning.
    #[error("{field:?}: {reason}")]
    Field {
        /// The part.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It wants a daemon that does not know policies to be taken.
    #[error(
        "strict=false: a build never begins on a daemon that does not ask for policies; leave it out"
    )]
    Lax,
}

impl FromStr for Policy {
    type Err = InvalidPolicy;

    fn from_str(text: &str) -> Result<Self, InvalidPolicy> {
        let syntax = || InvalidPolicy::Syntax(text.to_owned());
        let mut policy = Self::default();
        for field in fields(text).ok_or_else(syntax)? {
            let (key, value) = field.split_once('=').ok_or_else(syntax)?;
            let key = key.trim().to_ascii_lowercase();
            policy.set(&key, value, &field)?.ok_or_else(syntax)?;
        }
        Ok(policy)
    }
}

impl Policy {
    /// Takes one field; none if nobody knows it.
    fn set(&mut self, key: &str, value: &str, field: &str) -> Result<Option<()>, InvalidPolicy> {
        let invalid = |reason: String| InvalidPolicy::Field {
            field: field.to_owned(),
            reason,
        };
        let boolean = || value::boolean(value).map_err(|error| invalid(error.to_string()));
        match key {
            "filename" if !value.is_empty() => self.files.push(value.to_owned()),
            "reset" => self.is_reset = boolean()?,
            "disabled" => self.is_disabled = boolean()?,
            "strict" if !boolean()? => return Err(InvalidPolicy::Lax),
            "strict" => self.is_strict = true,
            "log-level" => {
                let level = value.parse();
                self.log =
                    Some(level.map_err(|error: crate::model::InvalidPolicyLog| {
                        invalid(error.to_string())
                    })?);
            }
            _ => return Ok(None),
        }
        Ok(Some(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies() {
        let policy: Policy = "filename=a.rego,Filename=cwd://b,strict=true,log-level=debug"
            .parse()
            .unwrap();
        assert_eq!(policy.files, ["a.rego", "cwd://b"]);
        assert_eq!(policy.log, Some(PolicyLog::Input));
        assert!("reset=1".parse::<Policy>().unwrap().is_reset);
        assert!("disabled=true".parse::<Policy>().unwrap().is_disabled);
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        for (text, reason) in [
            ("", "write filename=FILE"),
            ("a.rego", "write filename=FILE"),
            ("filename=", "write filename=FILE"),
            ("x=y", "write filename=FILE"),
            ("reset=maybe", "\"reset=maybe\": "),
            ("log-level=loud", "write error, info or debug"),
            ("strict=false", "leave it out"),
        ] {
            let refused = text.parse::<Policy>().unwrap_err().to_string();
            assert!(refused.contains(reason), "{text}: {refused}");
        }
    }
}
