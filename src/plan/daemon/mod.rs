//! How the daemon itself is configured: `--buildkitd-config` and `--buildkitd-flags`.
//!
//! What buildkitd would end about is refused here, what it would take no notice of is said. Nobody
//! reads the log of a daemon that starts again and again.

mod attached;
mod fault;
mod files;
mod flag_table;
mod flags;
mod folders;
mod kind;
mod pem;
mod reader;
mod rules;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use toml::Table;

use crate::cli::DaemonArgs;
use crate::error::{Error, Result};

use super::mode::Mode;

pub use attached::CONFIG_FOLDER;
pub use files::{Files, NoFiles};
pub use flags::DaemonFlags;

use reader::Reader;

/// The configuration among the files.
pub const CONFIG_FILE: &str = "buildkitd.toml";
/// What a Secret holds at most, as Kubernetes counts: the values, without their names.
const MOST: usize = 1024 * 1024;

/// How the daemon of a node is configured, beside what every builder's is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DaemonOptions {
    /// Its configuration; the image's own if none.
    pub config: Option<DaemonConfig>,
    /// Its flags, beside those of the builder.
    pub flags: DaemonFlags,
}

impl DaemonOptions {
    /// Reads what `args` give for a daemon of that mode; beside it what their user should know.
    pub(super) fn read(
        args: &DaemonArgs,
        mode: Mode,
        files: &dyn Files,
    ) -> Result<(Self, Vec<String>)> {
        let (flags, mut notes) = DaemonFlags::read(&args.buildkitd_flags, mode)?;
        let mut config = None;
        if let Some(path) = &args.buildkitd_config {
            let name = path.display().to_string();
            let text = text(path, files)?;
            let source = ConfigSource {
                name: &name,
                folder: path.parent().unwrap_or(Path::new("")),
                text: &text,
                mode,
            };
            let (read, of_config) = DaemonConfig::read(source, files)?;
            config = Some(read);
            notes.extend(of_config);
        }
        Ok((Self { config, flags }, notes))
    }

    /// Whether they say what builds may ask for.
    pub fn has_entitlements(&self) -> bool {
        let config = self.config.as_ref();
        self.flags.has_entitlements() || config.is_some_and(|config| config.entitlements)
    }

    /// Whether they say how much cache is kept.
    pub fn limits_cache(&self) -> bool {
        let config = self.config.as_ref();
        self.flags.limits_cache() || config.is_some_and(|config| config.garbage)
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

/// A configuration file of buildkitd, as it was given.
#[derive(Debug, Clone, Copy)]
struct ConfigSource<'a> {
    /// Its name, for messages.
    name: &'a str,
    /// Its folder, where the names of files in it begin.
    folder: &'a Path,
    /// What it says.
    text: &'a str,
    /// What the daemon may do.
    mode: Mode,
}

/// A configuration of buildkitd that needs no other file: what it named is among the files.
#[derive(Clone, PartialEq, Eq)]
pub struct DaemonConfig {
    files: BTreeMap<String, Vec<u8>>,
    /// Whether it says what builds may ask for.
    entitlements: bool,
    /// Whether it says how much cache is kept.
    garbage: bool,
}

/// Only the names of the files: there are keys among them.
impl fmt::Debug for DaemonConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.files.keys()).finish()
    }
}

impl DaemonConfig {
    /// Reads a configuration; beside it what its user should know. The same settings give the same
    /// bytes, in whatever order and with whatever comments they were written.
    fn read(source: ConfigSource<'_>, files: &dyn Files) -> Result<(Self, Vec<String>)> {
        let ConfigSource {
            name,
            folder,
            text,
            mode,
        } = source;
        let mut reader = Reader::new(files, folder);
        let mut config = reader.read(text);
        folders::replace(&mut config, &mut reader);
        rules::check(&config, mode, &mut reader);
        let Reader {
            attached,
            faults,
            mut notes,
            ..
        } = reader;
        if let Some(error) = fault::error(name, text, faults) {
            return Err(error);
        }
        notes.sort_by_key(|(span, _)| span.start);
        let notes = notes.into_iter().map(|(span, note)| {
            let (line, _) = span.position(text);
            format!("{name}:{line}: {note}")
        });
        let written = toml::to_string(&config).map_err(|error| {
            Error::usage(format!("{name}: it cannot be written again")).because(error)
        })?;
        let mut files = attached.into_files();
        files.insert(CONFIG_FILE.to_owned(), written.into_bytes());
        let read = Self {
            files,
            entitlements: config.contains_key("insecure-entitlements"),
            garbage: limits_cache(&config),
        };
        read.check_size(name)?;
        Ok((read, notes.collect()))
    }

    /// The files, by name: the configuration and what it named.
    pub const fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }

    fn check_size(&self, name: &str) -> Result<()> {
        let size = |files: &mut dyn Iterator<Item = &Vec<u8>>| files.map(Vec::len).sum::<usize>();
        let total = size(&mut self.files.values());
        if total <= MOST {
            return Ok(());
        }
        let problem = format!(
            "{name}: with the files that it names it has {} KiB; a Secret holds at most {} KiB",
            total.div_ceil(1024),
            MOST / 1024
        );
        Err(Error::usage(problem)
            .hint("name smaller files: of a bundle of authorities only those that it needs"))
    }
}

fn limits_cache(config: &Table) -> bool {
    [
        "gc",
        "gckeepstorage",
        "reservedSpace",
        "maxUsedSpace",
        "minFreeSpace",
        "gcpolicy",
    ]
    .iter()
    .any(|key| rules::get(config, &format!("worker.oci.{key}")).is_some())
}
