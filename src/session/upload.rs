//! The session's upload service: the daemon pulls what comes on standard input.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use futures::Stream;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tonic::{Request, Response, Status, Streaming};

use crate::files::Sent;
use crate::proto::upload::{BytesMessage, upload_server};

use super::failure::Failure;
use super::id::random_id;
use super::ledger::Ledger;
use super::spool::Spool;

/// Bytes of one message. A pipe gives less at a time; few messages cost less.
const PIECE: usize = 256 << 10;

type Reader = Box<dyn AsyncRead + Send + Unpin>;

/// Bytes that the daemon pulls as they come: an archive that is the build context.
#[derive(Clone)]
pub struct Upload {
    id: String,
    input: Arc<Mutex<Input>>,
}

/// Where the bytes come from.
enum Input {
    /// They can be read once; nothing is left if they were.
    Once(Option<Reader>),
    /// Several daemons read them.
    Shared(Spool),
}

/// The bytes, on the way to one daemon.
enum Pieces {
    Once(Reader),
    Shared(Spool),
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Upload");
        shown.field("id", &self.id).finish_non_exhaustive()
    }
}

impl Upload {
    /// What `reader` gives.
    ///
    /// # Errors
    ///
    /// Fails if the operating system has no random numbers.
    pub fn new(reader: impl AsyncRead + Send + Unpin + 'static) -> io::Result<Self> {
        Ok(Self {
            id: random_id()?,
            input: Arc::new(Mutex::new(Input::Once(Some(Box::new(reader))))),
        })
    }

    /// The address under which the daemon asks for it. Its host is no host: the daemon turns to the
    /// session instead.
    pub fn url(&self) -> String {
        format!("http://buildkit-session/{}", self.id)
    }

    /// Makes it one for several daemons, each of which pulls all of it: the bytes go through a file that
    /// has no name.
    ///
    /// # Errors
    ///
    /// Fails if there is no place for that file.
    pub fn share(&self) -> io::Result<()> {
        let mut input = self.input();
        if let Input::Once(reader) = &mut *input
            && let Some(reader) = reader.take()
        {
            *input = Input::Shared(Spool::start(reader)?);
        }
        Ok(())
    }

    fn input(&self) -> MutexGuard<'_, Input> {
        self.input.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pieces(&self) -> Option<Pieces> {
        match &mut *self.input() {
            Input::Once(reader) => reader.take().map(Pieces::Once),
            Input::Shared(spool) => Some(Pieces::Shared(spool.clone())),
        }
    }
}

impl Pieces {
    /// The next bytes; none at the end.
    async fn next(&mut self) -> io::Result<Bytes> {
        match self {
            Self::Once(reader) => piece(reader).await.map(BytesMut::freeze),
            Self::Shared(spool) => spool.next().await,
        }
    }
}

pub(super) struct Uploads {
    pub(super) upload: Option<Upload>,
    pub(super) ledger: Ledger,
}

#[tonic::async_trait]
impl upload_server::Upload for Uploads {
    type PullStream = Pin<Box<dyn Stream<Item = Result<BytesMessage, Status>> + Send>>;

    async fn pull(
        &self,
        request: Request<Streaming<BytesMessage>>,
    ) -> Result<Response<Self::PullStream>, Status> {
        let path = request.metadata().get("urlpath");
        let path = path.and_then(|path| path.to_str().ok()).unwrap_or_default();
        let id = path.rsplit('/').next().unwrap_or_default();
        let upload = self.upload.as_ref().filter(|upload| upload.id == id);
        let upload = upload.ok_or_else(|| Status::not_found("no such upload in this build"))?;
        let Some(pieces) = upload.pieces() else {
            self.ledger.failed(Failure::local(
                "the build context on standard input was sent already, and can be read only once",
            ));
            return Err(Status::aborted("standard input was sent already"));
        };
        Ok(Response::new(Box::pin(messages(
            pieces,
            self.ledger.clone(),
        ))))
    }
}

fn messages(
    pieces: Pieces,
    ledger: Ledger,
) -> impl Stream<Item = Result<BytesMessage, Status>> + Send {
    futures::stream::unfold(Some(pieces), move |pieces| {
        let ledger = ledger.clone();
        async move {
            let mut pieces = pieces?;
            match pieces.next().await {
                Ok(data) if data.is_empty() => None,
                Ok(data) => {
                    ledger.sent(Sent {
                        bytes: data.len() as u64,
                        ..Sent::default()
                    });
                    Some((Ok(BytesMessage { data }), Some(pieces)))
                }
                Err(error) => {
                    let message = format!("cannot read standard input: {error}");
                    ledger.failed(Failure::local(message.clone()));
                    Some((Err(Status::aborted(message)), None))
                }
            }
        }
    })
}

/// The next bytes, as many as make a message unless they end before. Empty at the end.
async fn piece(reader: &mut Reader) -> io::Result<BytesMut> {
    let mut piece = BytesMut::with_capacity(PIECE);
    while piece.len() < PIECE {
        if reader.read_buf(&mut piece).await? == 0 {
            break;
        }
    }
    Ok(piece)
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;

    use super::*;

    #[tokio::test]
    async fn all_bytes_arrive_in_order_and_are_counted() {
        let bytes: Vec<u8> = (0..=250).cycle().take(PIECE * 2 + 7).collect();
        let upload = Upload::new(io::Cursor::new(bytes.clone())).unwrap();
        let ledger = Ledger::default();
        let messages: Vec<_> = messages(upload.pieces().unwrap(), ledger.clone())
            .collect()
            .await;
        assert_eq!(messages.len(), 3);
        let data: Vec<u8> = messages.into_iter().flat_map(|m| m.unwrap().data).collect();
        assert!(data == bytes);
        assert_eq!(ledger.total_sent().bytes, bytes.len() as u64);
        assert!(upload.pieces().is_none(), "it is given only once");
    }

    #[tokio::test]
    async fn several_daemons_get_all_of_it() {
        let upload = Upload::new(&b"an archive"[..]).unwrap();
        upload.share().unwrap();
        for _ in 0..2 {
            let messages = messages(upload.pieces().unwrap(), Ledger::default());
            let data: Vec<u8> = messages
                .map(|message| message.unwrap().data.to_vec())
                .concat()
                .await;
            assert_eq!(data, b"an archive");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_said() {
        struct Broken;
        impl AsyncRead for Broken {
            fn poll_read(
                self: Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
                _: &mut tokio::io::ReadBuf<'_>,
            ) -> std::task::Poll<io::Result<()>> {
                std::task::Poll::Ready(Err(io::Error::other("a bad disk")))
            }
        }
        let ledger = Ledger::default();
        let upload = Upload::new(Broken).unwrap();
        let mut messages = Box::pin(messages(upload.pieces().unwrap(), ledger.clone()));
        assert!(messages.next().await.unwrap().is_err());
        assert!(messages.next().await.is_none());
        let failure = ledger.take_failure("").unwrap().to_string();
        assert_eq!(failure, "cannot read standard input: a bad disk");
    }
}
