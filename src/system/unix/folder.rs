//! An open folder: its entries are reached by name from it, and never through a symlink.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Timespec, Timestamps};

const FOLDER_FLAGS: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

const NEW_FILE_FLAGS: OFlags = OFlags::WRONLY
    .union(OFlags::CREATE)
    .union(OFlags::EXCL)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// A folder that stays the same one, whatever becomes of its path.
#[derive(Debug)]
pub struct Folder(File);

impl Folder {
    /// Opens the folder at `path`, which is none of a symlink.
    pub fn open(path: &Path) -> io::Result<Self> {
        let folder = rustix::fs::open(path, FOLDER_FLAGS, Mode::empty())?;
        Ok(Self(folder.into()))
    }

    /// The same folder once more.
    pub fn try_clone(&self) -> io::Result<Self> {
        Ok(Self(self.0.try_clone()?))
    }

    /// The folder as a file, for its mode and its times.
    pub const fn as_file(&self) -> &File {
        &self.0
    }

    /// Opens a folder in it.
    pub fn enter(&self, name: &[u8]) -> io::Result<Self> {
        let folder = rustix::fs::openat(&self.0, name, FOLDER_FLAGS, Mode::empty())?;
        Ok(Self(folder.into()))
    }

    /// Makes a folder in it, with these permissions as far as the process gives them.
    pub fn make_folder(&self, name: &[u8], mode: u32) -> io::Result<()> {
        Ok(rustix::fs::mkdirat(
            &self.0,
            name,
            Mode::from_bits_truncate((mode & 0o7777) as _),
        )?)
    }

    /// Makes a file in it, where nothing has this name.
    pub fn make_file(&self, name: &[u8], mode: u32) -> io::Result<File> {
        let mode = Mode::from_bits_truncate((mode & 0o7777) as _);
        Ok(rustix::fs::openat(&self.0, name, NEW_FILE_FLAGS, mode)?.into())
    }

    /// Makes a symlink in it that changed at this time: nanoseconds since 1970.
    pub fn make_symlink(&self, name: &[u8], target: &[u8], modified: i64) -> io::Result<()> {
        rustix::fs::symlinkat(target, &self.0, name)?;
        let time = Timespec {
            tv_sec: modified.div_euclid(1_000_000_000),
            tv_nsec: modified.rem_euclid(1_000_000_000),
        };
        let times = Timestamps {
            last_access: time,
            last_modification: time,
        };
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        Ok(rustix::fs::utimensat(&self.0, name, &times, flags)?)
    }

    /// Gives a file in it another name in `folder`.
    pub fn link(&self, name: &[u8], folder: &Self, new: &[u8]) -> io::Result<()> {
        let flags = AtFlags::empty();
        Ok(rustix::fs::linkat(&self.0, name, &folder.0, new, flags)?)
    }

    /// Renames an entry; what has the new name is replaced, unless it is a folder.
    pub fn rename(&self, from: &[u8], to: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.0, from, &self.0, to)?)
    }

    /// Removes what is no folder.
    pub fn remove_file(&self, name: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Removes an empty folder.
    pub fn remove_folder(&self, name: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
    }

    /// Type and permissions of an entry, as `st_mode`.
    pub fn mode_at(&self, name: &[u8]) -> io::Result<u32> {
        let stat = rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(widened(stat.st_mode))
    }

    /// The names in it, each with its type as `st_mode` has it.
    pub fn entries(&self) -> io::Result<Vec<(Vec<u8>, u32)>> {
        let mut entries = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            let mode = match entry.file_type() {
                // Not every file system says it here.
                FileType::Unknown => self.mode_at(name)?,
                kind => widened(kind.as_raw_mode()),
            };
            entries.push((name.to_vec(), mode));
        }
        Ok(entries)
    }
}

/// A mode has 16 bits on some systems.
fn widened(mode: impl Into<u32>) -> u32 {
    mode.into()
}
