//! The destination, written so that nothing lands outside of it.
//!
//! Each folder is opened by name from the folder above it and never through a symlink, whoever put
//! one there and whenever. What takes a name is made under another name first and renamed, so a
//! name never stands for half a file, and a symlink in its place is replaced and not followed.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;

use super::ReceiveError;
use super::draft::Draft;
use crate::files::mode::Kind;
use crate::files::{FileError, path};
use crate::system::{self, Folder, Times};

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
            _ = system::set_attribute(file, name, value);
        }
        system::set_mode(file, self.permissions)?;
        Times::at(self.modified).apply(file)
    }
}

/// The destination folder.
pub(super) struct Tree {
    root: Arc<Folder>,
    /// The folders that were opened last, the latest at the end.
    recent: VecDeque<(Vec<u8>, Arc<Folder>)>,
    /// Whether what is in the way of an entry goes.
    replaces: bool,
}

impl Tree {
    pub(super) fn new(root: Folder, replaces: bool) -> Self {
        Self {
            root: Arc::new(root),
            recent: VecDeque::new(),
            replaces,
        }
    }

    /// Opens a folder that was made before.
    pub(super) fn folder(&mut self, path: &[u8]) -> Result<Arc<Folder>, ReceiveError> {
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
            folder = match folder.enter(&path[start..end]) {
                Ok(opened) => Arc::new(opened),
                Err(error) if system::is_not_followed(&error) => {
                    return Err(ReceiveError::ParentReplaced(path::shown(&path[..end])));
                }
                Err(error) => return Err(FileError::new("open folder", &path[..end], error).into()),
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
    fn nearest(&self, path: &[u8]) -> (usize, Arc<Folder>) {
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
        let make = || above.make_folder(name, 0o700);
        let cannot = |error: io::Error| FileError::new("make folder", path, error);
        match make() {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => return Ok(other.map_err(cannot)?),
        }
        match Kind::of_disk(above.mode_at(name).map_err(cannot)?) {
            Kind::Directory => {
                let folder = self.folder(path)?;
                let folder = folder.as_file();
                let mode = system::mode_of(folder).unwrap_or(0o700);
                if mode & 0o700 != 0o700 {
                    // If this fails, making an entry in it fails and names it.
                    _ = system::set_mode(folder, mode | 0o700);
                }
                Ok(())
            }
            kind if kind == Kind::Symlink || self.replaces => {
                above.remove_file(name).map_err(cannot)?;
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
        let applied = meta.apply(folder.as_file());
        Ok(applied.map_err(|error| FileError::new("set mode and time of", path, error))?)
    }

    /// Starts a file.
    pub(super) fn start_file(&mut self, path: &[u8]) -> Result<Part, ReceiveError> {
        let folder = self.folder(path::split(path).0)?;
        let (draft, file) =
            Draft::file(folder, 0o600).map_err(|error| FileError::new("write", path, error))?;
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
            folder.make_symlink(name, target, modified)
        })?;
        self.publish(draft, path).map(drop)
    }

    /// Makes `path` another name of `target`, a file that is complete.
    pub(super) fn link(&mut self, path: &[u8], target: &[u8]) -> Result<(), ReceiveError> {
        let (above, name) = path::split(target);
        let above = self.folder(above)?;
        let (draft, ()) = self.draft(path, "make link", |folder, new| {
            above.link(name, folder, new)
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
            Err(error) if is_folder_in_the_way(&error) && self.replaces => {
                self.remove(path, Kind::Directory)?;
                draft.publish(name)
            }
            Err(error) if is_folder_in_the_way(&error) => {
                return Err(ReceiveError::InTheWay {
                    path: path::shown(path),
                    there: "folder",
                });
            }
            published => published,
        };
        published.map_err(|error| FileError::new("put in place", path, error))?;
        Ok(draft)
    }

    /// Makes something under a name that is free, in the folder of `path`.
    fn draft<T>(
        &mut self,
        path: &[u8],
        action: &'static str,
        make: impl Fn(&Folder, &[u8]) -> io::Result<T>,
    ) -> Result<(Draft, T), ReceiveError> {
        let folder = self.folder(path::split(path).0)?;
        let drafted = Draft::new(folder, make);
        Ok(drafted.map_err(|error| FileError::new(action, path, error))?)
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

fn is_folder_in_the_way(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::IsADirectory
            | io::ErrorKind::AlreadyExists
            | io::ErrorKind::DirectoryNotEmpty
    )
}
