//! The session's tunnel: HTTP/2 inside the messages of one call.
//!
//! The daemon is the client of the inner connection and we are its server. Slices of the inner
//! byte stream travel in `BytesMessage`s, without framing of their own.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use futures::channel::mpsc;
use futures::future::BoxFuture;
use futures::{FutureExt as _, Stream as _};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tonic::transport::server::Connected;
use tonic::{Status, Streaming};

use crate::proto::control::BytesMessage;

/// Bytes of one outgoing message: large enough that the cost per message vanishes, small enough
/// that answers to the daemon's health checks do not wait behind it.
const SLICE: usize = 64 << 10;

/// Outgoing messages that may wait for the connection.
const BACKLOG: usize = 16;

/// The inner connection as a stream of bytes.
pub(super) struct Tunnel {
    incoming: Incoming,
    readable: Bytes,
    outgoing: mpsc::Sender<BytesMessage>,
    pending: BytesMut,
}

/// What the daemon sends, once it has begun to.
enum Incoming {
    Awaited(BoxFuture<'static, Result<Streaming<BytesMessage>, Status>>),
    Open(Box<Streaming<BytesMessage>>),
}

impl Incoming {
    fn poll_message(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<BytesMessage, Status>>> {
        loop {
            match self {
                Self::Open(messages) => return Pin::new(messages).poll_next(context),
                Self::Awaited(answer) => match ready!(answer.poll_unpin(context)) {
                    Ok(messages) => *self = Self::Open(Box::new(messages)),
                    Err(status) => return Poll::Ready(Some(Err(status))),
                },
            }
        }
    }
}

impl Tunnel {
    /// The queue of outgoing messages: one end for the tunnel, one for the body of the call.
    pub(super) fn queue() -> (mpsc::Sender<BytesMessage>, mpsc::Receiver<BytesMessage>) {
        mpsc::channel(BACKLOG)
    }

    /// A tunnel that reads what the daemon sends and writes into the queue. It can be written to before
    /// the daemon has answered: the daemon's end waits for our first frame before it asks for anything,
    /// and that frame need not wait a round trip for the answer.
    pub(super) fn new(
        incoming: impl Future<Output = Result<Streaming<BytesMessage>, Status>> + Send + 'static,
        outgoing: mpsc::Sender<BytesMessage>,
    ) -> Self {
        Self {
            incoming: Incoming::Awaited(incoming.boxed()),
            readable: Bytes::new(),
            outgoing,
            pending: BytesMut::new(),
        }
    }

    /// Moves what is pending into the queue.
    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.pending.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        ready!(self.outgoing.poll_ready(context)).map_err(gone)?;
        let data = self.pending.split().freeze();
        self.outgoing
            .start_send(BytesMessage { data })
            .map_err(gone)?;
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Tunnel {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.readable.is_empty() {
            match ready!(self.incoming.poll_message(context)) {
                Some(Ok(message)) => self.readable = message.data,
                Some(Err(status)) => return Poll::Ready(Err(io::Error::other(status))),
                None => return Poll::Ready(Ok(())),
            }
        }
        let length = self.readable.len().min(buffer.remaining());
        buffer.put_slice(&self.readable[..length]);
        self.readable.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tunnel {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.pending.len() >= SLICE {
            ready!(self.poll_send(context))?;
        }
        let length = buffer.len().min(SLICE - self.pending.len());
        self.pending.reserve(length);
        self.pending.extend_from_slice(&buffer[..length]);
        Poll::Ready(Ok(length))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut written = 0;
        for buffer in buffers {
            let mut rest = &buffer[..];
            while !rest.is_empty() {
                match self.as_mut().poll_write(context, rest) {
                    Poll::Ready(Ok(length)) => {
                        written += length;
                        rest = &rest[length..];
                    }
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending if written > 0 => return Poll::Ready(Ok(written)),
                    Poll::Pending => return Poll::Pending,
                }
            }
        }
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_send(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(context))?;
        self.outgoing.close_channel();
        Poll::Ready(Ok(()))
    }
}

impl Connected for Tunnel {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}
