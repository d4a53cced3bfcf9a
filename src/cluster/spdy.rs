//! A port-forward in SPDY/3.1, which the API server takes in the messages of a WebSocket and hands to the
//! kubelet as it is.
//!
//! The older protocol of a port-forward, with channels, is taken apart by the container runtime, with a library
//! that looks at each byte and copies it five times: a GiB costs containerd 14 seconds of CPU that way, and 4 in
//! SPDY (docs/performance.md).
//!
//! Of SPDY there is what a port-forward needs: two streams, one for the bytes and one for the text of an error.
//! There is no flow control, as in the library that all container runtimes use (moby/spdystream). It handles the
//! frames of a stream in their order, so bytes may follow the opening of a stream at once.

use std::io;
use std::ops::ControlFlow;

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::channels::{Channels, Head, Outgoing, invalid, refused};

/// What it is called as a protocol of a WebSocket.
pub(super) const PROTOCOL: &str = "SPDY/3.1+portforward.k8s.io";

/// The streams that a client opens have odd numbers.
const ERRORS: u32 = 1;
const DATA: u32 = 3;

/// The first bit of a control frame, and the version.
const CONTROL: u16 = 0x8003;
const SYN_STREAM: u16 = 1;
const RST_STREAM: u16 = 3;
const GOAWAY: u16 = 7;
const FIN: u8 = 1;

/// Bytes before the content of any frame.
const HEAD: usize = 8;
/// Bytes of an error's text that are kept, and of a control frame that is looked at.
const KEPT: usize = 4096;

/// A data frame without data that ends the stream of bytes.
const FAREWELL: &[u8] = &[0, 0, 0, 3, FIN, 0, 0, 0];

/// The frames from the pod. They come in messages that begin and end anywhere.
#[derive(Debug)]
pub(super) struct Spdy {
    port: u16,
    /// The beginning of a head.
    head: BytesMut,
    /// The frame whose content is read.
    frame: Option<Frame>,
}

#[derive(Debug)]
struct Frame {
    kind: Kind,
    is_last: bool,
    /// Bytes that are still to come.
    left: usize,
    /// What came, unless it is data.
    kept: BytesMut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Data,
    Error,
    Reset,
    GoAway,
    /// Replies and what else says nothing that is not known.
    Other,
}

impl Spdy {
    pub(super) fn new(port: u16) -> Self {
        Self {
            port,
            head: BytesMut::with_capacity(HEAD),
            frame: None,
        }
    }

    /// Takes from `message` what the head of the next frame lacks.
    fn take_head(&mut self, message: &mut Bytes) -> io::Result<()> {
        let lacking = (HEAD - self.head.len()).min(message.len());
        self.head.put(message.split_to(lacking));
        if self.head.len() == HEAD {
            self.frame = Some(frame(&self.head)?);
            self.head.clear();
        }
        Ok(())
    }
}

