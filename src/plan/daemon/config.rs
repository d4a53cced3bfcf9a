//! A configuration, checked, with all that it needs.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use toml::Table;

use crate::error::{Error, Result};

use super::super::mode::Mode;
use super::fault;
use super::files::Files;
use super::folders;
use super::reader::Reader;
use super::rules;

/// The configuration among the files.
pub const CONFIG_FILE: &str = "buildkitd.toml";
/// What a Secret holds at most, as Kubernetes counts: the values, without their names.
pub(super) const MOST: usize = 1024 * 1024;

/// A configuration file of buildkitd, as it was given.
#[derive(Debug, Clone, Copy)]
pub(super) struct ConfigSource<'a> {
    /// Its name, for messages.
    pub(super) name: &'a str,
    /// Its folder, where the names of files in it begin.
    pub(super) folder: &'a Path,
    /// What it says.
    pub(super) text: &'a str,
}

/// A configuration of buildkitd that needs no other file: what it named is among the files.
#[derive(Clone)]
pub struct DaemonConfig {
    files: BTreeMap<String, Vec<u8>>,
    name: String,
    /// Line and column of each setting, if that is known.
    places: BTreeMap<String, (usize, usize)>,
}

/// Where it came from makes no difference.
impl PartialEq for DaemonConfig {
    fn eq(&self, other: &Self) -> bool {
        self.files == other.files
    }
}

impl Eq for DaemonConfig {}

/// Only the names of the files: there are keys among them.
impl fmt::Debug for DaemonConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.files.keys()).finish()
    }
}

impl DaemonConfig {
    /// Reads a configuration; beside it what its user should know. The same settings give the same
    /// bytes, in whatever order and with whatever comments they were written.
    pub(super) fn read(source: ConfigSource<'_>, files: &dyn Files) -> Result<(Self, Vec<String>)> {
        let ConfigSource { name, folder, text } = source;
        let mut reader = Reader::new(files, folder);
        let mut config = reader.read(text);
        folders::replace(&mut config, &mut reader);
        rules::check(&config, &mut reader);
        let Reader {
            attached,
            faults,
            mut notes,
            places,
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
        let places = places.into_iter();
        let read = Self {
            files,
            name: name.to_owned(),
            places: places
                .map(|(setting, span)| (setting, span.position(text)))
                .collect(),
        };
        read.check_size()?;
        Ok((read, notes.collect()))
    }

    /// A configuration as it is mounted.
    pub fn from_files(files: BTreeMap<String, Vec<u8>>) -> Self {
        Self {
            files,
            name: CONFIG_FILE.to_owned(),
            places: BTreeMap::new(),
        }
    }

    /// The files, by name: the configuration and what it named.
    pub const fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }

    /// The name of the file that it was read from.
    pub(in super::super) fn name(&self) -> &str {
        &self.name
    }

    fn table(&self) -> Table {
        let text = self.files.get(CONFIG_FILE).map(Vec::as_slice);
        std::str::from_utf8(text.unwrap_or_default())
            .ok()
            .and_then(|text| toml::from_str(text).ok())
            .unwrap_or_default()
    }

    pub(super) fn has_entitlements(&self) -> bool {
        self.table().contains_key("insecure-entitlements")
    }

    pub(super) fn limits_cache(&self) -> bool {
        rules::limits_cache(&self.table())
    }

    /// Whether it goes together with what the daemon may do.
    pub fn check(&self, mode: Mode) -> Result<()> {
        let Some((setting, problem, instead)) = rules::against(&self.table(), mode) else {
            return Ok(());
        };
        let place = self.places.get(setting);
        let place = place.map_or_else(String::new, |(line, column)| format!(":{line}:{column}"));
        Err(Error::usage(format!("{}{place}: {setting}: {problem}", self.name)).hint(instead))
    }

    fn check_size(&self) -> Result<()> {
        let total: usize = self.files.values().map(Vec::len).sum();
        if total <= MOST {
            return Ok(());
        }
        let problem = format!(
            "{}: with the files that it names it has {} KiB; a Secret holds at most {} KiB",
            self.name,
            total.div_ceil(1024),
            MOST / 1024
        );
        Err(Error::usage(problem)
            .hint("name smaller files: of a bundle of authorities only those that it needs"))
    }
}
