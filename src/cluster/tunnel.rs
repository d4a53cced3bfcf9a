//! The pump between a byte stream and a WebSocket to a pod.
//!
//! Two tasks, one for each direction, that share nothing: a direction that is stuck never holds up
//! the other one.

use std::io;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use futures::stream::{SplitSink, SplitStream};
use futures::{FutureExt, SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, DuplexStream, ReadBuf};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{self, Message};

use super::channels::{Channels, Head, Outgoing};

/// Bytes that wait for the socket at most.
const OUTGOING: usize = 1024 * 1024;
/// Bytes of one outgoing frame at most. The larger, the less work for the node; but containerd may hold 50 of
/// them for a connection whose other end is slow.
const FRAME: usize = 512 * 1024;
/// Frames from the pod that wait for a reader at most; the kubelet sends 32 KiB each.
const INCOMING: usize = 16;
/// Proxies cut connections on which nothing moves for a minute.
const PING: Duration = Duration::from_secs(25);
/// How long bytes that are still on their way when the tunnel is dropped may take.
const LAST_BYTES: Duration = Duration::from_secs(1);

type Socket<S> = WebSocketStream<S>;

/// Bytes to and from a pod. Dropping it ends the connection.
///
/// There is no half-close: `shutdown` sends what was written and then ends the connection, and what
/// the pod says after that may be lost.
#[derive(Debug)]
pub struct Tunnel {
    /// Drops first: the reader's end must not look like the pod's, which would cut the last bytes.
    _alive: oneshot::Sender<()>,
    outgoing: DuplexStream,
    incoming: mpsc::Receiver<io::Result<Bytes>>,
    unread: Bytes,
    end: Arc<OnceLock<End>>,
}

impl Tunnel {
    /// Starts the pump over an open WebSocket.
    pub(super) fn over<S>(socket: Socket<S>, channels: Box<dyn Channels>) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let outgoing_as = channels.outgoing();
        let (sink, stream) = socket.split();
        // Only one of its directions is used; unlike a simplex it notices that the other end is gone.
        let (pipe, outgoing) = tokio::io::duplex(OUTGOING);
        let (sender, incoming) = mpsc::channel(INCOMING);
        let (alive, dropped) = oneshot::channel();
        let (open, closed) = oneshot::channel();
        let end = Arc::new(OnceLock::new());
        let ending = Ending {
            end: Arc::clone(&end),
            _open: open,
        };
        tokio::spawn(receive(stream, sender, channels, ending));
        let sending = send(sink, pipe, outgoing_as);
        tokio::spawn(send_while_wanted(sending, dropped, closed));
        Self {
            _alive: alive,
            outgoing,
            incoming,
            unread: Bytes::new(),
            end,
        }
    }

    /// What will be known of its end, for who gives the tunnel away.
    pub fn fate(&self) -> Fate {
        Fate(Arc::clone(&self.end))
    }
}

/// How a tunnel ended.
#[derive(Debug, Clone)]
pub struct Fate(Arc<OnceLock<End>>);

impl Fate {
    /// Why it failed, if it did. Who reads from it through other layers may see less.
    pub fn error(&self) -> Option<io::Error> {
        let End(kind, text) = self.0.get()?;
        Some(io::Error::new(*kind, text.clone()))
    }

    /// Whether it failed because nothing listens there (yet).
    pub fn is_refused(&self) -> bool {
        let end = self.0.get();
        end.is_some_and(|End(kind, _)| *kind == io::ErrorKind::ConnectionRefused)
    }
}

/// Why a connection ended. The side that writes often notices first, but knows no reason.
#[derive(Debug)]
struct End(io::ErrorKind, String);

/// Tells the task to the pod, when it drops, that the connection ended.
struct Ending {
    end: Arc<OnceLock<End>>,
    _open: oneshot::Sender<()>,
}

impl AsyncRead for Tunnel {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.unread.is_empty() {
            match ready!(self.incoming.poll_recv(cx)) {
                Some(Ok(bytes)) => self.unread = bytes,
                Some(Err(error)) => return Poll::Ready(Err(error)),
                None => return Poll::Ready(Ok(())),
            }
        }
        let length = self.unread.len().min(buffer.remaining());
        buffer.put_slice(&self.unread[..length]);
        self.unread.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tunnel {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.outgoing).poll_write(cx, bytes));
        Poll::Ready(written.map_err(|error| self.fate().error().unwrap_or(error)))
    }

    /// The pump flushes by itself whenever nothing more waits to be sent.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.outgoing).poll_shutdown(cx)
    }
}

