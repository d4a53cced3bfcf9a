//! The receiver: writes what the daemon exports below one folder, and trusts none of it.

mod order;
#[cfg(test)]
mod tests;
mod tree;
mod writer;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::{Stream, StreamExt};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{self, JoinError};

use super::{FileError, StreamError, farewell, last_words};
use crate::proto::fsutil::Packet;
use crate::proto::fsutil::packet::Type;

#[cfg(test)]
pub(super) use order::Order;

pub use order::PathFault;
use writer::Writer;

/// So much may wait to be written, in KiB.
const MOST_WAITING: usize = 4096;

/// How much a daemon may send before it must be mad or mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Entries of any kind.
    pub entries: u32,
    /// Bytes of all paths and link targets: they are kept until the end.
    pub path_bytes: usize,
    /// Files of which a part has arrived. BuildKit has four at a time.
    pub open_files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 1_000_000,
            path_bytes: 256 << 20,
            open_files: 64,
        }
    }
}

/// What was received.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Received {
    /// Entries of any kind.
    pub entries: u32,
    /// Files with contents.
    pub files: u64,
    /// Bytes of their contents.
    pub bytes: u64,
}

/// An export that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The destination cannot be used.
    #[error("cannot use {} as a destination folder", .path.display())]
    Destination {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A path that could lead anywhere.
    #[error("refused {path} from the daemon: the path is {fault}")]
    Path {
        /// The path.
        path: String,
        /// What is wrong with it.
        fault: PathFault,
    },
    /// An entry before its folder, after its turn, or twice.
    #[error("refused {0} from the daemon: it came out of order")]
    OutOfOrder(String),
    /// A hard link to a file that is not part of the export.
    #[error(
        "refused the link {path} from the daemon: it leads to {target}, which is no exported file"
    )]
    LinkToUnsent {
        /// The link.
        path: String,
        /// What it leads to.
        target: String,
    },
    /// A device, a pipe or a socket.
    #[error("refused {path} from the daemon: it is a {kind}")]
    Special {
        /// The entry.
        path: String,
        /// What it is.
        kind: &'static str,
    },
    /// A file with less than no bytes.
    #[error("refused {0} from the daemon: its size is negative")]
    NegativeSize(String),
    /// Contents of a file that nobody asked for, or that is complete.
    #[error("refused data from the daemon: entry {0} was not asked for")]
    Unrequested(u32),
    /// More contents than the file's size.
    #[error("refused {path} from the daemon: there is more of it than its {size} bytes")]
    TooMuchData {
        /// The file.
        path: String,
        /// Its size.
        size: u64,
    },
    /// Fewer contents than the file's size.
    #[error("the daemon sent {got} of {size} bytes of {path}")]
    TooLittleData {
        /// The file.
        path: String,
        /// Its size.
        size: u64,
        /// What arrived.
        got: u64,
    },
    /// More entries than [`Limits::entries`].
    #[error("the daemon sends more than {0} files")]
    TooManyEntries(u32),
    /// More bytes of paths than [`Limits::path_bytes`].
    #[error("the daemon sends file names of more than {0} bytes in all")]
    TooLongNames(usize),
    /// More files in parts than [`Limits::open_files`].
    #[error("the daemon sends more than {0} files at the same time")]
    TooManyOpen(usize),
    /// A packet that makes no sense, or not any more.
    #[error("the daemon sent a packet of type {0} where it has no meaning")]
    Unexpected(i32),
    /// Something of another kind has the name already. It is never removed.
    #[error("cannot write {path}: a {there} of that name is in the destination")]
    InTheWay {
        /// The entry.
        path: String,
        /// What has its name.
        there: &'static str,
    },
    /// A folder that was made is now something else.
    #[error("cannot write into {0}: it was replaced by something that is no folder")]
    ParentReplaced(String),
    /// A file cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The other side gave up.
    #[error("the daemon could not send the files: {0}")]
    Peer(String),
    /// The stream of packets broke.
    #[error("lost the daemon while receiving files")]
    Stream(#[source] StreamError),
    /// The stream of packets ended too early.
    #[error("the daemon ended the transfer of files too early")]
    EndedEarly,
    /// A thread of this program ended too early.
    #[error("a worker of this program ended too early")]
    Worker(#[from] JoinError),
}

impl ReceiveError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::InTheWay { .. } => Some("remove it, or choose another destination"),
            Self::Special { .. } => Some("export as tar, which can hold such files"),
            Self::Destination { .. } => Some("choose a folder that you may write to"),
            _ => None,
        }
    }

    /// The other side does not need to be told.
    const fn is_known(&self) -> bool {
        matches!(self, Self::Peer(_) | Self::Stream(_) | Self::EndedEarly)
    }
}

