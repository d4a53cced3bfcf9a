//! What the thread of the receiver does: takes packets in order and writes what they say.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc::UnboundedSender;

use super::order::Order;
use super::tree::{Meta, Part, Tree};
use super::{Limits, Load, ReceiveError, Received};
use crate::files::mode::{self, Kind};
use crate::files::{FileError, packet, path};
use crate::proto::fsutil::packet::Type;
use crate::proto::fsutil::{Packet, Stat};

/// So many bytes of extended attributes wait for their files; what comes beyond is left out.
const MOST_ATTRIBUTES: usize = 16 << 20;

/// A transfer into one destination.
pub(super) struct Writer {
    tree: Tree,
    limits: Limits,
    /// Requests and the last packet; whoever forwards them must not make us wait.
    answers: UnboundedSender<Packet>,
    order: Order,
    /// All regular files so far: what a hard link may lead to.
    files: HashSet<Arc<[u8]>>,
    /// The files that were requested and are not complete.
    wanted: HashMap<u32, Wanted>,
    open: usize,
    folders: Vec<(Arc<[u8]>, Meta)>,
    links: Vec<(Arc<[u8]>, Bytes)>,
    path_bytes: usize,
    attribute_bytes: usize,
    /// The last STAT was there.
    listed: bool,
    received: Received,
}

/// A file on its way.
struct Wanted {
    path: Arc<[u8]>,
    meta: Meta,
    size: u64,
    written: u64,
    /// `None` until something arrives: no file is open for longer than it needs to be.
    part: Option<Part>,
}

impl Writer {
    pub(super) fn new(
        destination: &Path,
        limits: Limits,
        answers: UnboundedSender<Packet>,
    ) -> Result<Self, ReceiveError> {
        let tree = Tree::open(destination).map_err(|source| ReceiveError::Destination {
            path: destination.to_owned(),
            source,
        })?;
        Ok(Self {
            tree,
            limits,
            answers,
            order: Order::new(),
            files: HashSet::new(),
            wanted: HashMap::new(),
            open: 0,
            folders: Vec::new(),
            links: Vec::new(),
            path_bytes: 0,
            attribute_bytes: 0,
            listed: false,
            received: Received::default(),
        })
    }

    /// Takes packets until all is written, and says so to the other side.
    pub(super) fn run(
        mut self,
        mut next: impl FnMut() -> Option<Load>,
    ) -> Result<Received, ReceiveError> {
        while !self.listed || !self.wanted.is_empty() {
            let load = next().ok_or(ReceiveError::EndedEarly)?;
            self.take(load.packet)?;
        }
        // A link can lead to a file that comes late, and an entry changes the time of its folder.
        for (path, target) in &self.links {
            self.tree.link(path, target)?;
        }
        for (path, meta) in self.folders.iter().rev() {
            self.tree.finish_folder(path, meta)?;
        }
        self.answer(Type::Fin, 0);
        Ok(self.received)
    }

