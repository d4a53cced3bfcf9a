//! Packets of files as the body of a gRPC answer.
//!
//! tonic compresses all messages of an answer or none. Whether that pays shows only while files are on
//! their way, so frames are made here, each with a flag of its own. A file's contents pass as they were
//! read, without a copy.

use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use bytes::{BufMut as _, Bytes, BytesMut};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::StreamExt as _;
use http::{HeaderMap, HeaderValue};
use http_body_util::StreamBody;
use hyper::body::Frame;
use prost::Message as _;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tonic::Status;
use tonic::body::Body;

use crate::files::Batch;
use crate::proto::fsutil::Packet;

use super::pace::Pace;

/// Contents of this size and more are not copied together with what is before them.
const APART: usize = 16 << 10;
/// Smaller messages are not compressed: names of files, and the smallest ones.
const WORTH_IT: usize = 512;
/// Batches that are compressed at the same time at most.
const AHEAD: usize = 3;
/// A batch with fewer bytes of files says nothing of how they shrink.
const MEANINGFUL: usize = 32 << 10;
/// The header of a message: whether it is compressed, and its length.
const HEADER: usize = 5;
/// The key of `Packet.data`, which is the last field.
const DATA_KEY: u8 = 4 << 3 | 2;

/// The answer that consists of `batches`. `pace` says when to compress them; there is none if the daemon does
/// not take gzip.
pub(super) fn answer(batches: mpsc::Receiver<Batch>, pace: Option<Pace>) -> http::Response<Body> {
    let takes_gzip = pace.is_some();
    let body = Packets {
        batches,
        ready: VecDeque::new(),
        ahead: VecDeque::new(),
        pace,
        last: Instant::now(),
        handed_over: None,
    };
    let chunks = futures::stream::unfold(body, |mut body| async move {
        let chunk = body.next().await?;
        Some((Ok::<_, Status>(Frame::data(chunk)), body))
    });
    let end = async { Ok(Frame::trailers(done())) };
    let body = StreamBody::new(chunks.chain(futures::stream::once(end)));
    let mut answer = http::Response::new(Body::new(body));
    let headers = answer.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/grpc"));
    if takes_gzip {
        headers.insert("grpc-encoding", HeaderValue::from_static("gzip"));
    }
    answer
}

/// What a call that ended well says of itself.
fn done() -> HeaderMap {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    trailers
}

/// A part of the body, and how many bytes of files are in it.
struct Chunk {
    bytes: Bytes,
    content: usize,
}

struct Packets {
    batches: mpsc::Receiver<Batch>,
    ready: VecDeque<Chunk>,
    /// Batches that are being compressed, all of them before those in `batches`.
    ahead: VecDeque<JoinHandle<Chunk>>,
    pace: Option<Pace>,
    /// When the pace was told of anything last.
    last: Instant,
    /// When the last chunk was handed over, and the bytes of files in it. It is taken when the next one
    /// is asked for.
    handed_over: Option<(Instant, usize)>,
}

impl Packets {
    async fn next(&mut self) -> Option<Bytes> {
        self.measure();
        while self.ready.is_empty() {
            self.compress_what_waits();
            if let Some(compressing) = self.ahead.pop_front() {
                self.finish(compressing).await?;
                continue;
            }
            let batch = self.batches.recv().await?;
            match self.compression() {
                None => self.ready.extend(plain(batch)),
                Some(compression) => self.compress(batch, compression),
            }
        }
        let Chunk { bytes, content } = self.ready.pop_front()?;
        self.handed_over = Some((Instant::now(), content));
        Some(bytes)
    }

    fn compression(&self) -> Option<Compression> {
        self.pace.as_ref().and_then(Pace::compression)
    }

    /// Begins to compress some of what is there: the connection need not wait for each batch then.
    fn compress_what_waits(&mut self) {
        while self.ahead.len() < AHEAD
            && let Some(compression) = self.compression()
            && let Ok(batch) = self.batches.try_recv()
        {
            self.compress(batch, compression);
        }
    }

    /// Tells the pace how long the connection took for the last chunk: it asks for the next one when it
    /// has room again.
    fn measure(&mut self) {
        let Some(pace) = &mut self.pace else {
            return;
        };
        let now = Instant::now();
        let elapsed = now.duration_since(self.last);
        self.last = now;
        let (waited, content) = match self.handed_over.take() {
            Some((since, content)) => (now.duration_since(since), content),
            None => (Duration::ZERO, 0),
        };
        pace.passed(elapsed, waited, content);
    }

    /// Compresses the batch on a thread where that holds nothing up.
    fn compress(&mut self, batch: Batch, compression: Compression) {
        let task = tokio::task::spawn_blocking(move || compressed(batch, compression));
        self.ahead.push_back(task);
    }

    /// Waits for a batch that is compressed. `None` if the program ends.
    async fn finish(&mut self, compressing: JoinHandle<Chunk>) -> Option<()> {
        let begun = Instant::now();
        let chunk = compressing.await.ok()?;
        if let Some(pace) = &mut self.pace
            && chunk.content > MEANINGFUL
        {
            pace.shrunk(chunk.content, chunk.bytes.len(), begun.elapsed());
        }
        self.ready.push_back(chunk);
        Some(())
    }
}

