//! How the daemon itself is configured, in buildx's spelling.

use std::path::PathBuf;

use clap::Args;

/// The daemon's own configuration and flags.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Daemon options")]
pub struct DaemonArgs {
    /// Configuration file of the daemon, which gets the certificates and keys that it names, too
    #[arg(long, value_name = "FILE", alias = "config")]
    pub buildkitd_config: Option<PathBuf>,

    /// Flags of the daemon, for instance "--debug --oci-worker-net=host"; may be repeated
    #[arg(long, value_name = "FLAGS", allow_hyphen_values = true)]
    pub buildkitd_flags: Vec<String>,
}
