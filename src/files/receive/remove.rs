//! What goes from the destination. As everything below it, it is reached folder by folder from the
//! root and never through a symlink: a symlink is removed, what it leads to is not.

use std::fs::{File, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use rustix::fs::{AtFlags, Dir, FileType, Timespec, Timestamps};
use rustix::io::Errno;

use super::ReceiveError;
use super::tree::Tree;
use crate::files::{FileError, path};

impl Tree {
    /// Deletes all that does not belong to the result. A folder that belongs to it and loses entries
    /// keeps its mode and its time.
    pub(super) fn delete_others(
        &mut self,
        belongs: impl Fn(&[u8]) -> bool,
        has_entries: impl Fn(&[u8]) -> bool,
    ) -> Result<u64, ReceiveError> {
        let mut deleted = 0;
        let mut open = vec![Vec::new()];
        while let Some(folder) = open.pop() {
            let mut others = Vec::new();
            for (name, kind) in self.entries(&folder)? {
                let path = path::join(&folder, &name);
                if !belongs(&path) {
                    others.push((path, kind));
                } else if kind == FileType::Directory && has_entries(&path) {
                    open.push(path);
                }
            }
            if others.is_empty() {
                continue;
            }
            let kept = Kept::of(self.folder(&folder)?)
                .map_err(|error| FileError::new("delete from", &folder, error))?;
            for (path, kind) in others {
                deleted += self.remove(&path, kind)?;
            }
            kept.give_back()
                .map_err(|error| FileError::new("set mode and time of", &folder, error))?;
        }
        Ok(deleted)
    }

    /// Removes an entry, with all that is in it, and returns how many entries that was.
    pub(super) fn remove(&mut self, path: &[u8], kind: FileType) -> Result<u64, ReceiveError> {
        if kind != FileType::Directory {
            self.unlink(path, AtFlags::empty())?;
            return Ok(1);
        }
        let mut removed = 0;
        let mut open = vec![path.to_vec()];
        while let Some(folder) = open.last().cloned() {
            let mut is_empty = true;
            for (name, kind) in self.entries(&folder)? {
                let path = path::join(&folder, &name);
                if kind == FileType::Directory {
                    open.push(path);
                    is_empty = false;
                } else {
                    self.make_writable(&folder)?;
                    self.unlink(&path, AtFlags::empty())?;
                    removed += 1;
                }
            }
            if is_empty {
                self.forget(&folder);
                self.unlink(&folder, AtFlags::REMOVEDIR)?;
                removed += 1;
                open.pop();
            } else {
                self.make_writable(&folder)?;
            }
        }
        Ok(removed)
    }

    fn unlink(&mut self, path: &[u8], flags: AtFlags) -> Result<(), ReceiveError> {
        let (above, name) = path::split(path);
        let above = self.folder(above)?;
        match rustix::fs::unlinkat(&above, name, flags) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(FileError::new("delete", path, errno).into()),
        }
    }

    fn make_writable(&mut self, path: &[u8]) -> Result<(), ReceiveError> {
        let folder = self.folder(path)?;
        let made = Kept::of(folder).map(drop);
        Ok(made.map_err(|error| FileError::new("delete from", path, error))?)
    }

    /// The names in a folder, and what they are.
    fn entries(&mut self, path: &[u8]) -> Result<Vec<(Vec<u8>, FileType)>, ReceiveError> {
        let folder = self.folder(path)?;
        let cannot = |errno: Errno| FileError::new("read folder", path, errno);
        let mut entries = Vec::new();
        for entry in Dir::read_from(&folder).map_err(cannot)? {
            let entry = entry.map_err(cannot)?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            let kind = match entry.file_type() {
                // Not every file system says it here.
                FileType::Unknown => {
                    let stat = rustix::fs::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW);
                    FileType::from_raw_mode(stat.map_err(cannot)?.st_mode)
                }
                kind => kind,
            };
            entries.push((name.to_vec(), kind));
        }
        Ok(entries)
    }
}

/// A folder that may be written to now, and what it was like before.
struct Kept<F> {
    folder: F,
    mode: u32,
    times: Timestamps,
}

impl<F: AsRef<File>> Kept<F> {
    fn of(folder: F) -> std::io::Result<Self> {
        let file = folder.as_ref();
        let meta = file.metadata()?;
        let mode = meta.mode() & 0o7777;
        if mode & 0o700 != 0o700 {
            file.set_permissions(Permissions::from_mode(mode | 0o700))?;
        }
        let time = |seconds, nanoseconds| Timespec {
            tv_sec: seconds,
            tv_nsec: nanoseconds,
        };
        let times = Timestamps {
            last_access: time(meta.atime(), meta.atime_nsec()),
            last_modification: time(meta.mtime(), meta.mtime_nsec()),
        };
        Ok(Self {
            folder,
            mode,
            times,
        })
    }

    fn give_back(self) -> std::io::Result<()> {
        let file = self.folder.as_ref();
        if self.mode & 0o700 != 0o700 {
            file.set_permissions(Permissions::from_mode(self.mode))?;
        }
        Ok(rustix::fs::futimens(file, &self.times)?)
    }
}
