//! The destination, written so that nothing lands outside of it.
//!
//! Each folder is opened by name from the folder above it and never through a symlink, whoever put
//! one there and whenever. What takes a name is made under another name first and renamed, so a
//! name never stands for half a file, and a symlink in its place is replaced and not followed.

use std::collections::{HashMap, VecDeque};
use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::Arc;

use bytes::Bytes;
use rustix::fs::{AtFlags, FileType, Mode, Timespec, Timestamps};
use rustix::io::Errno;
use xattr::FileExt as _;

use super::ReceiveError;
use super::draft::Draft;
use super::landing::FOLDER_FLAGS;
use crate::files::{FileError, path};

/// Entries come folder by folder, so a few open ones do.
const OPEN_FOLDERS: usize = 16;
/// What an entry gets besides its contents.
#[derive(Debug, Default)]
pub(super) struct Meta {
    /// As `chmod` takes it. The set-user-id bit stays, as with other clients, since an exported
    /// root file system needs it; the owner is the caller, so it gives no right of another user.
    pub(super) permissions: u32,
    /// Nanoseconds since 1970.
    pub(super) modified: i64,
    /// Only the `user.` ones: others say what the kernel of another machine should do.
    pub(super) attributes: HashMap<String, Bytes>,
}

impl Meta {
    fn apply(&self, file: &File) -> io::Result<()> {
        for (name, value) in &self.attributes {
            // Not every file system has them, and no build depends on them.
            _ = file.set_xattr(name, value);
        }
        file.set_permissions(Permissions::from_mode(self.permissions))?;
        Ok(rustix::fs::futimens(file, &times(self.modified))?)
    }
}

/// The destination folder.
pub(super) struct Tree {
    root: Arc<File>,
    /// The folders that were opened last, the latest at the end.
    recent: VecDeque<(Vec<u8>, Arc<File>)>,
    /// Whether what is in the way of an entry goes.
    replaces: bool,
}

impl Tree {
    pub(super) fn new(root: File, replaces: bool) -> Self {
        Self {
            root: Arc::new(root),
            recent: VecDeque::new(),
            replaces,
        }
    }

    /// Opens a folder that was made before.
    pub(super) fn folder(&mut self, path: &[u8]) -> Result<Arc<File>, ReceiveError> {
        if path.is_empty() {
            return Ok(Arc::clone(&self.root));
        }
        let (known, mut folder) = self.nearest(path);
        if known == path.len() {
            return Ok(folder);
        }
        let mut end = known;
        while end < path.len() {
            let start = if end == 0 { 0 } else { end + 1 };
            let slash = path[start..].iter().position(|byte| *byte == b'/');
            end = slash.map_or(path.len(), |slash| start + slash);
            let opened =
                rustix::fs::openat(&folder, &path[start..end], FOLDER_FLAGS, Mode::empty());
            folder = match opened {
                Ok(opened) => Arc::new(opened.into()),
                Err(Errno::LOOP | Errno::NOTDIR) => {
                    return Err(ReceiveError::ParentReplaced(path::shown(&path[..end])));
                }
                Err(errno) => return Err(FileError::new("open folder", &path[..end], errno).into()),
            };
        }
        if self.recent.len() == OPEN_FOLDERS {
            self.recent.pop_front();
        }
        self.recent.push_back((path.to_vec(), Arc::clone(&folder)));
        Ok(folder)
    }

    /// Takes no notice any more of what `path` was.
    pub(super) fn forget(&mut self, path: &[u8]) {
        self.recent.retain(|(known, _)| known != path);
    }

    /// The open folder that is nearest above `path`, and how much of `path` leads to it.
    fn nearest(&self, path: &[u8]) -> (usize, Arc<File>) {
        let above = |known: &[u8]| {
            path.strip_prefix(known)
                .is_some_and(|rest| rest.first().is_none_or(|byte| *byte == b'/'))
        };
        let nearest = self
            .recent
            .iter()
            .filter(|(known, _)| above(known))
            .max_by_key(|(known, _)| known.len());
        nearest.map_or_else(
            || (0, Arc::clone(&self.root)),
            |(known, folder)| (known.len(), Arc::clone(folder)),
        )
    }

