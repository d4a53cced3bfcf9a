//! A folder as the sequence of entries that the daemon expects: parents first, names by bytes.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::fs;
use std::io;
use std::path::Path;
use std::vec;

use bytes::Bytes;

use super::filter::{Filter, Trail, Verdict};
use super::mode::{self, Kind};
use super::{FileError, is_gone, on_disk, path};
use crate::proto::fsutil::Stat;
use crate::system::{self, Details};

/// An entry to send.
#[derive(Debug)]
pub(super) struct Found {
    /// The number of its folder in the sequence; `None` at the top.
    pub(super) parent: Option<u32>,
    pub(super) kind: Kind,
    pub(super) stat: Stat,
}

/// The entries below a folder that a filter lets through, in order.
///
/// A deep tree must not end the thread's stack, so the folders on the way are a list.
pub(super) struct Walk<'a> {
    root: &'a Path,
    filter: &'a Filter,
    levels: Vec<Level>,
    ready: VecDeque<Found>,
    sent: u32,
    /// The first path that was sent of each file with several names.
    links: HashMap<Inode, Bytes>,
}

type Inode = (u64, u64);

/// What the disk says of an entry.
struct Seen {
    kind: Kind,
    stat: Stat,
    /// Of a file with several names.
    shared: Option<Inode>,
}

/// A folder on the way to where the walk is.
struct Level {
    path: Vec<u8>,
    trail: Trail,
    names: vec::IntoIter<Name>,
    place: Place,
}

/// Where a folder stands in the sequence.
#[derive(Clone, Copy)]
enum Place {
    Root,
    Sent(u32),
    /// Only if something below it is sent.
    Held,
}

struct Name {
    bytes: Vec<u8>,
    folder: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(root: &'a Path, filter: &'a Filter) -> Result<Self, FileError> {
        let names = list(root).map_err(|error| FileError::new("read folder", b".", error))?;
        let top = Level {
            path: Vec::new(),
            trail: Trail::default(),
            names,
            place: Place::Root,
        };
        Ok(Self {
            root,
            filter,
            levels: vec![top],
            ready: VecDeque::new(),
            sent: 0,
            links: HashMap::new(),
        })
    }

    fn visit(&mut self, name: &Name) -> Result<(), FileError> {
        let Some(level) = self.levels.last() else {
            return Ok(());
        };
        let path = path::join(&level.path, &name.bytes);
        if name.folder {
            let (verdict, trail) = self.filter.enter(&path, &level.trail);
            return self.enter(path, verdict, trail);
        }
        if self.filter.sends(&path, &level.trail)
            && let Some(seen) = self.look(&path, false)?
        {
            self.send(seen)?;
        }
        Ok(())
    }

    fn enter(&mut self, path: Vec<u8>, verdict: Verdict, trail: Trail) -> Result<(), FileError> {
        if verdict == Verdict::Prune {
            return Ok(());
        }
        let names = match list(&on_disk(self.root, &path)) {
            Ok(names) => names,
            Err(error) if is_gone(&error) => return Ok(()),
            // Nobody asked for this folder itself, and what is below cannot be known.
            Err(error) if verdict == Verdict::Pass && is_denied(&error) => return Ok(()),
            Err(error) => return Err(FileError::new("read folder", &path, error)),
        };
        let mut place = Place::Held;
        if verdict == Verdict::Send {
            let Some(seen) = self.look(&path, true)? else {
                return Ok(());
            };
            let Some(id) = self.send(seen)? else {
                return Ok(());
            };
            place = Place::Sent(id);
        }
        self.levels.push(Level {
            path,
            trail,
            names,
            place,
        });
        Ok(())
    }

    /// Queues an entry behind the folders that only waited for it. `None` if one of them is gone.
    fn send(&mut self, seen: Seen) -> Result<Option<u32>, FileError> {
        let mut parent = None;
        for depth in 0..self.levels.len() {
            match self.levels[depth].place {
                Place::Root => {}
                Place::Sent(id) => parent = Some(id),
                Place::Held => {
                    let path = self.levels[depth].path.clone();
                    let Some(folder) = self.look(&path, true)? else {
                        return Ok(None);
                    };
                    let id = self.queue(parent, folder);
                    self.levels[depth].place = Place::Sent(id);
                    parent = Some(id);
                }
            }
        }
        Ok(Some(self.queue(parent, seen)))
    }

