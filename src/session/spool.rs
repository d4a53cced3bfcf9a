//! What can be read once only, for several readers: it goes through a file without a name, which is
//! gone with the program, however that ends.

use std::fs::File;
use std::io;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::watch;

use crate::system;

/// Bytes that move at once.
const PIECE: usize = 256 << 10;

/// How far the file is written.
#[derive(Debug, Clone, Default)]
struct Progress {
    written: u64,
    /// Whether there is no more, or why there will be no more.
    end: Option<Result<(), String>>,
}

/// Bytes that any number of readers get from the beginning, while they still come.
#[derive(Debug, Clone)]
pub(super) struct Spool {
    file: Arc<File>,
    progress: watch::Receiver<Progress>,
    offset: u64,
}

impl Spool {
    /// Begins to read `reader`, as fast as the disk takes it.
    pub(super) fn start(reader: impl AsyncRead + Send + Unpin + 'static) -> io::Result<Self> {
        let file = tempfile::tempfile()?;
        let output = tokio::fs::File::from_std(file.try_clone()?);
        let (sender, progress) = watch::channel(Progress::default());
        tokio::spawn(async move {
            let end = fill(reader, output, &sender).await;
            let end = end.map_err(|error| error.to_string());
            sender.send_modify(|progress| progress.end = Some(end));
        });
        Ok(Self {
            file: Arc::new(file),
            progress,
            offset: 0,
        })
    }

    /// The next bytes of this reader; none at the end.
    pub(super) async fn next(&mut self) -> io::Result<Bytes> {
        let offset = self.offset;
        let more = |progress: &Progress| progress.written > offset || progress.end.is_some();
        let progress = self.progress.wait_for(more).await;
        let progress = progress.map_err(io::Error::other)?.clone();
        if progress.written == offset {
            return match progress.end {
                Some(Err(error)) => Err(io::Error::other(error)),
                _ => Ok(Bytes::new()),
            };
        }
        let length = usize::try_from(progress.written - offset).unwrap_or(PIECE);
        let mut piece = BytesMut::zeroed(length.min(PIECE));
        let file = Arc::clone(&self.file);
        let read = tokio::task::spawn_blocking(move || {
            system::read_exact_at(&file, &mut piece, offset)?;
            io::Result::Ok(piece.freeze())
        });
        let piece = read.await.map_err(io::Error::other)??;
        self.offset += piece.len() as u64;
        Ok(piece)
    }
}

async fn fill(
    mut reader: impl AsyncRead + Unpin,
    mut output: tokio::fs::File,
    progress: &watch::Sender<Progress>,
) -> io::Result<()> {
    let mut piece = BytesMut::with_capacity(PIECE);
    loop {
        piece.clear();
        if reader.read_buf(&mut piece).await? == 0 {
            return Ok(());
        }
        output.write_all(&piece).await?;
        // Written is what a reader finds there, and not what a thread is about to write.
        output.flush().await?;
        progress.send_modify(|progress| progress.written += piece.len() as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Broken;

    impl AsyncRead for Broken {
        fn poll_read(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            _: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<io::Result<()>> {
            std::task::Poll::Ready(Err(io::Error::other("a bad disk")))
        }
    }

    async fn all(mut spool: Spool) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        loop {
            let piece = spool.next().await?;
            if piece.is_empty() {
                return Ok(bytes);
            }
            bytes.extend_from_slice(&piece);
        }
    }

    #[tokio::test]
    async fn every_reader_gets_all_of_it() {
        let bytes: Vec<u8> = (0..=250).cycle().take(3 * PIECE + 7).collect();
        let (mut writer, reader) = tokio::io::duplex(1000);
        let spool = Spool::start(reader).unwrap();
        let early = tokio::spawn(all(spool.clone()));
        writer.write_all(&bytes).await.unwrap();
        drop(writer);
        assert!(early.await.unwrap().unwrap() == bytes);
        assert!(all(spool).await.unwrap() == bytes);
    }

    #[tokio::test]
    async fn every_reader_hears_what_went_wrong() {
        let spool = Spool::start(Broken).unwrap();
        for reader in [spool.clone(), spool] {
            assert_eq!(all(reader).await.unwrap_err().to_string(), "a bad disk");
        }
    }
}
