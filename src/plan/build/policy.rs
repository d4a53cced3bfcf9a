//! Which sources a build may have.

use std::path::PathBuf;

use crate::cli::{Policy, PolicyArgs};
use crate::env::Env;
use crate::error::{Error, Result};

/// Which sources a build may have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourcePolicy {
    /// A file with rules that the daemon itself applies.
    pub rules: Option<PathBuf>,
    /// Whether a policy beside the Dockerfile is not meant.
    pub is_disabled: bool,
}

/// What to do instead of a policy in Rego.
pub const NO_REGO: &str = "pin sources in the Dockerfile (FROM NAME@sha256:..., ADD --checksum=...), \
     or name a file with rules for the daemon in $EXPERIMENTAL_BUILDKIT_SOURCE_POLICY";

impl SourcePolicy {
    /// Decides what `args` mean in `env`.
    pub(super) fn new(args: &PolicyArgs, env: &Env) -> Result<Self> {
        for policy in &args.policies {
            if let Policy::Rules(text) = policy {
                return Err(Error::usage(format!(
                    "--policy {text}: policies in Rego cannot be evaluated here, \
                     and a build without its policy is not what you asked for"
                ))
                .hint(NO_REGO));
            }
        }
        if args.policies.len() > 1 {
            return Err(Error::usage("--policy disabled=true stands alone"));
        }
        let rules = env.var("EXPERIMENTAL_BUILDKIT_SOURCE_POLICY");
        Ok(Self {
            rules: rules.map(|file| env.absolute(file)),
            is_disabled: !args.policies.is_empty(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(policies: &[&str]) -> Result<SourcePolicy> {
        let policies = policies.iter().map(|text| text.parse().unwrap()).collect();
        let env = Env::from_variables([("EXPERIMENTAL_BUILDKIT_SOURCE_POLICY", "/p.json")]);
        SourcePolicy::new(&PolicyArgs { policies }, &env)
    }

    #[test]
    fn rules_that_nobody_evaluates_are_refused() {
        let none = plan(&[]).unwrap();
        assert_eq!(none.rules, Some("/p.json".into()));
        assert!(!none.is_disabled);
        assert!(plan(&["disabled=true"]).unwrap().is_disabled);
        assert!(plan(&["disabled=true", "disabled=true"]).is_err());
        let refused = plan(&["filename=a.rego"]).unwrap_err();
        assert!(refused.hint_text().unwrap().contains("ADD --checksum"));
    }
}