/// The frames of messages as they are.
fn plain(batch: Batch) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut head = BytesMut::new();
    let mut content = 0;
    for mut packet in batch {
        put_header(&mut head, false, packet.encoded_len());
        if packet.data.len() < APART {
            content += packet.data.len();
            put(&mut head, &packet);
            continue;
        }
        let data = std::mem::take(&mut packet.data);
        put(&mut head, &packet);
        put_key(&mut head, data.len());
        let bytes = head.split().freeze();
        chunks.push(Chunk { bytes, content });
        content = 0;
        chunks.push(Chunk {
            content: data.len(),
            bytes: data,
        });
    }
    if !head.is_empty() {
        let bytes = head.freeze();
        chunks.push(Chunk { bytes, content });
    }
    chunks
}

/// The frames of messages, those compressed for which that pays.
fn compressed(batch: Batch, compression: Compression) -> Chunk {
    let mut frames = BytesMut::new();
    let mut content = 0;
    for packet in batch {
        let length = packet.encoded_len();
        content += packet.data.len();
        if packet.data.len() >= WORTH_IT
            && let Ok(small) = gzip(&packet, compression)
            && small.len() < length - length / 16
        {
            put_header(&mut frames, true, small.len());
            frames.put_slice(&small);
        } else {
            put_header(&mut frames, false, length);
            put(&mut frames, &packet);
        }
    }
    Chunk {
        bytes: frames.freeze(),
        content,
    }
}

fn gzip(packet: &Packet, compression: Compression) -> io::Result<Vec<u8>> {
    let half = Vec::with_capacity(packet.data.len() / 2);
    let mut gzip = GzEncoder::new(half, compression);
    gzip.write_all(&packet.encode_to_vec())?;
    gzip.finish()
}

fn put_header(buffer: &mut BytesMut, is_compressed: bool, length: usize) {
    buffer.reserve(HEADER + length.min(APART));
    buffer.put_u8(is_compressed.into());
    // No packet is near 4 GiB: pieces of files are 256 KiB, and paths are shorter than that.
    buffer.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
}

fn put(buffer: &mut BytesMut, packet: &Packet) {
    // A `BytesMut` always has room.
    let _ = packet.encode(buffer);
}

/// What is before the contents of a file in its message.
fn put_key(buffer: &mut BytesMut, length: usize) {
    buffer.put_u8(DATA_KEY);
    let _ = prost::encode_length_delimiter(length, buffer);
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;
    use crate::proto::fsutil::Stat;
    use crate::proto::fsutil::packet::Type;

    fn packet(kind: Type, id: u32, data: impl Into<Bytes>) -> Packet {
        Packet {
            r#type: kind.into(),
            id,
            data: data.into(),
            ..Packet::default()
        }
    }

    fn batch() -> Batch {
        let mut offer = packet(Type::Stat, 0, "");
        offer.stat = Some(Stat {
            path: Bytes::from_static(b"a/b"),
            size: 7,
            ..Stat::default()
        });
        let text = Bytes::from("fn main() {}\n".repeat(20_000));
        let noise: Vec<u8> = (0..100_000_u64)
            .map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15))
            .map(|i| {
                (i ^ i >> 29)
                    .wrapping_mul(0xbf58_476d_1ce4_e5b9)
                    .to_be_bytes()[0]
            })
            .collect();
        vec![
            offer,
            packet(Type::Data, 300, text.slice(..100)),
            packet(Type::Data, 300, text.clone()),
            packet(Type::Data, 7, noise),
            packet(Type::Data, 7, text.slice(..APART)),
            packet(Type::Data, 300, ""),
            packet(Type::Fin, 0, ""),
        ]
    }

    /// The messages in the frames of chunks, and which of them were compressed.
    fn read(chunks: &[Chunk]) -> (Batch, Vec<bool>) {
        let bytes: Vec<u8> = chunks
            .iter()
            .flat_map(|chunk| chunk.bytes.to_vec())
            .collect();
        let mut rest = &bytes[..];
        let mut messages = Batch::new();
        let mut flags = Vec::new();
        while let [flag, a, b, c, d, after @ ..] = rest {
            let length = u32::from_be_bytes([*a, *b, *c, *d]);
            let (message, after) = after.split_at(usize::try_from(length).unwrap());
            rest = after;
            let mut plain = Vec::new();
            if *flag == 1 {
                GzDecoder::new(message).read_to_end(&mut plain).unwrap();
            } else {
                plain.extend_from_slice(message);
            }
            messages.push(Packet::decode(&plain[..]).unwrap());
            flags.push(*flag == 1);
        }
        assert!(rest.is_empty());
        (messages, flags)
    }

    #[test]
    fn messages_are_the_same_either_way() {
        let content = |chunks: &[Chunk]| chunks.iter().map(|chunk| chunk.content).sum::<usize>();
        let want: usize = batch().iter().map(|packet| packet.data.len()).sum();
        let plain = plain(batch());
        assert_eq!(content(&plain), want);
        let (messages, flags) = read(&plain);
        assert_eq!(messages, batch());
        assert_eq!(flags, [false; 7]);
        let compressed = [compressed(batch(), Compression::fast())];
        assert_eq!(content(&compressed), want);
        let (messages, flags) = read(&compressed);
        assert_eq!(messages, batch());
        assert_eq!(flags, [false, false, true, false, true, false, false]);
    }

    #[test]
    fn contents_are_not_copied() {
        let data = Bytes::from(vec![7; APART]);
        let chunks = plain(vec![packet(Type::Data, 1, data.clone())]);
        assert_eq!(chunks[1].bytes.as_ptr(), data.as_ptr());
    }
}
