//! Locks between programs that use the same layout, by the names that `BuildKit`'s own clients use.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::failure::LayoutError;
use crate::system::same_file;

/// How long a lock is waited for: nobody holds one for longer than a write or a cleaning.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);

/// Who may hold a lock at the same time.
#[derive(Debug, Clone, Copy)]
pub(super) enum Share {
    /// Nobody else.
    One,
    /// All who ask for no more than this.
    Many,
}

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
        let _ = self.file.unlock();
    }
}

impl Lock {
    /// Announces that a cache is being written to `folder`. Many may do so at once.
    pub fn of_export(folder: &Path) -> Result<Self, LayoutError> {
        let path = folder.join("cache.lock");
        wait(&path, Share::Many)
    }

    /// Holds off all who write a cache to `folder`; none if somebody does.
    pub(super) fn of_sweep(folder: &Path) -> Result<Option<Self>, LayoutError> {
        let path = folder.join("cache.lock");
        take(&path, Share::One)
    }

    /// Holds the index of `folder`.
    pub(super) fn of_index(folder: &Path) -> Result<Self, LayoutError> {
        let path = folder.join("index.json.lock");
        let mut lock = wait(&path, Share::One)?;
        lock.is_temporary = true;
        Ok(lock)
    }
}

/// Waits for the lock at `path`.
fn wait(path: &Path, share: Share) -> Result<Lock, LayoutError> {
    let mut waited = Duration::ZERO;
    loop {
        if let Some(lock) = take(path, share)? {
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
fn take(path: &Path, share: Share) -> Result<Option<Lock>, LayoutError> {
    let fails = |error| LayoutError::file("lock", path)(error);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true);
    let file = options.open(path).map_err(fails)?;
    if !try_lock(&file, share).map_err(LayoutError::file("lock", path))? {
        return Ok(None);
    }
    // Who held it before may have removed it: then this file is nobody's lock any more.
    if !same_file(&file, path) {
        return Ok(None);
    }
    Ok(Some(Lock {
        path: path.to_owned(),
        file,
        is_temporary: false,
    }))
}

/// Whether the lock could be had.
pub(super) fn try_lock(file: &File, share: Share) -> io::Result<bool> {
    let locked = match share {
        Share::One => file.try_lock(),
        Share::Many => file.try_lock_shared(),
    };
    match locked {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