impl Channels for Spdy {
    fn take(&mut self, mut message: Bytes, data: &mut Vec<Bytes>) -> io::Result<ControlFlow<()>> {
        // A frame may have no content: it is at its end without another byte.
        while !message.is_empty() || self.frame.as_ref().is_some_and(|frame| frame.left == 0) {
            let Some(frame) = &mut self.frame else {
                self.take_head(&mut message)?;
                continue;
            };
            let content = message.split_to(frame.left.min(message.len()));
            frame.left -= content.len();
            if frame.kind == Kind::Data && !content.is_empty() {
                data.push(content);
            } else {
                let room = KEPT.saturating_sub(frame.kept.len()).min(content.len());
                frame.kept.extend_from_slice(&content[..room]);
            }
            if frame.left == 0
                && let Some(frame) = self.frame.take()
                && frame.end()?.is_break()
            {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn outgoing(&self) -> Outgoing {
        Outgoing {
            greeting: Some(greeting(self.port)),
            head: Head {
                length: HEAD,
                write: write_head,
            },
            farewell: Some(FAREWELL),
        }
    }
}

impl Frame {
    /// What the frame says, now that all of it is there.
    fn end(&self) -> io::Result<ControlFlow<()>> {
        match self.kind {
            Kind::Data if self.is_last => Ok(ControlFlow::Break(())),
            Kind::Error if !self.kept.is_empty() => {
                Err(refused(String::from_utf8_lossy(&self.kept).trim()))
            }
            Kind::Reset if self.kept.starts_with(&DATA.to_be_bytes()) => Err(io::Error::new(
                io::ErrorKind::ConnectionReset,
                "the node ended the connection to the pod",
            )),
            Kind::GoAway => Ok(ControlFlow::Break(())),
            _ => Ok(ControlFlow::Continue(())),
        }
    }
}

/// Reads a head. A data frame names its stream, a control frame its version and type.
fn frame(mut head: &[u8]) -> io::Result<Frame> {
    let [first, second] = [head.get_u16(), head.get_u16()];
    let length = head.get_u32();
    let kind = match (first, second) {
        (CONTROL, RST_STREAM) => Kind::Reset,
        (CONTROL, GOAWAY) => Kind::GoAway,
        (CONTROL, _) => Kind::Other,
        (0, stream) if u32::from(stream) == DATA => Kind::Data,
        (0, stream) if u32::from(stream) == ERRORS => Kind::Error,
        (first, second) => {
            let text = format!("SPDY frame {first:#06x}{second:04x}");
            return Err(invalid("port-forward", &text));
        }
    };
    Ok(Frame {
        kind,
        is_last: length.to_be_bytes()[0] & FIN != 0,
        left: usize::try_from(length & 0x00ff_ffff).unwrap_or(usize::MAX),
        kept: BytesMut::new(),
    })
}

/// The head of a data frame. `length` is far below the 16 MiB that it may have.
fn write_head(mut head: &mut [u8], length: usize) {
    head.put_u32(DATA);
    put_length(&mut head, length);
}

/// Opens both streams. The one for errors comes first, as in kubectl.
fn greeting(port: u16) -> Bytes {
    let mut frames = BytesMut::new();
    // What the headers of all frames together are: one zlib stream, which begins like this.
    put_stream(&mut frames, ERRORS, &[0x78, 0x01], &headers("error", port));
    put_stream(&mut frames, DATA, &[], &headers("data", port));
    frames.freeze()
}

/// A frame that opens a stream. Its headers are a block of deflate that is stored, not compressed, and an empty
/// block: Go's reader hands out what it has when it sees one.
fn put_stream(frames: &mut BytesMut, stream: u32, prefix: &[u8], headers: &[u8]) {
    /// The stream, the one that it belongs to, and its priority.
    const FIXED: usize = 4 + 4 + 2;
    let mut blocks = prefix.to_vec();
    for content in [headers, &[]] {
        put_stored(&mut blocks, content);
    }
    frames.put_u16(CONTROL);
    frames.put_u16(SYN_STREAM);
    put_length(frames, FIXED + blocks.len());
    frames.put_u32(stream);
    frames.put_u32(0);
    frames.put_u16(0);
    frames.put_slice(&blocks);
}

/// A block of deflate that is not the last (RFC 1951, section 3.2.4). A few short words: no length comes near
/// the limit.
fn put_stored(blocks: &mut Vec<u8>, content: &[u8]) {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    blocks.put_u8(0);
    blocks.put_u16_le(length);
    blocks.put_u16_le(!length);
    blocks.put_slice(content);
}

fn put_length(buffer: &mut impl BufMut, length: usize) {
    buffer.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
}

/// The headers of a stream: how many there are, and each word after its length.
fn headers(stream_type: &str, port: u16) -> Vec<u8> {
    let port = port.to_string();
    let pairs = [
        ("streamtype", stream_type),
        ("port", &port),
        ("requestid", "0"),
    ];
    let mut block = Vec::new();
    block.put_u32(3);
    for word in pairs.iter().flat_map(|(name, value)| [*name, *value]) {
        put_length(&mut block, word.len());
        block.put_slice(word.as_bytes());
    }
    block
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::ZlibDecoder;

    use super::*;

    fn data_frame(stream: u32, flags: u8, data: &[u8]) -> Vec<u8> {
        let mut frame = stream.to_be_bytes().to_vec();
        frame.put_u32(u32::from(flags) << 24 | u32::try_from(data.len()).unwrap());
        frame.extend_from_slice(data);
        frame
    }

    fn control_frame(kind: u16, content: &[u8]) -> Vec<u8> {
        let mut frame = CONTROL.to_be_bytes().to_vec();
        frame.put_u16(kind);
        frame.put_u32(u32::try_from(content.len()).unwrap());
        frame.extend_from_slice(content);
        frame
    }

    /// All data of `stream`, in messages of so many bytes; and whether it goes on after that.
    fn read(stream: &[u8], size: usize) -> io::Result<(Vec<u8>, bool)> {
        let mut spdy = Spdy::new(1234);
        let mut data = Vec::new();
        for message in stream.chunks(size) {
            if spdy
                .take(Bytes::copy_from_slice(message), &mut data)?
                .is_break()
            {
                return Ok((data.concat(), false));
            }
        }
        Ok((data.concat(), true))
    }

    #[test]
    fn frames_are_found_wherever_messages_end() {
        let long = vec![7; 70_000];
        let stream = [
            control_frame(2, &[0, 0, 0, 1, 0, 0]),
            control_frame(2, &[0, 0, 0, 3, 0, 0]),
            data_frame(DATA, 0, b"hello"),
            data_frame(DATA, 0, b""),
            control_frame(6, &[0, 0, 0, 2]),
            data_frame(DATA, 0, &long),
            data_frame(ERRORS, FIN, b""),
            data_frame(DATA, 0, b"bye"),
        ]
        .concat();
        let want = [&b"hello"[..], &long, b"bye"].concat();
        for size in [1, 3, 7, 8, 9, 1000, 100_000] {
            assert_eq!(read(&stream, size).unwrap(), (want.clone(), true), "{size}");
        }
    }

    #[test]
    fn both_ways_to_say_the_end() {
        for end in [data_frame(DATA, FIN, b""), control_frame(GOAWAY, &[0; 8])] {
            let stream = [data_frame(DATA, 0, b"last"), end].concat();
            for size in [1, 1000] {
                assert_eq!(read(&stream, size).unwrap(), (b"last".to_vec(), false));
            }
        }
        let with_it = data_frame(DATA, FIN, b"last");
        assert_eq!(read(&with_it, 5).unwrap(), (b"last".to_vec(), false));
    }

    #[test]
    fn what_the_node_says_of_errors() {
        let text = b"dial tcp4 127.0.0.1:1234: connect: connection refused\n";
        let error = read(&data_frame(ERRORS, 0, text), 7).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert!(error.to_string().ends_with("connection refused"));
        let long = read(&data_frame(ERRORS, 0, &vec![b'x'; 100_000]), 1000).unwrap_err();
        assert_eq!(long.to_string().len(), KEPT);
        let reset = read(&control_frame(RST_STREAM, &[0, 0, 0, 3, 0, 0, 0, 5]), 5).unwrap_err();
        assert_eq!(reset.kind(), io::ErrorKind::ConnectionReset);
        read(&control_frame(RST_STREAM, &[0, 0, 0, 1, 0, 0, 0, 5]), 5).unwrap();
        for wrong in [&b"HTTP/1.1 400 Bad"[..], &data_frame(5, 0, b"x")] {
            let error = read(wrong, 16).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
    }

    #[test]
    fn the_greeting_opens_two_streams_whose_headers_are_one_zlib_stream() {
        let greeting = greeting(1234);
        let mut rest = &greeting[..];
        let mut streams = Vec::new();
        let mut zlib = Vec::new();
        while !rest.is_empty() {
            assert_eq!([rest.get_u16(), rest.get_u16()], [CONTROL, SYN_STREAM]);
            let length = usize::try_from(rest.get_u32()).unwrap();
            let (mut content, after) = rest.split_at(length);
            rest = after;
            streams.push(content.get_u32());
            content.advance(6);
            zlib.extend_from_slice(content);
        }
        assert_eq!(streams, [ERRORS, DATA]);
        assert!(greeting.ends_with(&[0, 0, 0, 0xff, 0xff]));
        let mut plain = vec![0; 2 * headers("data", 1234).len() + 1];
        ZlibDecoder::new(&zlib[..]).read_exact(&mut plain).unwrap();
        assert_eq!(
            plain,
            [headers("error", 1234), headers("data", 1234)].concat()
        );
        let data = headers("data", 1234);
        assert!(data.ends_with(b"\0\0\0\x09requestid\0\0\0\x010"));
    }

    #[test]
    fn what_goes_out() {
        let outgoing = Spdy::new(1).outgoing();
        let mut head = [0; HEAD];
        (outgoing.head.write)(&mut head, 0x0002_0001);
        assert_eq!(head, [0, 0, 0, 3, 0, 2, 0, 1]);
        assert_eq!(outgoing.farewell, Some(&data_frame(DATA, FIN, b"")[..]));
    }
}
