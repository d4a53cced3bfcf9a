//! Blobs on their way into a layout.
//!
//! Each has a folder of its own, named by the digest of its reference, until all of it is there. A
//! build that was cut off leaves it, and the next one goes on where that ended.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::model::{Algorithm, Digest};
use crate::system::{self, same_file};

use super::blobs::Store;
use super::failure::LayoutError;
use super::hash::{Hasher, digest_of};
use super::lock::{Share, try_lock};

/// How long a blob may be whose size nobody announced.
const UNANNOUNCED: u64 = 64 << 20;

/// How far a blob has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Under which reference it is written.
    pub reference: String,
    /// How much of it is there.
    pub offset: u64,
    /// When it began.
    pub started: Option<SystemTime>,
    /// When the last of it came.
    pub updated: Option<SystemTime>,
}

/// Writes one blob. Nobody else can write under the same reference meanwhile.
pub struct Writer {
    store: Store,
    reference: String,
    folder: PathBuf,
    file: File,
    hasher: Hasher,
    offset: u64,
    total: Option<u64>,
}

impl Store {
    fn ingests(&self) -> PathBuf {
        self.folder().join("ingest")
    }

    fn ingest(&self, reference: &str) -> PathBuf {
        self.ingests().join(digest_of(reference.as_bytes()).hex())
    }

    /// Begins to write a blob, or goes on with what is there of it.
    pub fn writer(
        &self,
        reference: &str,
        total: Option<u64>,
        expected: Option<&Digest>,
    ) -> Result<Writer, LayoutError> {
        self.writable()?;
        if let Some(digest) = expected
            && self.blob(digest).is_ok()
        {
            return Err(LayoutError::Exists(digest.clone()));
        }
        self.begin()?;
        let folder = self.ingest(reference);
        fs::create_dir_all(&folder).map_err(LayoutError::file("make", &folder))?;
        let mut file = exclusive(&folder, reference)?;
        let name = folder.join("ref");
        fs::write(&name, reference).map_err(LayoutError::file("write", &name))?;
        let mut hasher = Hasher::new(expected.map_or(Algorithm::Sha256, Digest::algorithm));
        let offset = hasher
            .read(&mut file)
            .map_err(LayoutError::file("read", &folder.join("data")))?;
        let mut writer = Writer {
            store: self.clone(),
            reference: reference.to_owned(),
            folder,
            file,
            hasher,
            offset,
            total: None,
        };
        // What is there is of something else.
        if total.is_some_and(|total| offset > total) {
            writer.restart()?;
        }
        writer.announce(total)?;
        Ok(writer)
    }

    /// How far the blob under `reference` has come.
    pub fn progress(&self, reference: &str) -> Result<Progress, LayoutError> {
        let there = progress(&self.ingest(reference));
        there.ok_or_else(|| LayoutError::NoIngest(reference.to_owned()))
    }

    /// All blobs on their way.
    pub fn all_progress(&self) -> Result<Vec<Progress>, LayoutError> {
        let folder = self.ingests();
        let entries = match folder.read_dir() {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(LayoutError::file("list", &folder)(error)),
        };
        Ok(entries
            .filter_map(|entry| progress(&entry.ok()?.path()))
            .collect())
    }

    /// Gives up a blob that nobody writes.
    pub fn abort(&self, reference: &str) -> Result<(), LayoutError> {
        self.writable()?;
        self.progress(reference)?;
        let folder = self.ingest(reference);
        let file = exclusive(&folder, reference)?;
        remove(&folder)?;
        drop(file);
        Ok(())
    }
}

/// Opens what is there of a blob, for one writer only.
fn exclusive(folder: &Path, reference: &str) -> Result<File, LayoutError> {
    let path = folder.join("data");
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    // A link here would let a blob be written to somewhere else.
    let file = system::no_follow(&mut options)
        .open(&path)
        .map_err(LayoutError::file("write", &path))?;
    let locked = try_lock(&file, Share::One).map_err(LayoutError::file("lock", &path))?;
    // The writer before may have put the file in its place a moment ago.
    if locked && same_file(&file, &path) {
        return Ok(file);
    }
    Err(LayoutError::Busy(reference.to_owned()))
}

fn remove(folder: &Path) -> Result<(), LayoutError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(LayoutError::file("remove", folder)(error))
        }
        _ => Ok(()),
    }
}

fn progress(folder: &Path) -> Option<Progress> {
    let reference = folder.join("ref");
    let data = folder.join("data").metadata().ok()?;
    Some(Progress {
        started: reference.metadata().ok()?.modified().ok(),
        reference: fs::read_to_string(&reference).ok()?,
        offset: data.len(),
        updated: data.modified().ok(),
    })
}

