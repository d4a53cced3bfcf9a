//! `version`.

use crate::cli::VersionArgs;
use crate::error::Result;
use crate::render;

/// Shows the version of this program.
pub(super) fn run(args: &VersionArgs) -> Result<()> {
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    render::version(version, args.output, std::io::stdout().lock())
}
