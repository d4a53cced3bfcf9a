//! The blobs of a layout.

use std::collections::HashSet;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crate::model::{Algorithm, Digest};

use super::failure::LayoutError;

/// How many blobs a build may begin to write to one layout.
pub(super) const MOST: u32 = 100_000;

/// What may be done with a layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Blobs are read.
    Read,
    /// Blobs are read and added.
    Write,
}

/// A layout, for as long as a build.
#[derive(Debug, Clone)]
pub struct Store {
    folder: Arc<Path>,
    access: Access,
    /// The blobs of this build: all that it may remove again.
    written: Arc<Mutex<HashSet<Digest>>>,
    /// How many blobs it began to write.
    begun: Arc<AtomicU32>,
}

/// A blob that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// Its digest, as its name says.
    pub digest: Digest,
    /// Its length.
    pub size: u64,
    /// When it was written.
    pub created: Option<SystemTime>,
}

impl Store {
    /// A layout in `folder`. One that is written to is made if it is not there.
    pub fn new(folder: &Path, access: Access) -> Result<Self, LayoutError> {
        if access == Access::Write {
            fs::create_dir_all(folder).map_err(LayoutError::file("make", folder))?;
        }
        Ok(Self {
            folder: folder.into(),
            access,
            written: Arc::default(),
            begun: Arc::default(),
        })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn blob_path(&self, digest: &Digest) -> PathBuf {
        self.algorithm_folder(digest.algorithm()).join(digest.hex())
    }

    pub(super) fn algorithm_folder(&self, algorithm: Algorithm) -> PathBuf {
        self.folder.join("blobs").join(algorithm.as_str())
    }

    /// What is known of a blob.
    pub fn blob(&self, digest: &Digest) -> Result<Blob, LayoutError> {
        let path = self.blob_path(digest);
        match path.metadata() {
            Ok(metadata) if metadata.is_file() => Ok(blob(digest.clone(), &metadata)),
            Ok(_) => Err(LayoutError::NoBlob(digest.clone())),
            Err(error) => Err(missing(error, digest, "look at", &path)),
        }
    }

    /// A blob for reading, and its length.
    pub fn open(&self, digest: &Digest) -> Result<(File, u64), LayoutError> {
        let size = self.blob(digest)?.size;
        let path = self.blob_path(digest);
        let file = File::open(&path).map_err(|error| missing(error, digest, "read", &path))?;
        Ok((file, size))
    }

    /// All of a short blob.
    pub(super) fn read(&self, digest: &Digest) -> Result<Vec<u8>, LayoutError> {
        let path = self.blob_path(digest);
        fs::read(&path).map_err(|error| missing(error, digest, "read", &path))
    }

    /// All blobs. Files that have no digest for a name are none.
    pub fn blobs(&self) -> Result<Vec<Blob>, LayoutError> {
        let mut blobs = Vec::new();
        for algorithm in Algorithm::ALL {
            let folder = self.algorithm_folder(algorithm);
            let entries = match folder.read_dir() {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(LayoutError::file("list", &folder)(error)),
            };
            for entry in entries {
                let entry = entry.map_err(LayoutError::file("list", &folder))?;
                let name = entry.file_name();
                let text = format!("{}:{}", algorithm.as_str(), name.to_string_lossy());
                if let Ok(digest) = text.parse()
                    && let Ok(found) = self.blob(&digest)
                {
                    blobs.push(found);
                }
            }
        }
        Ok(blobs)
    }

    /// Removes a blob of this build.
    pub fn remove(&self, digest: &Digest) -> Result<(), LayoutError> {
        self.writable()?;
        self.blob(digest)?;
        if !self.written().contains(digest) {
            return Err(LayoutError::NotOurs(digest.clone()));
        }
        self.delete(digest)
    }

    pub(super) fn delete(&self, digest: &Digest) -> Result<(), LayoutError> {
        let path = self.blob_path(digest);
        fs::remove_file(&path).map_err(|error| missing(error, digest, "remove", &path))
    }

    /// Fails for a layout that is only read.
    pub(super) fn writable(&self) -> Result<(), LayoutError> {
        match self.access {
            Access::Write => Ok(()),
            Access::Read => Err(LayoutError::ReadOnly(self.folder.display().to_string())),
        }
    }

    /// Counts one more blob. Nobody needs more than [`MOST`], but somebody could fill a disk with
    /// empty ones.
    pub(super) fn begin(&self) -> Result<(), LayoutError> {
        match self.begun.fetch_add(1, Ordering::Relaxed) {
            ..MOST => Ok(()),
            _ => Err(LayoutError::TooMany(MOST)),
        }
    }

    pub(super) fn wrote(&self, digest: &Digest) {
        self.written().insert(digest.clone());
    }

    fn written(&self) -> MutexGuard<'_, HashSet<Digest>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn blob(digest: Digest, metadata: &Metadata) -> Blob {
    Blob {
        digest,
        size: metadata.len(),
        created: metadata.modified().ok(),
    }
}

fn missing(error: io::Error, digest: &Digest, action: &'static str, path: &Path) -> LayoutError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            LayoutError::NoBlob(digest.clone())
        }
        _ => LayoutError::file(action, path)(error),
    }
}
