//! What the threads of the sender do: one walks and offers, a few read files.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, mpsc as std_mpsc};

use bytes::Bytes;
use tokio::sync::mpsc;

use super::outbox::{Batch, Outbox};
use super::table::{Content, Table, Wanted};
use super::{SendError, real_folder};
use crate::files::filter::{Filter, Selection};
use crate::files::mode::Kind;
use crate::files::walk::{Found, Walk};
use crate::files::{FileError, is_gone, on_disk, packet, path};
use crate::proto::fsutil::packet::Type;
use crate::system;

/// Large enough that the cost of a packet vanishes, small enough to hold a few dozen.
pub(super) const PIECE: usize = 256 * 1024;

/// The numbers that were asked for and nobody serves yet. The table hands out each only once, so
/// what waits here is no more than what was offered.
pub(super) struct Queue(std_mpsc::Sender<u32>);

impl Queue {
    pub(super) fn new() -> (Self, std_mpsc::Receiver<u32>) {
        let (sender, receiver) = std_mpsc::channel();
        (Self(sender), receiver)
    }

    /// Nobody takes it only if all readers failed, and then the transfer fails with their error.
    pub(super) fn push(&self, id: u32) {
        _ = self.0.send(id);
    }
}

/// What a thread did.
#[derive(Debug, Clone, Copy)]
pub(super) enum Done {
    /// So many entries were offered.
    Offered(u64),
    /// So many bytes were read and sent.
    Served(u64),
}

/// What the threads of one transfer share.
pub(super) struct Folder {
    given: PathBuf,
    /// Known once the walk has begun, and so before anything is asked for.
    real: OnceLock<PathBuf>,
    table: Mutex<Table>,
    wanted: Mutex<std_mpsc::Receiver<u32>>,
    packets: mpsc::Sender<Batch>,
    pub(super) stopped: AtomicBool,
}

impl Folder {
    pub(super) fn new(
        root: PathBuf,
        packets: mpsc::Sender<Batch>,
        wanted: std_mpsc::Receiver<u32>,
    ) -> Self {
        Self {
            given: root,
            real: OnceLock::new(),
            table: Mutex::default(),
            wanted: Mutex::new(wanted),
            packets,
            stopped: AtomicBool::new(false),
        }
    }

    /// Walks the folder and sends a STAT for each entry, and one without an entry at the end.
    pub(super) fn offer(&self, selection: &Selection) -> Result<Done, SendError> {
        let real = real_folder(&self.given)?;
        let root = self.real.get_or_init(|| real);
        let filter = Filter::new(root, selection)?;
        let mut outbox = self.outbox();
        let mut offered = 0;
        for found in Walk::new(root, &filter)? {
            let Found { parent, kind, stat } = found?;
            let content = match kind {
                Kind::File => Content::File,
                Kind::Socket => Content::Empty,
                _ => Content::None,
            };
            let (_, name) = path::split(&stat.path);
            lock(&self.table)
                .push(parent, name, content)
                .ok_or(SendError::TooMany)?;
            let mut offer = packet(Type::Stat, 0, "");
            offer.stat = Some(stat);
            if outbox.put(offer, PIECE).is_none() {
                return Ok(Done::Offered(offered));
            }
            offered += 1;
        }
        // Nobody listens any more if this fails, and that is noticed elsewhere.
        _ = outbox
            .put(packet(Type::Stat, 0, ""), PIECE)
            .and_then(|()| outbox.flush());
        Ok(Done::Offered(offered))
    }

    /// Serves files until there is nothing more to serve.
    pub(super) fn serve(&self) -> Result<Done, SendError> {
        let mut outbox = self.outbox();
        let mut served = 0;
        while let Some(id) = self.next(&mut outbox) {
            let wanted = lock(&self.table).take(id);
            let wanted = wanted.ok_or(SendError::BadRequest(id))?;
            let Some(bytes) = self.contents(id, &wanted, &mut outbox)? else {
                break;
            };
            served += bytes;
        }
        _ = outbox.flush();
        Ok(Done::Served(served))
    }

    /// The next number that was asked for. What was read so far leaves before any wait for it: the
    /// daemon may ask for more only when it has that.
    fn next(&self, outbox: &mut Outbox<'_>) -> Option<u32> {
        let waiting = self
            .wanted
            .try_lock()
            .ok()
            .and_then(|wanted| wanted.try_recv().ok());
        if waiting.is_some() {
            return waiting;
        }
        outbox.flush()?;
        lock(&self.wanted).recv().ok()
    }

    fn outbox(&self) -> Outbox<'_> {
        Outbox::new(&self.packets, &self.stopped)
    }

    /// Sends one file and returns its size. `None` if nobody wants more.
    fn contents(
        &self,
        id: u32,
        wanted: &Wanted,
        outbox: &mut Outbox<'_>,
    ) -> Result<Option<u64>, SendError> {
        let mut sent = 0;
        if let Some(file) = self.open(wanted)? {
            let size = file.metadata().map_or(0, |meta| meta.len());
            let mut pieces = Pieces {
                file,
                left: size,
                ended: false,
            };
            loop {
                let piece = pieces
                    .next()
                    .map_err(|error| FileError::new("read", &wanted.path, error))?;
                sent += u64::try_from(piece.len()).unwrap_or_default();
                let last = piece.is_empty();
                if outbox.put(packet(Type::Data, id, piece), PIECE).is_none() {
                    return Ok(None);
                }
                if last {
                    return Ok(Some(sent));
                }
            }
        }
        Ok(outbox.put(packet(Type::Data, id, ""), PIECE).map(|()| sent))
    }

    /// `None` if there is nothing to read, or no longer.
    fn open(&self, wanted: &Wanted) -> Result<Option<File>, SendError> {
        let Some(root) = self.real.get() else {
            return Ok(None);
        };
        if wanted.content != Content::File {
            return Ok(None);
        }
        // A link or a pipe that took the file's place must not be followed, or wait for a writer.
        let file = match system::open_to_read(&on_disk(root, &wanted.path)) {
            Ok(file) => file,
            Err(error) if is_gone(&error) => return Ok(None),
            Err(error) if system::is_not_followed(&error) => return Err(replaced(wanted)),
            Err(error) => return Err(FileError::new("open", &wanted.path, error).into()),
        };
        match file.metadata() {
            Ok(meta) if !meta.is_file() => Err(replaced(wanted)),
            _ => Ok(Some(file)),
        }
    }
}

fn replaced(wanted: &Wanted) -> SendError {
    SendError::Replaced(path::shown(&wanted.path))
}

/// A file in pieces; the last one is empty.
struct Pieces {
    file: File,
    /// What the file's size says is still to come. Only a guess: files grow.
    left: u64,
    ended: bool,
}

impl Pieces {
    fn next(&mut self) -> io::Result<Bytes> {
        if self.ended {
            return Ok(Bytes::new());
        }
        // One byte more than is expected: the read that fills less tells the end of the file.
        let room = usize::try_from(self.left).map_or(PIECE, |left| (left + 1).min(PIECE));
        let mut piece = Vec::with_capacity(room);
        let mut rest = (&self.file).take(room as u64);
        self.ended = rest.read_to_end(&mut piece)? < room;
        let taken = u64::try_from(piece.len()).unwrap_or_default();
        self.left = self.left.saturating_sub(taken);
        Ok(piece.into())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What the table holds is whole between any two lines that could panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
