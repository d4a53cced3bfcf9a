//! Which sources a build may have.

use std::path::PathBuf;

use crate::cli::{Policy, PolicyArgs};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::model::PolicyLog;

use super::values::switch;

/// Which sources a build may have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourcePolicy {
    /// A file with rules that the daemon itself applies.
    pub rules: Option<PathBuf>,
    /// Whether no policies count, not even that beside the Dockerfile.
    pub is_disabled: bool,
    given: Vec<Policy>,
}

/// A policy in Rego, whose files are read together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegoPolicy {
    /// Its files: `cwd://NAME` in the current folder, any other in the build context; none for the one
    /// beside the Dockerfile.
    pub files: Vec<String>,
    /// How much it tells.
    pub log: PolicyLog,
}

impl SourcePolicy {
    /// Decides what `args` mean in `env`.
    pub(super) fn new(args: &PolicyArgs, env: &Env) -> Result<Self> {
        let is_disabled = args.policies.iter().any(|policy| policy.is_disabled);
        let alone = Policy {
            is_disabled: true,
            ..Policy::default()
        };
        if is_disabled && args.policies != [alone] {
            return Err(Error::usage("--policy disabled=true stands alone"));
        }
        if !is_disabled && switch(env, "BUILDX_DEFAULT_POLICY")? {
            return Err(Error::usage(
                "$BUILDX_DEFAULT_POLICY wants images of Docker's to be signed, \
                 and signatures by sigstore cannot be checked here",
            )
            .hint("unset it, or build without any policy by --policy disabled=true"));
        }
        let rules = env.var("EXPERIMENTAL_BUILDKIT_SOURCE_POLICY");
        Ok(Self {
            rules: rules.map(|file| env.absolute(file)),
            is_disabled,
            given: args.policies.clone(),
        })
    }

    /// The policies in the order in which they are asked. `has_one_beside` says whether there is one beside
    /// the Dockerfile. Fields without a file are about the policy before them, else about the next one.
    pub fn policies(&self, has_one_beside: bool) -> Vec<RegoPolicy> {
        if self.is_disabled {
            return Vec::new();
        }
        let mut chosen = Vec::new();
        if has_one_beside {
            chosen.push(RegoPolicy {
                files: Vec::new(),
                log: PolicyLog::default(),
            });
        }
        let mut next = PolicyLog::default();
        for given in &self.given {
            if given.is_reset {
                chosen.clear();
            }
            if !given.files.is_empty() {
                chosen.push(RegoPolicy {
                    files: given.files.clone(),
                    log: given.log.unwrap_or(next),
                });
                continue;
            }
            let about = chosen.last_mut().map_or(&mut next, |last| &mut last.log);
            *about = given.log.unwrap_or(*about);
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan<const N: usize>(
        policies: &[&str],
        variables: [(&str, &str); N],
    ) -> Result<SourcePolicy> {
        let policies = policies.iter().map(|text| text.parse().unwrap()).collect();
        let env = Env::from_variables(variables);
        SourcePolicy::new(&PolicyArgs { policies }, &env)
    }

    /// Files and log of each policy.
    fn chosen(policies: &[&str], has_one_beside: bool) -> String {
        let chosen = plan(policies, []).unwrap().policies(has_one_beside);
        let shown = chosen
            .iter()
            .map(|policy| format!("{}:{:?}", policy.files.join("+"), policy.log));
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn policies_add_up() {
        assert_eq!(chosen(&[], false), "");
        assert_eq!(chosen(&[], true), ":Decisions");
        assert_eq!(
            chosen(&["filename=a,filename=b", "filename=c"], true),
            ":Decisions a+b:Decisions c:Decisions"
        );
        assert_eq!(chosen(&["reset=true,filename=a"], true), "a:Decisions");
        assert_eq!(chosen(&["reset=true"], true), "");
        assert_eq!(chosen(&["disabled=true"], true), "");
        assert_eq!(chosen(&["log-level=debug"], true), ":Input");
        assert_eq!(
            chosen(&["log-level=debug", "filename=a", "log-level=error"], false),
            "a:Nothing"
        );
        assert_eq!(chosen(&["log-level=debug", "filename=a"], false), "a:Input");
    }

    #[test]
    fn what_is_wanted_otherwise() {
        let variable = ("EXPERIMENTAL_BUILDKIT_SOURCE_POLICY", "/p.json");
        assert_eq!(plan(&[], [variable]).unwrap().rules, Some("/p.json".into()));
        for refused in [
            &["disabled=true", "disabled=true"][..],
            &["disabled=true,reset=true"],
            &["disabled=true", "filename=a"],
        ] {
            assert!(plan(refused, []).is_err(), "{refused:?}");
        }
        let signed = ("BUILDX_DEFAULT_POLICY", "1");
        assert!(plan(&[], [signed]).is_err());
        assert!(plan(&["disabled=true"], [signed]).is_ok());
    }
}