    /// Makes a folder, or takes the one that is there; until the end it must take new entries.
    pub(super) fn make_folder(&mut self, path: &[u8]) -> Result<(), ReceiveError> {
        let (above, name) = path::split(path);
        let above = self.folder(above)?;
        let make = || rustix::fs::mkdirat(&above, name, Mode::RWXU);
        let cannot = |errno: Errno| FileError::new("make folder", path, errno);
        match make() {
            Err(Errno::EXIST) => {}
            other => return Ok(other.map_err(cannot)?),
        }
        let there = rustix::fs::statat(&above, name, AtFlags::SYMLINK_NOFOLLOW).map_err(cannot)?;
        match FileType::from_raw_mode(there.st_mode) {
            FileType::Directory => {
                let folder = self.folder(path)?;
                let mode = folder.metadata().map_or(0o700, |meta| meta.mode() & 0o7777);
                if mode & 0o700 != 0o700 {
                    // If this fails, making an entry in it fails and names it.
                    _ = folder.set_permissions(Permissions::from_mode(mode | 0o700));
                }
                Ok(())
            }
            kind if kind == FileType::Symlink || self.replaces => {
                rustix::fs::unlinkat(&above, name, AtFlags::empty()).map_err(cannot)?;
                Ok(make().map_err(cannot)?)
            }
            _ => Err(ReceiveError::InTheWay {
                path: path::shown(path),
                there: "file",
            }),
        }
    }

    /// Gives a folder what it gets besides its entries, once it has them all.
    pub(super) fn finish_folder(&mut self, path: &[u8], meta: &Meta) -> Result<(), ReceiveError> {
        let folder = self.folder(path)?;
        let applied = meta.apply(&folder);
        Ok(applied.map_err(|error| FileError::new("set mode and time of", path, error))?)
    }

    /// Starts a file.
    pub(super) fn start_file(&mut self, path: &[u8]) -> Result<Part, ReceiveError> {
        let folder = self.folder(path::split(path).0)?;
        let (draft, file) = Draft::file(folder, Mode::RUSR | Mode::WUSR)
            .map_err(|errno| FileError::new("write", path, errno))?;
        Ok(Part { draft, file })
    }

    /// Makes a symlink.
    pub(super) fn symlink(
        &mut self,
        path: &[u8],
        target: &[u8],
        modified: i64,
    ) -> Result<(), ReceiveError> {
        let (draft, ()) = self.draft(path, "make symlink", |folder, name| {
            rustix::fs::symlinkat(target, folder, name)?;
            rustix::fs::utimensat(folder, name, &times(modified), AtFlags::SYMLINK_NOFOLLOW)
        })?;
        self.publish(draft, path).map(drop)
    }

    /// Makes `path` another name of `target`, a file that is complete.
    pub(super) fn link(&mut self, path: &[u8], target: &[u8]) -> Result<(), ReceiveError> {
        let (above, name) = path::split(target);
        let above = self.folder(above)?;
        let (draft, ()) = self.draft(path, "make link", |folder, new| {
            rustix::fs::linkat(&above, name, folder, new, AtFlags::empty())
        })?;
        // Another transfer may have made the same link.
        self.publish(draft, path)?.clear();
        Ok(())
    }

    /// Puts a file in its place.
    pub(super) fn finish_file(
        &mut self,
        part: Part,
        path: &[u8],
        meta: &Meta,
    ) -> Result<(), ReceiveError> {
        let applied = meta.apply(&part.file);
        applied.map_err(|error| FileError::new("set mode and time of", path, error))?;
        self.publish(part.draft, path).map(drop)
    }

    /// Gives a draft its name; the folder that has it, if there is one, goes or is an error.
    fn publish(&mut self, mut draft: Draft, path: &[u8]) -> Result<Draft, ReceiveError> {
        let (_, name) = path::split(path);
        let published = match draft.publish(name) {
            Err(Errno::ISDIR | Errno::EXIST | Errno::NOTEMPTY) if self.replaces => {
                self.remove(path, FileType::Directory)?;
                draft.publish(name)
            }
            Err(Errno::ISDIR | Errno::EXIST | Errno::NOTEMPTY) => {
                return Err(ReceiveError::InTheWay {
                    path: path::shown(path),
                    there: "folder",
                });
            }
            published => published,
        };
        published.map_err(|errno| FileError::new("put in place", path, errno))?;
        Ok(draft)
    }

    /// Makes something under a name that is free, in the folder of `path`.
    fn draft<T>(
        &mut self,
        path: &[u8],
        action: &'static str,
        make: impl Fn(&File, &str) -> Result<T, Errno>,
    ) -> Result<(Draft, T), ReceiveError> {
        let folder = self.folder(path::split(path).0)?;
        let drafted = Draft::new(folder, make);
        Ok(drafted.map_err(|errno| FileError::new(action, path, errno))?)
    }
}

/// A file of which not all has arrived.
pub(super) struct Part {
    draft: Draft,
    file: File,
}

impl Part {
    pub(super) fn write(&mut self, data: &[u8]) -> io::Result<()> {
        self.file.write_all(data)
    }
}

fn times(modified: i64) -> Timestamps {
    let time = Timespec {
        tv_sec: modified.div_euclid(1_000_000_000),
        tv_nsec: modified.rem_euclid(1_000_000_000),
    };
    Timestamps {
        last_access: time,
        last_modification: time,
    }
}
