//! The pump between a byte stream and the WebSocket of a port-forward.
//!
//! Two tasks, one for each direction, that share nothing: a direction that is stuck never holds up
//! the other one. Frames are `channel, bytes`; channel 0 carries data, channel 1 one text that says
//! why it failed, and the first frame of each is the number of the port.

use std::io;
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

/// Bytes that wait for the socket at most.
const OUTGOING: usize = 512 * 1024;
/// Bytes of one outgoing frame at most.
const FRAME: usize = 128 * 1024;
/// Frames from the pod that wait for a reader at most; the kubelet sends 32 KiB each.
const INCOMING: usize = 16;
/// Proxies cut connections on which nothing moves for a minute.
const PING: Duration = Duration::from_secs(25);
/// How long bytes that are still on their way when the tunnel is dropped may take.
const LAST_BYTES: Duration = Duration::from_secs(1);

const DATA: u8 = 0;
const ERROR: u8 = 1;

type Socket<S> = WebSocketStream<S>;

/// Bytes to and from a port of a pod. Dropping it ends the connection.
///
/// The protocol has no half-close: `shutdown` sends what was written and then ends the connection,
/// and what the pod says after that may be lost.
#[derive(Debug)]
pub struct Tunnel {
    outgoing: DuplexStream,
    incoming: mpsc::Receiver<io::Result<Bytes>>,
    unread: Bytes,
    end: Arc<OnceLock<End>>,
    _alive: oneshot::Sender<()>,
}

impl Tunnel {
    /// Starts the pump for `port` over an open WebSocket.
    pub(super) fn over<S>(socket: Socket<S>, port: u16) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
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
        tokio::spawn(receive(stream, sender, port, ending));
        tokio::spawn(send_while_wanted(sink, pipe, dropped, closed));
        Self {
            outgoing,
            incoming,
            unread: Bytes::new(),
            end,
            _alive: alive,
        }
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
        Poll::Ready(written.map_err(|error| match self.end.get() {
            Some(End(kind, text)) => io::Error::new(*kind, text.clone()),
            None => error,
        }))
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
async fn send_while_wanted<S>(
    sink: SplitSink<Socket<S>, Message>,
    pipe: DuplexStream,
    dropped: oneshot::Receiver<()>,
    closed: oneshot::Receiver<()>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let sending = send(sink, pipe);
    tokio::pin!(sending);
    tokio::select! {
        // The reader tells why a connection ended; here it only ends.
        _ = &mut sending => {}
        _ = closed => {}
        _ = dropped => {
            let _ = tokio::time::timeout(LAST_BYTES, sending).await;
        }
    }
}

async fn send<S>(
    mut sink: SplitSink<Socket<S>, Message>,
    mut pipe: DuplexStream,
) -> Result<(), tungstenite::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut ping = tokio::time::interval(PING);
    ping.reset();
    let mut frame = BytesMut::new();
    loop {
        let mut filled = tokio::select! {
            filled = fill(&mut pipe, &mut frame) => Some(filled),
            _ = ping.tick() => {
                sink.send(Message::Ping(Bytes::new())).await?;
                continue;
            }
        };
        // All that waits already goes out before the flush.
        while let Some(bytes) = filled {
            if !bytes {
                return sink.close().await;
            }
            sink.feed(Message::Binary(frame.split().freeze())).await?;
            filled = fill(&mut pipe, &mut frame).now_or_never();
        }
        sink.flush().await?;
    }
}

/// Makes a frame of what waits to be sent; says whether there was anything before the end.
///
/// Nothing is lost when this is dropped half way: bytes leave the pipe only when it completes.
async fn fill(pipe: &mut DuplexStream, frame: &mut BytesMut) -> bool {
    if frame.is_empty() {
        frame.reserve(1 + FRAME);
        frame.put_u8(DATA);
    }
    pipe.read_buf(frame).await.is_ok_and(|length| length > 0)
}

/// The task from the pod.
async fn receive<S>(
    mut stream: SplitStream<Socket<S>>,
    sender: mpsc::Sender<io::Result<Bytes>>,
    port: u16,
    ending: Ending,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut frames = Frames::new(port);
    loop {
        let message = tokio::select! {
            message = stream.next() => message,
            () = sender.closed() => return,
        };
        let bytes = match message {
            None | Some(Ok(Message::Close(_))) => return,
            Some(Ok(Message::Binary(frame))) => frames.take(frame),
            Some(Ok(_)) => continue,
            Some(Err(error)) => Err(lost(error)),
        };
        let failed = bytes.is_err();
        if let Err(error) = &bytes {
            let _ = ending.end.set(End(error.kind(), error.to_string()));
        }
        let bytes = match bytes {
            Ok(bytes) if bytes.is_empty() => continue,
            bytes => bytes,
        };
        if sender.send(bytes).await.is_err() || failed {
            return;
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

/// What frames from the pod mean.
#[derive(Debug)]
struct Frames {
    port: u16,
    begun: [bool; 2],
}

impl Frames {
    const fn new(port: u16) -> Self {
        Self {
            port,
            begun: [false; 2],
        }
    }

    /// The data of a frame; empty if it carries none.
    fn take(&mut self, mut frame: Bytes) -> io::Result<Bytes> {
        if frame.is_empty() {
            return Ok(frame);
        }
        let channel = frame.get_u8();
        let begun = self
            .begun
            .get_mut(usize::from(channel))
            .ok_or_else(|| invalid(&format!("frame on channel {channel}")))?;
        if !*begun {
            *begun = true;
            return match frame[..] {
                [low, high] if u16::from_le_bytes([low, high]) == self.port => Ok(Bytes::new()),
                _ => Err(invalid("no port in the first frame")),
            };
        }
        if channel == ERROR && !frame.is_empty() {
            return Err(refused(&frame));
        }
        Ok(frame)
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("this is no port-forward: {what}"),
    )
}

/// The error that the kubelet reports. Its text is all there is to tell causes apart.
fn refused(text: &[u8]) -> io::Error {
    let text = String::from_utf8_lossy(text).trim().to_owned();
    let kind = if text.contains("connection refused") {
        io::ErrorKind::ConnectionRefused
    } else if text.contains("reset by peer") || text.contains("broken pipe") {
        io::ErrorKind::ConnectionReset
    } else {
        io::ErrorKind::Other
    };
    io::Error::new(kind, text)
}

#[cfg(test)]
#[path = "tunnel_tests.rs"]
mod tests;
