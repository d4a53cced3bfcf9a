//! The files that travel between this machine and the daemon.
//!
//! [`send`] offers a local folder, filtered by what the daemon selects, and serves the files that the
//! daemon asks for. [`receive`] takes what the daemon exports into a local folder. Both speak packets
//! and know nothing of how those travel.
//!
//! The wire: a stream of STAT packets, one for each entry, parents first and names in byte order; an
//! entry's number is its place in that stream, and an empty STAT ends it. The receiver asks (REQ) by
//! number and gets DATA until an empty one. FIN from the receiver, answered by FIN, ends the
//! transfer; ERR from either side ends it badly.

mod archive;
mod filter;
mod follow;
mod mode;
mod path;
mod pattern;
mod receive;
mod send;
mod taker;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod walk;

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::proto::fsutil::Packet;
use crate::proto::fsutil::packet::Type;
use crate::system;

pub use archive::{Archive, write_archive, write_stdout, write_text};
pub use filter::{Selection, SelectionError};
pub use pattern::{PatternError, PatternFault};
pub use receive::{Existing, Export, Landing, Limits, PathFault, ReceiveError, Received, receive};
pub use send::{Batch, SendError, Sent, Texts, send, send_texts};
pub use taker::{Chunks, TakeError, Taker};

/// The cause of a broken stream, whatever carries the packets.
pub type StreamError = Box<dyn Error + Send + Sync>;

/// A file that could not be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {path}")]
pub struct FileError {
    action: &'static str,
    path: String,
    source: io::Error,
}

impl FileError {
    fn new(action: &'static str, path: &[u8], source: impl Into<io::Error>) -> Self {
        Self {
            action,
            path: path::shown(path),
            source: source.into(),
        }
    }

    /// The file's path below the folder in question.
    pub fn path(&self) -> &str {
        &self.path
    }
}

fn packet(kind: Type, id: u32, data: impl Into<Bytes>) -> Packet {
    Packet {
        r#type: kind.into(),
        id,
        data: data.into(),
        stat: None,
    }
}

/// The packet that tells the other side why this one gives up.
fn farewell(error: &dyn Error) -> Packet {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    packet(Type::Err, 0, text)
}

/// What the other side said in its last packet.
fn last_words(packet: &Packet) -> String {
    path::shown(&packet.data)
}

fn on_disk(root: &Path, path: &[u8]) -> PathBuf {
    root.join(system::name_of(path))
}

/// The entry, or a folder above it, went away while we looked.
fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
