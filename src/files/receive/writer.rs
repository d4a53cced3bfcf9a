//! What the thread of the receiver does: takes packets in order and writes what they say.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc::UnboundedSender;

use super::claims::Claimed;
use super::export::Export;
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
    export: Arc<Export>,
    /// The number of this transfer among those into the destination.
    number: u32,
    tree: Tree,
    limits: Limits,
    /// Requests and the last packet; whoever forwards them must not make us wait.
    answers: UnboundedSender<Packet>,
    order: Order,
    /// The files that were requested and are not complete.
    wanted: HashMap<u32, Wanted>,
    open: usize,
    folders: Vec<(Arc<[u8]>, Meta)>,
    links: Vec<(Arc<[u8]>, Bytes)>,
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
        export: Arc<Export>,
        limits: Limits,
        answers: UnboundedSender<Packet>,
    ) -> Result<Self, ReceiveError> {
        let number = export.claims().begin(limits)?;
        let tree = export.tree()?;
        Ok(Self {
            export,
            number,
            tree,
            limits,
            answers,
            order: Order::new(),
            wanted: HashMap::new(),
            open: 0,
            folders: Vec::new(),
            links: Vec::new(),
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
        self.export.claims().end();
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
        let bytes = stat.path.len() + stat.linkname.len();
        self.export.claims().count(bytes, self.limits)?;
        self.order.accept(&stat.path, kind == Kind::Directory)?;
        // A copy: what came with the packet would hold all that came with it.
        let path: Arc<[u8]> = stat.path.as_ref().into();
        match kind {
            Kind::Directory => {
                self.claim(&path, Claimed::Folder)?;
                self.tree.make_folder(&path)?;
                let meta = self.meta(stat);
                self.folders.push((path, meta));
                Ok(())
            }
            Kind::Symlink => {
                self.claim(&path, Claimed::Link)?;
                self.tree.symlink(&path, &stat.linkname, stat.mod_time)
            }
            Kind::File if stat.linkname.is_empty() => self.want(id, path, stat),
            Kind::File => self.link(path, &stat),
            kind => Err(ReceiveError::Special {
                path: path::shown(&path),
                kind: kind.noun(),
            }),
        }
    }

    fn claim(&self, path: &Arc<[u8]>, kind: Claimed) -> Result<(), ReceiveError> {
        self.export.claims().take(path, self.number, kind)
    }

    fn want(&mut self, id: u32, path: Arc<[u8]>, stat: Stat) -> Result<(), ReceiveError> {
        let size =
            u64::try_from(stat.size).map_err(|_| ReceiveError::NegativeSize(path::shown(&path)))?;
        self.claim(&path, Claimed::File)?;
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

    fn link(&mut self, path: Arc<[u8]>, stat: &Stat) -> Result<(), ReceiveError> {
        let claims = self.export.claims();
        if !claims.is_file_of(&stat.linkname, self.number) {
            return Err(ReceiveError::LinkToUnsent {
                path: path::shown(&path),
                target: path::shown(&stat.linkname),
            });
        }
        drop(claims);
        self.claim(&path, Claimed::Link)?;
        let target = Bytes::copy_from_slice(&stat.linkname);
        self.links.push((path, target));
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
        let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
        wanted.written += length;
        if wanted.written > wanted.size {
            return Err(ReceiveError::TooMuchData {
                path: path::shown(&wanted.path),
                size: wanted.size,
            });
        }
        part.write(data)
            .map_err(|error| FileError::new("write", &wanted.path, error))?;
        wanted.part = Some(part);
        self.export.count(length);
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
        self.tree.finish_file(part, &wanted.path, &wanted.meta)?;
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
