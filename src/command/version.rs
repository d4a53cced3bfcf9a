//! `version`.

use crate::cli::{VersionArgs, VersionOutput};
use crate::error::Result;
use crate::render;

/// Shows the version of this program.
pub(super) fn run(args: &VersionArgs) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let out = std::io::stdout().lock();
    match args.output {
        VersionOutput::Text => render::line(&format!("Client Version: v{version}"), out),
        VersionOutput::Json => render::version_json(version, out),
        VersionOutput::Yaml => render::version_yaml(version, out),
    }
}
