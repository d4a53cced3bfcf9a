//! The file: read whole, written whole, by one program at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

use super::content::{Content, VERSION};
use crate::system;

/// How often the lock is asked for, and the pause between: about a second in all. Who waits longer
/// writes without it: at worst, one of two hints that came together is lost.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(10);

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

/// A home that is a file, as `/dev/null` for users of services, holds nothing either.
fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Changes the file. What stands in it is read anew, and the new content takes its place at once:
/// a reader sees the old or the new one. A file that cannot be read is left as it is.
pub(super) fn change(path: &Path, edit: impl FnOnce(&mut Content)) -> Result<(), StateError> {
    let failed = |error| StateError::File("write", path.to_owned(), error);
    let folder = path.parent().unwrap_or(Path::new("/"));
    system::private_folder(folder).map_err(failed)?;
    let _lock = lock(&folder.join(".lock")).map_err(failed)?;
    let before = read(path)?;
    let mut content = before.clone();
    edit(&mut content);
    if content == before {
        return Ok(());
    }
    write(path, folder, &content).map_err(failed)
}

fn write(path: &Path, folder: &Path, content: &Content) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(folder)?;
    serde_json::to_writer_pretty(&mut file, content)?;
    writeln!(file)?;
    file.persist(path)?;
    Ok(())
}

/// Waits for its turn. The lock goes with the process that holds it, however that ends.
fn lock(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    let file = system::private_file(&mut options).open(path)?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            // Some network file systems know no locks.
            Ok(()) | Err(TryLockError::Error(_)) => break,
        }
    }
    Ok(file)
}
