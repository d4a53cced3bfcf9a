//! A folder whose entries are reached by name, and never through a symlink that is there already.
//!
//! Folders are not opened here, so a symlink that comes between a look and a use is followed. To make
//! one needs a right on Windows that a build's result does not have: only who runs this program could.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::bytes_of;
use super::files::{mode_of_meta, name_of, not_followed};

/// A folder at a path.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    file: File,
}

impl Folder {
    /// Opens the folder at `path`, which is none of a symlink.
    pub fn open(path: &Path) -> io::Result<Self> {
        use std::os::windows::fs::OpenOptionsExt as _;
        /// `FILE_FLAG_BACKUP_SEMANTICS`, without which no folder is opened.
        const BACKUP_SEMANTICS: u32 = 0x0200_0000;
        /// `FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES`: for its times.
        const ATTRIBUTES: u32 = 0x0080 | 0x0100;
        let meta = path.symlink_metadata()?;
        if !meta.is_dir() {
            return Err(not_followed());
        }
        let mut options = File::options();
        options
            .access_mode(ATTRIBUTES)
            .custom_flags(BACKUP_SEMANTICS);
        Ok(Self {
            path: path.to_owned(),
            file: options.open(path)?,
        })
    }

    /// The same folder once more.
    pub fn try_clone(&self) -> io::Result<Self> {
        Ok(Self {
            path: self.path.clone(),
            file: self.file.try_clone()?,
        })
    }

    /// The folder as a file, for its mode and its times.
    pub const fn as_file(&self) -> &File {
        &self.file
    }

    fn at(&self, name: &[u8]) -> PathBuf {
        self.path.join(name_of(name))
    }

    /// Opens a folder in it.
    pub fn enter(&self, name: &[u8]) -> io::Result<Self> {
        Self::open(&self.at(name))
    }

    /// Makes a folder in it; permissions mean nothing here.
    pub fn make_folder(&self, name: &[u8], _: u32) -> io::Result<()> {
        fs::create_dir(self.at(name))
    }

    /// Makes a file in it, where nothing has this name.
    pub fn make_file(&self, name: &[u8], _: u32) -> io::Result<File> {
        File::options()
            .write(true)
            .create_new(true)
            .open(self.at(name))
    }

    /// Makes a symlink in it. Its time is that of now.
    pub fn make_symlink(&self, name: &[u8], target: &[u8], _: i64) -> io::Result<()> {
        use std::os::windows::fs::{symlink_dir, symlink_file};
        let target = name_of(target);
        if self.path.join(&target).is_dir() {
            symlink_dir(target, self.at(name))
        } else {
            symlink_file(target, self.at(name))
        }
    }

    /// Gives a file in it another name in `folder`.
    pub fn link(&self, name: &[u8], folder: &Self, new: &[u8]) -> io::Result<()> {
        fs::hard_link(self.at(name), folder.at(new))
    }

    /// Renames an entry; what has the new name is replaced, unless it is a folder.
    pub fn rename(&self, from: &[u8], to: &[u8]) -> io::Result<()> {
        let to = self.at(to);
        if to.symlink_metadata().is_ok_and(|there| there.is_dir()) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        fs::rename(self.at(from), to)
    }

    /// Removes what is no folder.
    pub fn remove_file(&self, name: &[u8]) -> io::Result<()> {
        let path = self.at(name);
        fs::remove_file(&path).or_else(|error| {
            // A symlink to a folder is removed like one.
            if path.is_symlink() {
                fs::remove_dir(&path)
            } else {
                Err(error)
            }
        })
    }

    /// Removes an empty folder.
    pub fn remove_folder(&self, name: &[u8]) -> io::Result<()> {
        fs::remove_dir(self.at(name))
    }

    /// Type and permissions of an entry, as `st_mode` has them elsewhere.
    pub fn mode_at(&self, name: &[u8]) -> io::Result<u32> {
        Ok(mode_of_meta(&self.at(name).symlink_metadata()?))
    }

    /// The names in it, each with its type as `st_mode` has it elsewhere.
    pub fn entries(&self) -> io::Result<Vec<(Vec<u8>, u32)>> {
        let entries = fs::read_dir(&self.path)?.map(|entry| {
            let entry = entry?;
            let mode = mode_of_meta(&entry.metadata()?);
            Ok((bytes_of(entry.file_name()), mode))
        });
        entries.collect()
    }
}
