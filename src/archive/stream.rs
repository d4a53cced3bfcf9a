//! What a thread writes, as a stream.

use std::io::{self, BufWriter, Write};

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// Bytes of one chunk.
const CHUNK: usize = 256 << 10;

/// Chunks that may wait for who takes them.
const BACKLOG: usize = 8;

/// Runs `write` in a thread; what it writes comes out of the stream, and its error at the end.
pub(super) fn written(
    write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
) -> BoxStream<'static, io::Result<Bytes>> {
    let (sender, receiver) = mpsc::channel(BACKLOG);
    tokio::task::spawn_blocking(move || {
        let mut output = BufWriter::with_capacity(CHUNK, Sender(sender.clone()));
        let written = write(&mut output).and_then(|()| output.flush());
        if let Err(error) = written {
            // Nobody who listens needs no reason.
            let _ = sender.blocking_send(Err(error));
        }
    });
    ReceiverStream::new(receiver).boxed()
}

struct Sender(mpsc::Sender<io::Result<Bytes>>);

impl Write for Sender {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let chunk = Bytes::copy_from_slice(data);
        let sent = self.0.blocking_send(Ok(chunk));
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
