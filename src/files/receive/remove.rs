//! What goes from the destination. As everything below it, it is reached folder by folder from the
//! root and never through a symlink: a symlink is removed, what it leads to is not.

use std::io;
use std::sync::Arc;

use super::ReceiveError;
use super::tree::Tree;
use crate::files::mode::Kind;
use crate::files::{FileError, path};
use crate::system::{self, Folder, Times};

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
                } else if kind == Kind::Directory && has_entries(&path) {
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
    pub(super) fn remove(&mut self, path: &[u8], kind: Kind) -> Result<u64, ReceiveError> {
        if kind != Kind::Directory {
            self.unlink(path, Folder::remove_file)?;
            return Ok(1);
        }
        let mut removed = 0;
        let mut open = vec![path.to_vec()];
        while let Some(folder) = open.last().cloned() {
            let mut is_empty = true;
            for (name, kind) in self.entries(&folder)? {
                let path = path::join(&folder, &name);
                if kind == Kind::Directory {
                    open.push(path);
                    is_empty = false;
                } else {
                    self.make_writable(&folder)?;
                    self.unlink(&path, Folder::remove_file)?;
                    removed += 1;
                }
            }
            if is_empty {
                self.forget(&folder);
                self.unlink(&folder, Folder::remove_folder)?;
                removed += 1;
                open.pop();
            } else {
                self.make_writable(&folder)?;
            }
        }
        Ok(removed)
    }

    fn unlink(
        &mut self,
        path: &[u8],
        remove: fn(&Folder, &[u8]) -> io::Result<()>,
    ) -> Result<(), ReceiveError> {
        let (above, name) = path::split(path);
        let above = self.folder(above)?;
        match remove(&above, name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(FileError::new("delete", path, error).into())
            }
            _ => Ok(()),
        }
    }

    fn make_writable(&mut self, path: &[u8]) -> Result<(), ReceiveError> {
        let folder = self.folder(path)?;
        let made = Kept::of(folder).map(drop);
        Ok(made.map_err(|error| FileError::new("delete from", path, error))?)
    }

    /// The names in a folder, and what they are.
    fn entries(&mut self, path: &[u8]) -> Result<Vec<(Vec<u8>, Kind)>, ReceiveError> {
        let entries = self.folder(path)?.entries();
        let entries = entries.map_err(|error| FileError::new("read folder", path, error))?;
        let typed = entries.into_iter();
        Ok(typed
            .map(|(name, mode)| (name, Kind::of_disk(mode)))
            .collect())
    }
}

/// A folder that may be written to now, and what it was like before.
struct Kept {
    folder: Arc<Folder>,
    mode: u32,
    times: Times,
}

impl Kept {
    fn of(folder: Arc<Folder>) -> io::Result<Self> {
        let file = folder.as_file();
        let mode = system::mode_of(file)?;
        if mode & 0o700 != 0o700 {
            system::set_mode(file, mode | 0o700)?;
        }
        let times = Times::of(&file.metadata()?)?;
        Ok(Self {
            folder,
            mode,
            times,
        })
    }

    fn give_back(self) -> io::Result<()> {
        let file = self.folder.as_file();
        if self.mode & 0o700 != 0o700 {
            system::set_mode(file, self.mode)?;
        }
        self.times.apply(file)
    }
}
