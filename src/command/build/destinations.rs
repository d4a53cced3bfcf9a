//! Where results go on this machine: looked up before anything is built, and tidied up at the end.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Kind, Result};
use crate::event::Events;
use crate::files::{Archive, Existing, Export, Landing};
use crate::plan::{Build, Exporter, Output, Sink};
use crate::session::Destination;

use super::preflight::result_file;

/// The places of all outputs that this machine takes.
pub(super) struct Destinations(HashMap<usize, Place>);

struct Place {
    destination: Destination,
    /// Without symlinks; none for standard output.
    path: Option<PathBuf>,
    deletes: bool,
}

impl Destinations {
    /// Looks up the places of the build's outputs. Nothing is made yet.
    pub(super) fn find(plan: &Build, current_dir: &Path) -> Result<Self> {
        let mut places = HashMap::new();
        // The answer to a question is all that comes of it: nothing arrives, and nothing is deleted.
        if plan.call.is_some() {
            return Ok(Self(places));
        }
        for (id, output) in plan.outputs().iter().enumerate() {
            if let Some(place) = place(output)? {
                places.insert(id, place);
            }
        }
        for place in places.values().filter(|place| place.deletes) {
            if !plan.sandbox.may_delete {
                check_delete(place, current_dir)?;
            }
            check_alone(place, places.values())?;
        }
        Ok(Self(places))
    }

    /// Where each exporter's result goes.
    pub(super) fn of_exporters(&self) -> HashMap<usize, Destination> {
        let places = self.0.iter();
        places
            .map(|(id, place)| (*id, place.destination.clone()))
            .collect()
    }

    /// Deletes what does not belong to the results, where that was asked for. All daemons are done.
    pub(super) async fn finish(self, events: &Events) -> Result<()> {
        for place in self.0.into_values().filter(|place| place.deletes) {
            let Destination::Folder(export) = place.destination else {
                continue;
            };
            let folder = export.landing().named().display().to_string();
            let finished = tokio::task::spawn_blocking(move || export.finish()).await;
            let cannot = || {
                let what = format!("cannot delete from {folder} what the result does not have");
                Error::new(Kind::BuildFailed, what)
            };
            let deleted = finished
                .map_err(|panic| cannot().because(panic))?
                .map_err(|error| cannot().because(error))?;
            if deleted > 0 {
                let entries = if deleted == 1 { "entry" } else { "entries" };
                events
                    .note(format!(
                        "deleted {deleted} {entries} from {folder} that the result does not have"
                    ))
                    .await;
            }
        }
        Ok(())
    }
}

fn place(output: &Output) -> Result<Option<Place>> {
    let (destination, path) = match &output.exporter {
        Exporter::Image => return Ok(None),
        Exporter::Local(folder) => {
            let landing = Landing::find(folder).map_err(|error| no_folder(folder, &error))?;
            let path = landing.resolved();
            let existing = if output.deletes() {
                Existing::Goes
            } else {
                Existing::Stays
            };
            let export = Arc::new(Export::new(landing, existing));
            (Destination::Folder(export), Some(path))
        }
        Exporter::Tar(sink) | Exporter::Oci(sink) | Exporter::Docker(sink) => match sink {
            Sink::Stdout => (Destination::Stdout, None),
            // The daemon writes it blob by blob, into a layout.
            Sink::Layout(folder) if folder.exists() && !folder.is_dir() => {
                return Err(no_folder(folder, &io::ErrorKind::NotADirectory.into()));
            }
            // The engine is found before the build begins.
            Sink::Layout(_) | Sink::Engine(_) => return Ok(None),
            Sink::File(file) => {
                result_file(file)?;
                let archive = Archive::find(file).map_err(|error| no_file(file, &error))?;
                let path = archive.resolved();
                (Destination::File(archive), Some(path))
            }
        },
    };
    Ok(Some(Place {
        destination,
        path,
        deletes: output.deletes(),
    }))
}

fn no_folder(folder: &Path, error: &io::Error) -> Error {
    let what = if folder.exists() && !folder.is_dir() {
        format!(
            "{}: the result needs a folder, and this is none",
            folder.display()
        )
    } else {
        format!("{}: the result cannot go there: {error}", folder.display())
    };
    Error::usage(what).hint("name another one, or remove it")
}

fn no_file(file: &Path, error: &io::Error) -> Error {
    Error::usage(format!(
        "{}: the result cannot go there: {error}",
        file.display()
    ))
    .hint("name another file")
}

/// As buildx has it: what lies below the current folder may be deleted from, and nothing else
/// without being asked for.
fn check_delete(place: &Place, current_dir: &Path) -> Result<()> {
    let current = current_dir
        .canonicalize()
        .unwrap_or_else(|_| current_dir.to_owned());
    let path = place.path.as_deref().unwrap_or(Path::new("/"));
    if path.starts_with(&current) && path != current {
        return Ok(());
    }
    Err(Error::usage(format!(
        "-o type=local,mode=delete would delete in {}, which is not below the current folder",
        path.display()
    ))
    .hint("if that is what you want, add --allow=buildx.local.delete"))
}

/// Two outputs would delete each other's files.
fn check_alone<'a>(place: &Place, all: impl Iterator<Item = &'a Place>) -> Result<()> {
    let Some(own) = &place.path else {
        return Ok(());
    };
    let mut below = all
        .filter_map(|other| other.path.as_ref())
        .filter(|path| path.starts_with(own));
    match (below.next(), below.next()) {
        (Some(one), Some(other)) => {
            let other = if one == own { other } else { one };
            Err(Error::usage(format!(
                "-o type=local,mode=delete would delete in {} what another output puts in {}",
                own.display(),
                other.display()
            ))
            .hint("give each output a place of its own"))
        }
        _ => Ok(()),
    }
}
