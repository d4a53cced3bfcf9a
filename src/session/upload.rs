//! The session's upload service: the daemon pulls what comes on standard input.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::BytesMut;
use futures::Stream;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tonic::{Request, Response, Status, Streaming};

use crate::files::Sent;
use crate::proto::upload::{BytesMessage, upload_server};

use super::failure::Failure;
use super::id::random_id;
use super::ledger::Ledger;

/// Bytes of one message. A pipe gives less at a time; few messages cost less.
const PIECE: usize = 256 << 10;

type Reader = Box<dyn AsyncRead + Send + Unpin>;

/// Bytes that the daemon pulls once, as they come: an archive that is the build context.
#[derive(Clone)]
pub struct Upload {
    id: String,
    reader: Arc<Mutex<Option<Reader>>>,
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("id", &self.id)
            .finish_non_exhaustive()
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
            reader: Arc::new(Mutex::new(Some(Box::new(reader)))),
        })
    }

    /// The address under which the daemon asks for it. Its host is no host: the daemon turns to the
    /// session instead.
    pub fn url(&self) -> String {
        format!("http://buildkit-session/{}", self.id)
    }

    fn take(&self) -> Option<Reader> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader.take()
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
        let Some(reader) = upload.take() else {
            self.ledger.failed(Failure::local(
                "the build context on standard input was sent already, and can be read only once",
            ));
            return Err(Status::aborted("standard input was sent already"));
        };
        Ok(Response::new(Box::pin(messages(
            reader,
            self.ledger.clone(),
        ))))
    }
}

fn messages(
    reader: Reader,
    ledger: Ledger,
) -> impl Stream<Item = Result<BytesMessage, Status>> + Send {
    futures::stream::unfold(Some(reader), move |reader| {
        let ledger = ledger.clone();
        async move {
            let mut reader = reader?;
            match piece(&mut reader).await {
                Ok(data) if data.is_empty() => None,
                Ok(data) => {
                    ledger.sent(Sent {
                        bytes: data.len() as u64,
                        ..Sent::default()
                    });
                    let data = data.freeze();
                    Some((Ok(BytesMessage { data }), Some(reader)))
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
        let messages: Vec<_> = messages(upload.take().unwrap(), ledger.clone())
            .collect()
            .await;
        assert_eq!(messages.len(), 3);
        let data: Vec<u8> = messages.into_iter().flat_map(|m| m.unwrap().data).collect();
        assert!(data == bytes);
        assert_eq!(ledger.total_sent().bytes, bytes.len() as u64);
        assert!(upload.take().is_none(), "it is given only once");
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
        let mut messages = Box::pin(messages(upload.take().unwrap(), ledger.clone()));
        assert!(messages.next().await.unwrap().is_err());
        assert!(messages.next().await.is_none());
        let failure = ledger.take_failure("").unwrap().to_string();
        assert_eq!(failure, "cannot read standard input: a bad disk");
    }
}
