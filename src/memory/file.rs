//! The file: read whole, written whole, by one program at a time.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::small_file::{self, is_absence};

use super::content::{Content, VERSION};

/// How long another run is waited for. Who waits longer writes all the same: at worst, one of two hints
/// that came together is lost.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why the file is no use.
#[derive(Debug, thiserror::Error)]
pub(super) enum StateError {
    /// There is no folder for it.
    #[error("there is nowhere to keep it: no home folder is known")]
    Nowhere,
    /// It cannot be read or written.
    #[error("cannot {0} {path}", path = .1.display())]
    File(&'static str, PathBuf, #[source] io::Error),
    /// It is not what this program writes.
    #[error("{} is damaged", .0.display())]
    Damaged(PathBuf, #[source] serde_json::Error),
    /// A newer program wrote it.
    #[error("{} was written by a newer version of this program", .0.display())]
    Newer(PathBuf),
}

impl StateError {
    /// The error and its cause.
    pub(super) fn in_one_line(&self) -> String {
        match std::error::Error::source(self) {
            Some(cause) => format!("{self}: {cause}"),
            None => self.to_string(),
        }
    }
}

/// What the file says; a missing one says nothing.
pub(super) fn read(path: &Path) -> Result<Content, StateError> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if is_absence(&error) => return Ok(Content::default()),
        Err(error) => return Err(StateError::File("read", path.to_owned(), error)),
    };
    let content: Content = serde_json::from_slice(&text)
        .map_err(|error| StateError::Damaged(path.to_owned(), error))?;
    if content.version > VERSION {
        return Err(StateError::Newer(path.to_owned()));
    }
    Ok(content)
}

/// Changes the file. What stands in it is read anew, and the new content takes its place at once:
/// a reader sees the old or the new one. A file that cannot be read is left as it is.
pub(super) fn change(path: &Path, edit: impl FnOnce(&mut Content)) -> Result<(), StateError> {
    let failed = |error| StateError::File("write", path.to_owned(), error);
    let folder = path.parent().unwrap_or(Path::new("/"));
    let _turn = small_file::turn(folder, PATIENCE).map_err(failed)?;
    let before = read(path)?;
    let mut content = before.clone();
    edit(&mut content);
    if content == before {
        return Ok(());
    }
    text(&content)
        .and_then(|text| small_file::replace(path, &text))
        .map_err(failed)
}

fn text(content: &Content) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(content)?;
    text.push(b'\n');
    Ok(text)
}
