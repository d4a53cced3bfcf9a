//! How the daemon itself is configured: `--buildkitd-config` and `--buildkitd-flags`.
//!
//! What buildkitd would end about is refused here, what it would take no notice of is said. Nobody
//! reads the log of a daemon that starts again and again.

mod attached;
mod fault;
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

use toml::Table;

use crate::error::{Error, Result};

pub use attached::CONFIG_FOLDER;
pub use flags::DaemonFlags;
pub use reader::Files;

use reader::Reader;

/// The configuration among the files.
pub const CONFIG_FILE: &str = "buildkitd.toml";
/// What a Secret holds at most, as Kubernetes counts: the values, without their names.
const MOST: usize = 1024 * 1024;

/// A configuration file of buildkitd, as it was given.
#[derive(Debug, Clone, Copy)]
pub struct ConfigSource<'a> {
    /// Its name, for messages.
    pub name: &'a str,
    /// What it says.
    pub text: &'a str,
    /// Whether it is for a daemon without privileges.
    pub rootless: bool,
}

/// A configuration of buildkitd that needs no other file: what it named is among the files.
#[derive(Clone, PartialEq, Eq)]
pub struct DaemonConfig {
    files: BTreeMap<String, Vec<u8>>,
    entitlements: bool,
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
    pub fn read(source: ConfigSource<'_>, files: &dyn Files) -> Result<(Self, Vec<String>)> {
        let ConfigSource {
            name,
            text,
            rootless,
        } = source;
        let mut reader = Reader::new(files);
        let mut config = reader.read(text);
        folders::replace(&mut config, &mut reader);
        rules::check(&config, rootless, &mut reader);
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

    /// Whether it says what builds may ask for.
    pub const fn has_entitlements(&self) -> bool {
        self.entitlements
    }

    /// Whether it says how much cache is kept.
    pub const fn limits_cache(&self) -> bool {
        self.garbage
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
