//! The sender: offers what is in a folder, and serves what the other side asks for.

mod memory;
mod outbox;
mod serve;
mod table;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::{Stream, StreamExt};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;

use super::filter::{Selection, SelectionError};
use super::{FileError, StreamError, farewell, last_words, packet};
use crate::proto::fsutil::Packet;
use crate::proto::fsutil::packet::Type;
pub use memory::{Texts, send_texts};
pub use outbox::Batch;

use serve::{Done, Folder, Queue};

/// So many files are read at a time: enough to keep a disk busy.
const READERS: usize = 4;
/// How long to wait for a place for the packet that says why we give up.
const GRACE: Duration = Duration::from_secs(2);

/// What was sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    /// Entries that were offered.
    pub files: u64,
    /// Files that the other side asked for.
    pub requested: u64,
    /// Bytes of their contents.
    pub bytes: u64,
}

/// A folder that could not be sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The folder does not exist, or cannot be looked at.
    #[error("cannot use folder {}", .path.display())]
    Root {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder is something else.
    #[error("{} is not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// The daemon's selection makes no sense here.
    #[error(transparent)]
    Selection(#[from] SelectionError),
    /// A file or folder cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// What was a file is now something else.
    #[error("{0} was replaced by something that is no file during the build")]
    Replaced(String),
    /// There are more entries than numbers for them.
    #[error("too many files")]
    TooMany,
    /// The other side asked for what it may not ask for.
    #[error("the daemon asked for entry {0}, which is no file or was asked for before")]
    BadRequest(u32),
    /// The other side sent a packet that only a sender sends.
    #[error("the daemon sent a packet of type {0} where it may only ask for files")]
    Unexpected(i32),
    /// The other side gave up.
    #[error("the daemon could not take the files: {0}")]
    Peer(String),
    /// The stream of packets broke.
    #[error("lost the daemon while sending files")]
    Stream(#[source] StreamError),
    /// The stream of packets ended too early.
    #[error("the daemon ended the transfer of files too early")]
    EndedEarly,
    /// A thread of this program ended too early.
    #[error("a worker of this program ended too early")]
    Worker(#[from] JoinError),
}

impl SendError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::File(_) => Some("make it readable, or exclude it in .dockerignore"),
            Self::Replaced(_) => Some("build again, or exclude it in .dockerignore"),
            Self::Root { .. } | Self::NotAFolder(_) => Some("name an existing folder"),
            _ => None,
        }
    }

    /// The other side does not need to be told.
    pub const fn is_known(&self) -> bool {
        matches!(self, Self::Peer(_) | Self::Stream(_) | Self::EndedEarly)
    }
}

/// Offers what `selection` says of the folder `root`, and serves what `requests` asks for.
///
/// All requests are read at once, however slowly `packets` drains: HTTP/2 ends a connection with
/// too many small frames that nobody read. Files are read by a few threads in pieces of 256 KiB, and
/// no batch holds more than two of them: the memory in use is that of the batches in `packets`,
/// whatever the size of a file.
///
/// A file that went away since it was offered is sent empty, as every client does. A file that is
/// there and cannot be read is an error: the daemon would otherwise build with an empty one.
pub async fn send<S, E>(
    root: PathBuf,
    selection: Selection,
    requests: S,
    packets: mpsc::Sender<Batch>,
) -> Result<Sent, SendError>
where
    S: Stream<Item = Result<Packet, E>> + Send + Unpin,
    E: Into<StreamError>,
{
    let outcome = transfer(root, selection, requests, &packets).await;
    if let Err(error) = outcome.as_ref()
        && !error.is_known()
    {
        // Whether it arrives or not, the caller hears the error.
        _ = timeout(GRACE, packets.send(vec![farewell(error)])).await;
    }
    outcome
}

async fn transfer<S, E>(
    root: PathBuf,
    selection: Selection,
    requests: S,
    packets: &mpsc::Sender<Batch>,
) -> Result<Sent, SendError>
where
    S: Stream<Item = Result<Packet, E>> + Send + Unpin,
    E: Into<StreamError>,
{
    let (queue, wanted) = Queue::new();
    let folder = Arc::new(Folder::new(root, packets.clone(), wanted));
    let _stop = Stop(&folder);
    let mut work = Work {
        tasks: JoinSet::new(),
        sent: Sent::default(),
    };
    let walked = Arc::clone(&folder);
    work.tasks.spawn_blocking(move || walked.offer(&selection));
    work.until_fin(requests, &folder, &queue).await?;
    // The readers end once there is nothing more to take.
    drop(queue);
    folder.stopped.store(true, Ordering::Relaxed);
    while let Some(done) = work.tasks.join_next().await {
        work.note(done??);
    }
    // Nobody listens any more if this fails, and all that was asked for is sent.
    _ = packets.send(vec![packet(Type::Fin, 0, "")]).await;
    Ok(work.sent)
}

/// The threads of a transfer, and what they did.
struct Work {
    tasks: JoinSet<Result<Done, SendError>>,
    sent: Sent,
}

impl Work {
    /// Passes requests on to the readers until the other side has what it wants.
    async fn until_fin<S, E>(
        &mut self,
        mut requests: S,
        folder: &Arc<Folder>,
        queue: &Queue,
    ) -> Result<(), SendError>
    where
        S: Stream<Item = Result<Packet, E>> + Unpin,
        E: Into<StreamError>,
    {
        let mut readers = 0;
        loop {
            let request = tokio::select! {
                request = requests.next() => request.ok_or(SendError::EndedEarly)?,
                Some(done) = self.tasks.join_next() => {
                    self.note(done??);
                    continue;
                }
            };
            let request = request.map_err(|error| SendError::Stream(error.into()))?;
            match request.r#type() {
                Type::Req => queue.push(request.id),
                Type::Fin => return Ok(()),
                Type::Err => return Err(SendError::Peer(last_words(&request))),
                Type::Stat | Type::Data => return Err(SendError::Unexpected(request.r#type)),
            }
            self.sent.requested += 1;
            // The daemon often wants nothing: threads come with the first requests.
            if readers < READERS {
                readers += 1;
                let reader = Arc::clone(folder);
                self.tasks.spawn_blocking(move || reader.serve());
            }
        }
    }

    fn note(&mut self, done: Done) {
        match done {
            Done::Offered(files) => self.sent.files += files,
            Done::Served(bytes) => self.sent.bytes += bytes,
        }
    }
}

/// Ends the threads when the transfer ends, however it ends.
struct Stop<'a>(&'a Folder);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.stopped.store(true, Ordering::Relaxed);
    }
}

/// `path` without symlinks, if it is a folder.
fn real_folder(path: &Path) -> Result<PathBuf, SendError> {
    let cannot = |source| SendError::Root {
        path: path.to_owned(),
        source,
    };
    let real = fs::canonicalize(path).map_err(cannot)?;
    if !fs::metadata(&real).map_err(cannot)?.is_dir() {
        return Err(SendError::NotAFolder(path.to_owned()));
    }
    Ok(real)
}