/// A packet for the writer, with the place that it takes until it is written.
struct Load {
    packet: Packet,
    _place: OwnedSemaphorePermit,
}

/// Writes what `packets` export below `destination`, which is made if it is missing.
///
/// What is there already stays, unless a file of the export has its name. All files are requested
/// and belong to the caller, with the mode and time that they have in the export. One thread writes,
/// so a packet costs no task, and packets wait for it in bounded memory.
///
/// A file has its name only once it is complete, whatever happens before.
pub async fn receive<S, E>(
    destination: &Path,
    packets: S,
    requests: mpsc::Sender<Packet>,
    limits: Limits,
) -> Result<Received, ReceiveError>
where
    S: Stream<Item = Result<Packet, E>> + Send + Unpin,
    E: Into<StreamError>,
{
    let (answers, mut outgoing) = mpsc::unbounded_channel();
    // A daemon that has enough requests stops to read them, and goes on once we take its data: the
    // one must never wait for the other.
    let outcome = tokio::select! {
        outcome = transfer(destination.to_owned(), packets, answers, limits) => outcome,
        never = forward(&mut outgoing, requests.clone()) => match never {},
    };
    match &outcome {
        // A daemon that did not wait for an answer still gets it.
        Ok(_) => {
            while outgoing
                .try_recv()
                .is_ok_and(|answer| requests.try_send(answer).is_ok())
            {}
        }
        Err(error) if error.is_known() => {}
        // Whether it arrives or not, the caller hears the error.
        Err(error) => _ = requests.try_send(farewell(error)),
    }
    outcome
}

async fn forward(
    answers: &mut UnboundedReceiver<Packet>,
    requests: mpsc::Sender<Packet>,
) -> std::convert::Infallible {
    while let Some(answer) = answers.recv().await {
        if requests.send(answer).await.is_err() {
            break;
        }
    }
    std::future::pending().await
}

async fn transfer<S, E>(
    destination: PathBuf,
    mut packets: S,
    answers: UnboundedSender<Packet>,
    limits: Limits,
) -> Result<Received, ReceiveError>
where
    S: Stream<Item = Result<Packet, E>> + Unpin,
    E: Into<StreamError>,
{
    let (queue, mut loads) = mpsc::unbounded_channel();
    let writer = task::spawn_blocking(move || {
        let writer = Writer::new(&destination, limits, answers)?;
        writer.run(|| loads.blocking_recv())
    });
    let fed = feed(&mut packets, queue).await;
    // The writer ends now: it has all that it waits for, failed, or hears that nothing more comes.
    let written = writer.await?;
    let fed = fed?;
    let received = written?;
    if fed == Fed::Written {
        until_fin(packets).await?;
    }
    Ok(received)
}

/// Why no more packets go to the writer.
#[derive(PartialEq, Eq)]
enum Fed {
    /// It takes no more.
    Written,
    /// There are no more.
    All,
}

/// Hands packets to the writer.
async fn feed<S, E>(packets: &mut S, queue: UnboundedSender<Load>) -> Result<Fed, ReceiveError>
where
    S: Stream<Item = Result<Packet, E>> + Unpin,
    E: Into<StreamError>,
{
    let places = Arc::new(Semaphore::new(MOST_WAITING));
    loop {
        let next = tokio::select! {
            next = packets.next() => next,
            () = queue.closed() => return Ok(Fed::Written),
        };
        let Some(packet) = next else {
            return Ok(Fed::All);
        };
        let packet = packet.map_err(|error| ReceiveError::Stream(error.into()))?;
        match packet.r#type() {
            Type::Err => return Err(ReceiveError::Peer(last_words(&packet))),
            Type::Fin => return Ok(Fed::All),
            Type::Req => return Err(ReceiveError::Unexpected(packet.r#type)),
            Type::Stat | Type::Data => {}
        }
        let size = (packet.data.len() / 1024 + 1).min(MOST_WAITING);
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        // The semaphore is never closed.
        let Ok(place) = Arc::clone(&places).acquire_many_owned(size).await else {
            return Ok(Fed::All);
        };
        let load = Load {
            packet,
            _place: place,
        };
        if queue.send(load).is_err() {
            return Ok(Fed::Written);
        }
    }
}

/// Waits for the other side's last packet. All is written: an end without it is an end as well.
async fn until_fin<S, E>(mut packets: S) -> Result<(), ReceiveError>
where
    S: Stream<Item = Result<Packet, E>> + Unpin,
{
    let Some(Ok(packet)) = packets.next().await else {
        return Ok(());
    };
    match packet.r#type() {
        Type::Fin => Ok(()),
        Type::Err => Err(ReceiveError::Peer(last_words(&packet))),
        Type::Stat | Type::Req | Type::Data => Err(ReceiveError::Unexpected(packet.r#type)),
    }
}
