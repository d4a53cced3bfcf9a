//! What the steps of a build run in.

use crate::cli::{Grant, SandboxArgs};

/// What the steps of a build run in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sandbox {
    /// What the daemon is asked to grant, each once.
    pub entitlements: Vec<String>,
    /// Whether `-o type=local,mode=delete` may empty any folder of this machine.
    pub may_delete: bool,
}

impl Sandbox {
    /// Decides what `args` mean.
    pub(super) fn new(args: &SandboxArgs) -> Self {
        let mut entitlements: Vec<String> = Vec::new();
        for grant in &args.grants {
            if let Grant::Entitlement(name) = grant
                && !entitlements.contains(name)
            {
                entitlements.push(name.clone());
            }
        }
        Self {
            entitlements,
            may_delete: args.grants.contains(&Grant::LocalDelete),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_the_daemon_goes_there_once() {
        let grants = ["network.host", "", "buildx.local.delete", "network.host"];
        let grants = grants.iter().map(|text| text.parse().unwrap()).collect();
        let sandbox = Sandbox::new(&SandboxArgs { grants });
        assert_eq!(sandbox.entitlements, ["network.host"]);
        assert!(sandbox.may_delete);
    }
}