impl Writer {
    /// How much is written.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// How long it is said to become.
    pub const fn total(&self) -> Option<u64> {
        self.total
    }

    /// The digest of what is written.
    pub fn digest(&self) -> Digest {
        self.hasher.digest()
    }

    /// Where and since when it is written.
    pub fn progress(&self) -> Option<Progress> {
        progress(&self.folder)
    }

    /// Takes in how long the blob will be. More than there is room for is not begun.
    pub fn announce(&mut self, total: Option<u64>) -> Result<(), LayoutError> {
        let Some(total) = total else { return Ok(()) };
        if self.offset > total {
            return Err(LayoutError::TooLong(total));
        }
        let needed = total - self.offset;
        let free = free(&self.folder)?;
        if needed > free {
            return Err(LayoutError::NoRoom {
                folder: self.store.folder().display().to_string(),
                needed,
                free,
            });
        }
        self.total = Some(total);
        Ok(())
    }

    /// Writes what comes next, or begins anew with it: a place in between is none.
    pub fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), LayoutError> {
        if at == 0 && self.offset > 0 {
            self.restart()?;
        }
        if at != self.offset {
            let end = self.offset;
            return Err(LayoutError::Gap { at, end });
        }
        let limit = self.total.unwrap_or(UNANNOUNCED);
        if bytes.len() as u64 > limit - self.offset.min(limit) {
            return Err(LayoutError::TooLong(limit));
        }
        self.file
            .write_all(bytes)
            .map_err(LayoutError::file("write", &self.folder.join("data")))?;
        self.hasher.update(bytes);
        self.offset += bytes.len() as u64;
        Ok(())
    }

    fn restart(&mut self) -> Result<(), LayoutError> {
        let emptied = self
            .file
            .set_len(0)
            .and_then(|()| self.file.seek(SeekFrom::Start(0)));
        emptied.map_err(LayoutError::file("write", &self.folder.join("data")))?;
        self.hasher = Hasher::new(self.hasher.algorithm());
        self.offset = 0;
        Ok(())
    }

    /// Makes a blob of what was written, if it is what was announced; else nothing is left of it.
    pub fn commit(mut self, expected: Option<&Digest>) -> Result<Digest, LayoutError> {
        match self.committed(expected) {
            Ok(digest) => Ok(digest),
            Err(error) => {
                self.discard();
                Err(error)
            }
        }
    }

    fn committed(&mut self, expected: Option<&Digest>) -> Result<Digest, LayoutError> {
        let data = self.folder.join("data");
        if let Some(total) = self.total.filter(|total| *total != self.offset) {
            return Err(LayoutError::Mismatch {
                is: format!("{} bytes", self.offset),
                said: format!("{total} bytes"),
            });
        }
        if let Some(digest) = expected
            && digest.algorithm() != self.hasher.algorithm()
        {
            self.hasher = Hasher::new(digest.algorithm());
            self.hasher
                .read(&mut self.file)
                .map_err(LayoutError::file("read", &data))?;
        }
        let digest = self.hasher.digest();
        if let Some(expected) = expected.filter(|expected| **expected != digest) {
            return Err(LayoutError::Mismatch {
                is: digest.to_string(),
                said: expected.to_string(),
            });
        }
        self.place(&data, &digest)?;
        Ok(digest)
    }

    /// Gives what was written its name.
    fn place(&self, data: &Path, digest: &Digest) -> Result<(), LayoutError> {
        // A blob has to be whole even if the machine goes down: its name vouches for it.
        self.file
            .sync_all()
            .map_err(LayoutError::file("write", data))?;
        let target = self.store.blob_path(digest);
        let folder = self.store.algorithm_folder(digest.algorithm());
        fs::create_dir_all(&folder).map_err(LayoutError::file("make", &folder))?;
        if self.store.blob(digest).is_ok() {
            return Err(LayoutError::Exists(digest.clone()));
        }
        let mode = system::mode_of(&self.file).map_or(0o444, |mode| mode & 0o444);
        system::set_mode(&self.file, mode).map_err(LayoutError::file("write", data))?;
        fs::rename(data, &target).map_err(LayoutError::file("write", &target))?;
        system::sync_folder(&folder).map_err(LayoutError::file("write", &folder))?;
        self.store.wrote(digest);
        remove(&self.folder)
    }

    /// Gives up what was written.
    pub fn discard(self) {
        // What cannot be removed is overwritten by the next blob of the same reference.
        let _ = remove(&self.folder);
    }

    /// Under which reference it is written.
    pub fn reference(&self) -> &str {
        &self.reference
    }
}

/// How many bytes there is room for.
fn free(folder: &Path) -> Result<u64, LayoutError> {
    system::free_space(folder).map_err(LayoutError::file("look at", folder))
}
