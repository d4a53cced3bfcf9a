//! How the daemon itself is configured: `--buildkitd-config` and `--buildkitd-flags`.
//!
//! What buildkitd would end about is refused here, what it would take no notice of is said. Nobody
//! reads the log of a daemon that starts again and again.

mod attached;
mod config;
mod fault;
mod files;
mod flag_table;
mod flags;
mod folders;
mod kind;
mod pem;
mod reader;
#[cfg(test)]
mod refusal_tests;
mod rules;
mod schema;
#[cfg(test)]
mod tests;

use std::path::Path;

use crate::cli::DaemonArgs;
use crate::error::{Error, Result};

use super::mode::Mode;

pub use attached::CONFIG_FOLDER;
pub use config::{CONFIG_FILE, DaemonConfig};
pub use files::{Files, NoFiles};
pub use flag_table::DEFAULT_ENTITLEMENT;
pub use flags::DaemonFlags;

use config::ConfigSource;

/// How the daemon of a node is configured, beside what every builder's is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DaemonOptions {
    /// Its configuration; the image's own if none.
    pub config: Option<DaemonConfig>,
    /// Its flags, beside those of the builder.
    pub flags: DaemonFlags,
}

/// What was given of it: each replaces what was there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct GivenDaemon {
    pub(super) config: Option<DaemonConfig>,
    pub(super) flags: Option<DaemonFlags>,
}

impl GivenDaemon {
    /// Reads what `args` give; beside it what their user should know.
    pub(super) fn read(args: &DaemonArgs, files: &dyn Files) -> Result<(Self, Vec<String>)> {
        let mut given = Self::default();
        let mut notes = Vec::new();
        if !args.buildkitd_flags.is_empty() {
            let (flags, of_flags) = DaemonFlags::read(&args.buildkitd_flags)?;
            given.flags = Some(flags);
            notes.extend(of_flags);
        }
        if let Some(path) = &args.buildkitd_config {
            let (config, of_config) = DaemonConfig::at(path, files)?;
            given.config = Some(config);
            notes.extend(of_config);
        }
        Ok((given, notes))
    }
}

impl DaemonConfig {
    /// The configuration at a path of `files`; beside it what its user should know.
    pub fn at(path: &Path, files: &dyn Files) -> Result<(Self, Vec<String>)> {
        let text = text(path, files)?;
        let source = ConfigSource {
            name: &path.display().to_string(),
            folder: path.parent().unwrap_or(Path::new("")),
            text: &text,
        };
        Self::read(source, files)
    }
}

fn text(path: &Path, files: &dyn Files) -> Result<String> {
    let name = path.display();
    let content = files.read(path).map_err(|error| {
        Error::usage(format!("--buildkitd-config {name}: it cannot be read"))
            .because(error)
            .hint("name the file with the daemon's configuration, often buildkitd.toml")
    })?;
    String::from_utf8(content).map_err(|error| {
        Error::usage(format!("--buildkitd-config {name}: this is no text"))
            .because(error.utf8_error())
            .hint("save it as UTF-8")
    })
}

impl DaemonOptions {
    /// Changes what `given` says; the rest stays as it is.
    pub(super) fn take(&mut self, given: GivenDaemon) {
        if given.config.is_some() {
            self.config = given.config;
        }
        if let Some(flags) = given.flags {
            self.flags = flags;
        }
    }

    /// Whether they go together with what the daemon may do.
    pub(super) fn check(&mut self, mode: Mode) -> Result<()> {
        self.flags.check(mode)?;
        self.config
            .as_ref()
            .map_or(Ok(()), |config| config.check(mode))
    }

    /// Whether they say what builds may ask for.
    pub fn has_entitlements(&self) -> bool {
        self.flags.has_entitlements() || self.config_says(DaemonConfig::has_entitlements)
    }

    /// Whether they say how much cache is kept.
    pub fn limits_cache(&self) -> bool {
        self.flags.limits_cache() || self.config_says(DaemonConfig::limits_cache)
    }

    fn config_says(&self, what: fn(&DaemonConfig) -> bool) -> bool {
        self.config.as_ref().is_some_and(what)
    }

    /// Leaves out the flag that every builder has.
    pub(super) fn forget_default_entitlement(&mut self) {
        if !self.config_says(DaemonConfig::has_entitlements) {
            self.flags.forget_default_entitlement();
        }
    }
}