    /// The first of several names is the file, the others are links to it. Which one is first is
    /// known only here, behind the filter: a link must not lead to what is not sent.
    fn queue(&mut self, parent: Option<u32>, seen: Seen) -> u32 {
        let Seen {
            kind,
            mut stat,
            shared,
        } = seen;
        if let Some(inode) = shared {
            match self.links.get(&inode) {
                Some(first) => stat.linkname = first.clone(),
                None => _ = self.links.insert(inode, stat.path.clone()),
            }
        }
        let id = self.sent;
        self.sent += 1;
        self.ready.push_back(Found { parent, kind, stat });
        id
    }

    /// `None` if the entry is gone, or is no longer what the list of its folder said.
    fn look(&self, path: &[u8], folder: bool) -> Result<Option<Seen>, FileError> {
        match see(self.root, path) {
            Ok(seen) if (seen.kind == Kind::Directory) == folder => Ok(Some(seen)),
            Ok(_) => Ok(None),
            Err(error) if is_gone(&error) => Ok(None),
            Err(error) => Err(FileError::new("look at", path, error)),
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = Result<Found, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(found) = self.ready.pop_front() {
                return Some(Ok(found));
            }
            let Some(name) = self.levels.last_mut()?.names.next() else {
                self.levels.pop();
                continue;
            };
            if let Err(error) = self.visit(&name) {
                return Some(Err(error));
            }
        }
    }
}

fn see(root: &Path, path: &[u8]) -> io::Result<Seen> {
    let full = on_disk(root, path);
    let meta = fs::symlink_metadata(&full)?;
    let details = Details::of(&meta);
    let kind = Kind::of_disk(details.mode);
    let mut stat = Stat {
        path: Bytes::copy_from_slice(path),
        mode: mode::to_wire(details.mode),
        mod_time: details.modified,
        xattrs: attributes(&full)?,
        ..Stat::default()
    };
    match kind {
        Kind::Symlink => stat.linkname = system::bytes_of(fs::read_link(&full)?).into(),
        Kind::Device => (stat.devmajor, stat.devminor) = device(details.device),
        _ => {}
    }
    if kind != Kind::Directory {
        stat.size = i64::try_from(meta.len()).unwrap_or(i64::MAX);
    }
    let several = details.names > 1 && !matches!(kind, Kind::Directory | Kind::Symlink);
    let shared = several.then_some(details.file);
    Ok(Seen { kind, stat, shared })
}

/// The names in a folder, by bytes.
fn list(folder: &Path) -> io::Result<vec::IntoIter<Name>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let folder = match entry.file_type() {
            Ok(kind) => kind.is_dir(),
            Err(error) if is_gone(&error) => continue,
            Err(error) => return Err(error),
        };
        let bytes = system::bytes_of(entry.file_name());
        names.push(Name { bytes, folder });
    }
    names.sort_unstable_by(|a, b| a.bytes.cmp(&b.bytes));
    Ok(names.into_iter())
}

/// All extended attributes but those that only macOS understands.
fn attributes(path: &Path) -> io::Result<HashMap<String, Bytes>> {
    let attributes = system::attributes(path)?.into_iter();
    let kept = attributes.filter(|(name, _)| !name.starts_with("com.apple."));
    Ok(kept.map(|(name, value)| (name, value.into())).collect())
}

fn is_denied(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied
}

/// The two numbers of a device, as Linux packs them.
fn device(packed: u64) -> (i64, i64) {
    let number = |bits: u64| i64::try_from(bits).unwrap_or_default();
    let major = packed >> 8 & 0xfff;
    let minor = packed & 0xff | packed >> 12 & 0xf_ff00;
    (number(major), number(minor))
}
