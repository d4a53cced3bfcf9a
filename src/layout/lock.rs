//! Locks between programs that use the same layout, by the names that `BuildKit`'s own clients use.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

use super::failure::LayoutError;

/// How long a lock is waited for: nobody holds one for longer than a write or a cleaning.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    file: File,
    is_temporary: bool,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Before it is released: whoever waits finds out that the file is no more, and takes a new one.
        if self.is_temporary {
            let _ = fs::remove_file(&self.path);
        }
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

impl Lock {
    /// Announces that a cache is being written to `folder`. Many may do so at once.
    pub fn of_export(folder: &Path) -> Result<Self, LayoutError> {
        let path = folder.join("cache.lock");
        wait(&path, FlockOperation::NonBlockingLockShared)
    }

    /// Holds off all who write a cache to `folder`; none if somebody does.
    pub(super) fn of_sweep(folder: &Path) -> Result<Option<Self>, LayoutError> {
        let path = folder.join("cache.lock");
        take(&path, FlockOperation::NonBlockingLockExclusive)
    }

    /// Holds the index of `folder`.
    pub(super) fn of_index(folder: &Path) -> Result<Self, LayoutError> {
        let path = folder.join("index.json.lock");
        let mut lock = wait(&path, FlockOperation::NonBlockingLockExclusive)?;
        lock.is_temporary = true;
        Ok(lock)
    }
}

/// Waits for the lock at `path`.
fn wait(path: &Path, operation: FlockOperation) -> Result<Lock, LayoutError> {
    let mut waited = Duration::ZERO;
    loop {
        if let Some(lock) = take(path, operation)? {
            return Ok(lock);
        }
        if waited >= PATIENCE {
            return Err(LayoutError::Locked(path.display().to_string()));
        }
        std::thread::sleep(PAUSE);
        waited += PAUSE;
    }
}

/// Takes the lock at `path`; none if somebody else has it.
fn take(path: &Path, operation: FlockOperation) -> Result<Option<Lock>, LayoutError> {
    let fails = |error| LayoutError::file("lock", path)(error);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true);
    let file = options.open(path).map_err(fails)?;
    if !try_lock(&file, operation).map_err(LayoutError::file("lock", path))? {
        return Ok(None);
    }
    // Who held it before may have removed it: then this file is nobody's lock any more.
    if !is_at(&file, path) {
        return Ok(None);
    }
    Ok(Some(Lock {
        path: path.to_owned(),
        file,
        is_temporary: false,
    }))
}

/// Whether the lock could be had.
pub(super) fn try_lock(file: &File, operation: FlockOperation) -> io::Result<bool> {
    match flock(file, operation) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Whether `file` still is the file at `path`.
pub(super) fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), path.symlink_metadata()) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}