/// The task to the pod: ends soon after the tunnel is dropped, at once when the socket is closed.
async fn send_while_wanted(
    sending: impl Future<Output = Result<(), tungstenite::Error>>,
    dropped: oneshot::Receiver<()>,
    closed: oneshot::Receiver<()>,
) {
    tokio::pin!(sending);
    tokio::select! {
        biased;
        // The reader tells why a connection ended; here it only ends.
        _ = &mut sending => {}
        _ = dropped => {
            let _ = tokio::time::timeout(LAST_BYTES, sending).await;
        }
        _ = closed => {}
    }
}

async fn send<S>(
    mut sink: SplitSink<Socket<S>, Message>,
    mut pipe: DuplexStream,
    outgoing: Outgoing,
) -> Result<(), tungstenite::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut ping = tokio::time::interval(PING);
    ping.reset();
    if let Some(greeting) = outgoing.greeting {
        sink.send(Message::Binary(greeting)).await?;
    }
    let head = outgoing.head;
    let mut frame = BytesMut::new();
    loop {
        let mut filled = tokio::select! {
            filled = fill(&mut pipe, &mut frame, head.length) => Some(filled),
            _ = ping.tick() => {
                sink.send(Message::Ping(Bytes::new())).await?;
                continue;
            }
        };
        // All that waits already goes out before the flush.
        while let Some(bytes) = filled {
            if !bytes {
                if let Some(frame) = outgoing.farewell {
                    sink.feed(Message::Binary(Bytes::from_static(frame)))
                        .await?;
                }
                return sink.close().await;
            }
            sink.feed(Message::Binary(sealed(&mut frame, head))).await?;
            filled = fill(&mut pipe, &mut frame, head.length).now_or_never();
        }
        sink.flush().await?;
    }
}

/// Makes a frame of what waits to be sent, behind room for its head; says whether there was anything before the end.
///
/// Nothing is lost when this is dropped half way: bytes leave the pipe only when it completes.
async fn fill(pipe: &mut DuplexStream, frame: &mut BytesMut, head: usize) -> bool {
    if frame.is_empty() {
        frame.reserve(head + FRAME);
        frame.put_bytes(0, head);
    }
    pipe.read_buf(frame).await.is_ok_and(|length| length > 0)
}

/// The frame with its head.
fn sealed(frame: &mut BytesMut, head: Head) -> Bytes {
    let mut message = frame.split();
    let (first, data) = message.split_at_mut(head.length);
    (head.write)(first, data.len());
    message.freeze()
}

/// The task from the pod.
async fn receive<S>(
    mut stream: SplitStream<Socket<S>>,
    sender: mpsc::Sender<io::Result<Bytes>>,
    mut channels: Box<dyn Channels>,
    ending: Ending,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut data = Vec::new();
    loop {
        let message = tokio::select! {
            message = stream.next() => message,
            () = sender.closed() => return,
        };
        let taken = match message {
            None | Some(Ok(Message::Close(_))) => channels.end().map(ControlFlow::Break),
            Some(Ok(Message::Binary(frame))) => channels.take(frame, &mut data),
            Some(Ok(_)) => continue,
            Some(Err(error)) => Err(lost(error)),
        };
        if let Err(error) = &taken {
            let _ = ending.end.set(End(error.kind(), error.to_string()));
        }
        for bytes in data.drain(..) {
            if !bytes.is_empty() && sender.send(Ok(bytes)).await.is_err() {
                return;
            }
        }
        match taken {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(())) => return,
            Err(error) => {
                let _ = sender.send(Err(error)).await;
                return;
            }
        }
    }
}

fn lost(error: tungstenite::Error) -> io::Error {
    match error {
        tungstenite::Error::Io(error) => error,
        tungstenite::Error::Protocol(
            tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
        ) => io::Error::new(
            io::ErrorKind::ConnectionReset,
            "the API server ended the connection",
        ),
        other => io::Error::other(other),
    }
}

#[cfg(test)]
#[path = "tunnel_tests.rs"]
mod tests;
