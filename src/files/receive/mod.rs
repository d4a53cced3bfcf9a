//! The receiver: writes what the daemon exports below one folder, and trusts none of it.

mod claims;
mod draft;
mod error;
mod export;
mod landing;
mod order;
mod remove;
#[cfg(test)]
mod tests;
mod tree;
mod writer;

use std::sync::Arc;

use futures::{Stream, StreamExt};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task;

use super::{StreamError, farewell, last_words};
use crate::proto::fsutil::Packet;
use crate::proto::fsutil::packet::Type;

#[cfg(test)]
pub(super) use order::Order;

pub(super) use draft::Draft;

pub use error::{PathFault, ReceiveError};
pub use export::{Existing, Export};
pub use landing::Landing;
use writer::Writer;

/// So much may wait to be written, in KiB.
const MOST_WAITING: usize = 4096;

/// How much a daemon may send before it must be mad or mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Entries of any kind, in all transfers into one folder.
    pub entries: u32,
    /// Bytes of all paths and link targets: they are kept until the end.
    pub path_bytes: usize,
    /// Transfers into one folder: one for each platform.
    pub transfers: u32,
    /// Files of which a part has arrived. BuildKit has four at a time.
    pub open_files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 1_000_000,
            path_bytes: 256 << 20,
            transfers: 256,
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

/// A packet for the writer, with the place that it takes until it is written.
struct Load {
    packet: Packet,
    _place: OwnedSemaphorePermit,
}

/// Writes what `packets` export into the folder of `export`, which is made if it is missing. Several
/// may do so at the same time, one for each platform.
///
/// What is there already stays, unless a file of the export has its name. All files are requested
/// and belong to the caller, with the mode and time that they have in the export. One thread writes,
/// so a packet costs no task, and packets wait for it in bounded memory.
///
/// A file has its name only once it is complete, whatever happens before.
pub async fn receive<S, E>(
    export: &Arc<Export>,
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
        outcome = transfer(Arc::clone(export), packets, answers, limits) => outcome,
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
    export: Arc<Export>,
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
        let writer = Writer::new(export, limits, answers)?;
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