    fn take(&mut self, packet: Packet) -> Result<(), ReceiveError> {
        match (packet.r#type(), packet.stat) {
            (Type::Data, _) => self.write(packet.id, &packet.data),
            (Type::Stat, Some(stat)) if !self.listed => self.list(stat),
            (Type::Stat, None) if !self.listed => {
                self.listed = true;
                Ok(())
            }
            _ => Err(ReceiveError::Unexpected(packet.r#type)),
        }
    }

    fn list(&mut self, stat: Stat) -> Result<(), ReceiveError> {
        let kind = Kind::of_wire(stat.mode);
        let id = self.received.entries;
        self.received.entries += 1;
        self.path_bytes += stat.path.len() + stat.linkname.len();
        if self.received.entries > self.limits.entries {
            return Err(ReceiveError::TooManyEntries(self.limits.entries));
        }
        if self.path_bytes > self.limits.path_bytes {
            return Err(ReceiveError::TooLongNames(self.limits.path_bytes));
        }
        self.order.accept(&stat.path, kind == Kind::Directory)?;
        match kind {
            Kind::Directory => {
                self.tree.make_folder(&stat.path)?;
                // A copy: what came with the packet would hold all that came with it.
                let path = stat.path.as_ref().into();
                let meta = self.meta(stat);
                self.folders.push((path, meta));
                Ok(())
            }
            Kind::Symlink => self.tree.symlink(&stat.path, &stat.linkname, stat.mod_time),
            Kind::File if stat.linkname.is_empty() => self.want(id, stat),
            Kind::File => self.link(&stat),
            kind => Err(ReceiveError::Special {
                path: path::shown(&stat.path),
                kind: kind.noun(),
            }),
        }
    }

    fn want(&mut self, id: u32, stat: Stat) -> Result<(), ReceiveError> {
        let path: Arc<[u8]> = stat.path.as_ref().into();
        let size =
            u64::try_from(stat.size).map_err(|_| ReceiveError::NegativeSize(path::shown(&path)))?;
        self.files.insert(Arc::clone(&path));
        let wanted = Wanted {
            path,
            meta: self.meta(stat),
            size,
            written: 0,
            part: None,
        };
        self.wanted.insert(id, wanted);
        self.answer(Type::Req, id);
        Ok(())
    }

    fn link(&mut self, stat: &Stat) -> Result<(), ReceiveError> {
        if !self.files.contains(stat.linkname.as_ref()) {
            return Err(ReceiveError::LinkToUnsent {
                path: path::shown(&stat.path),
                target: path::shown(&stat.linkname),
            });
        }
        let target = Bytes::copy_from_slice(&stat.linkname);
        self.links.push((stat.path.as_ref().into(), target));
        Ok(())
    }

    fn write(&mut self, id: u32, data: &[u8]) -> Result<(), ReceiveError> {
        let wanted = self.wanted.get_mut(&id);
        let wanted = wanted.ok_or(ReceiveError::Unrequested(id))?;
        let mut part = match wanted.part.take() {
            Some(part) => part,
            None if self.open == self.limits.open_files => {
                return Err(ReceiveError::TooManyOpen(self.limits.open_files));
            }
            None => {
                self.open += 1;
                self.tree.start_file(&wanted.path)?
            }
        };
        if data.is_empty() {
            self.open -= 1;
            return self.complete(id, part);
        }
        wanted.written += u64::try_from(data.len()).unwrap_or(u64::MAX);
        if wanted.written > wanted.size {
            return Err(ReceiveError::TooMuchData {
                path: path::shown(&wanted.path),
                size: wanted.size,
            });
        }
        part.write(data)
            .map_err(|error| FileError::new("write", &wanted.path, error))?;
        wanted.part = Some(part);
        Ok(())
    }

    fn complete(&mut self, id: u32, part: Part) -> Result<(), ReceiveError> {
        let Some(wanted) = self.wanted.remove(&id) else {
            return Ok(());
        };
        if wanted.written < wanted.size {
            return Err(ReceiveError::TooLittleData {
                path: path::shown(&wanted.path),
                size: wanted.size,
                got: wanted.written,
            });
        }
        part.finish(&wanted.path, &wanted.meta)?;
        let attributes = wanted.meta.attributes.iter();
        let freed: usize = attributes
            .map(|(name, value)| name.len() + value.len())
            .sum();
        self.attribute_bytes -= freed;
        self.received.files += 1;
        self.received.bytes += wanted.written;
        Ok(())
    }

    fn meta(&mut self, stat: Stat) -> Meta {
        let mut meta = Meta {
            permissions: mode::to_permissions(stat.mode),
            modified: stat.mod_time,
            attributes: HashMap::new(),
        };
        for (name, value) in stat.xattrs {
            let size = name.len() + value.len();
            if name.starts_with("user.") && self.attribute_bytes + size <= MOST_ATTRIBUTES {
                self.attribute_bytes += size;
                let value = Bytes::copy_from_slice(&value);
                meta.attributes.insert(name, value);
            }
        }
        meta
    }

    fn answer(&self, kind: Type, id: u32) {
        // Nobody listens any more only if the transfer is over, and then our packets end too.
        _ = self.answers.send(packet(kind, id, ""));
    }
}
