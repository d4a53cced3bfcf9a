//! What the steps of a build run in.

use clap::Args;

use super::grant::Grant;

/// The flags about what steps run in.
#[derive(Debug, Clone, Args)]
pub struct SandboxArgs {
    /// Allow what a build may not do otherwise: network.host, security.insecure, device[=NAME] or buildx.local.delete; may be repeated
    #[arg(long = "allow", value_name = "WHAT")]
    pub grants: Vec<Grant>,
}
