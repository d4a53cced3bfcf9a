use std::time::Duration;

use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::super::channels::{Exec, PortForward};
use super::super::spdy::Spdy;
use super::*;

const DATA: u8 = 0;
const ERROR: u8 = 1;
const PORT: u16 = 1234;

/// The kubelet's end.
struct Kubelet(WebSocketStream<DuplexStream>);

impl Kubelet {
    async fn say(&mut self, frame: &[u8]) {
        let frame = Message::Binary(Bytes::copy_from_slice(frame));
        self.0.send(frame).await.unwrap();
    }

    async fn hear(&mut self) -> Option<Bytes> {
        loop {
            match self.0.next().await? {
                Ok(Message::Binary(frame)) => return Some(frame),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    async fn greet(&mut self) {
        let [low, high] = PORT.to_le_bytes();
        self.say(&[DATA, low, high]).await;
        self.say(&[ERROR, low, high]).await;
    }
}

async fn pair(buffer: usize) -> (Tunnel, Kubelet) {
    over(buffer, PortForward::new(PORT)).await
}

async fn over(buffer: usize, channels: impl Channels) -> (Tunnel, Kubelet) {
    let (here, there) = tokio::io::duplex(buffer);
    let client = WebSocketStream::from_raw_socket(here, Role::Client, None).await;
    let server = WebSocketStream::from_raw_socket(there, Role::Server, None).await;
    (Tunnel::over(client, Box::new(channels)), Kubelet(server))
}

async fn bounded<T>(work: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(20), work).await.expect("stuck")
}

#[tokio::test]
async fn bytes_come_and_go_without_channel_and_port() {
    let (mut tunnel, mut kubelet) = pair(4096).await;
    kubelet.greet().await;
    kubelet.say(&[]).await;
    kubelet.say(&[DATA]).await;
    kubelet.say(&[ERROR]).await;
    kubelet.say(b"\0hel").await;
    kubelet.say(b"\0lo").await;
    let mut buffer = [0; 5];
    bounded(tunnel.read_exact(&mut buffer)).await.unwrap();
    assert_eq!(&buffer, b"hello");

    tunnel.write_all(b"wo").await.unwrap();
    assert_eq!(bounded(kubelet.hear()).await.unwrap(), &b"\0wo"[..]);
    kubelet.0.close(None).await.unwrap();
    assert_eq!(bounded(tunnel.read(&mut buffer)).await.unwrap(), 0);
}

#[tokio::test]
async fn in_spdy_streams_are_opened_first_and_bytes_follow_at_once() {
    let (mut tunnel, mut kubelet) = over(4096, Spdy::new(PORT)).await;
    tunnel.write_all(b"wo").await.unwrap();
    let greeting = bounded(kubelet.hear()).await.unwrap();
    assert_eq!(greeting[..4], [0x80, 3, 0, 1]);
    assert_eq!(
        bounded(kubelet.hear()).await.unwrap(),
        &b"\0\0\0\x03\0\0\0\x02wo"[..]
    );

    kubelet.say(b"\0\0\0\x03\0\0\0\x05hel").await;
    kubelet.say(b"lo\0\0\0\x03\x01\0\0\0").await;
    let mut heard = String::new();
    bounded(tunnel.read_to_string(&mut heard)).await.unwrap();
    assert_eq!(heard, "hello");
}

#[tokio::test]
async fn in_spdy_too_what_was_written_before_a_tunnel_is_dropped_leaves() {
    let (mut tunnel, mut kubelet) = over(4096, Spdy::new(PORT)).await;
    tunnel.write_all(b"bye").await.unwrap();
    drop(tunnel);
    bounded(kubelet.hear()).await.unwrap();
    assert!(bounded(kubelet.hear()).await.unwrap().ends_with(b"bye"));
    assert_eq!(
        bounded(kubelet.hear()).await.unwrap(),
        &b"\0\0\0\x03\x01\0\0\0"[..]
    );
    assert_eq!(bounded(kubelet.hear()).await, None);
}

#[tokio::test]
async fn what_waits_goes_out_in_large_frames() {
    let (mut tunnel, mut kubelet) = pair(1 << 20).await;
    let sent = vec![7; 300_000];
    tunnel.write_all(&sent).await.unwrap();
    let mut heard = 0;
    let mut frames = 0;
    while heard < sent.len() {
        heard += bounded(kubelet.hear()).await.unwrap().len() - 1;
        frames += 1;
    }
    assert_eq!(heard, sent.len());
    assert!(frames <= 5, "{frames} frames");
}

#[tokio::test]
async fn the_error_channel_is_an_error_with_its_text() {
    let (mut tunnel, mut kubelet) = pair(4096).await;
    kubelet.greet().await;
    kubelet
        .say(b"\x01dial tcp4 127.0.0.1:1234: connect: connection refused\n")
        .await;
    let error = bounded(tunnel.read(&mut [0; 1])).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    assert!(error.to_string().ends_with("connection refused"));
    let written = bounded(async {
        loop {
            if let Err(error) = tunnel.write_all(&[0; 1024]).await {
                break error;
            }
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(written.await.kind(), io::ErrorKind::ConnectionRefused);
}

fn exec() -> Exec {
    Exec::new("buildctl dial-stdio".into(), true)
}

#[tokio::test]
async fn a_command_that_fails_says_why_to_who_reads_and_who_writes() {
    let (mut tunnel, mut kubelet) = over(4096, exec()).await;
    let fate = tunnel.fate();
    assert!(fate.error().is_none() && !fate.is_refused());
    kubelet.say(b"\x01").await;
    kubelet.say(b"\x02error: dial unix /x: ").await;
    kubelet.say(b"\x02connect: connection refused\n").await;
    kubelet
        .say(b"\x03{\"status\":\"Failure\",\"details\":{\"causes\":[{\"reason\":\"ExitCode\",\"message\":\"1\"}]}}")
        .await;
    let error = bounded(tunnel.read(&mut [0; 1])).await.unwrap_err();
    let text =
        "\"buildctl dial-stdio\" ended with exit code 1: dial unix /x: connect: connection refused";
    assert_eq!(error.to_string(), text);
    assert_eq!(fate.error().unwrap().to_string(), text);
    assert!(fate.is_refused());
}

#[tokio::test]
async fn a_command_that_is_done_ends_its_output_after_the_last_byte() {
    let (mut tunnel, mut kubelet) = over(4096, exec()).await;
    kubelet.say(b"\x01last words").await;
    kubelet.say(b"\x03{\"status\":\"Success\"}").await;
    let mut heard = String::new();
    bounded(tunnel.read_to_string(&mut heard)).await.unwrap();
    assert_eq!(heard, "last words");
}

#[tokio::test]
async fn a_connection_that_breaks_is_an_error_not_an_end() {
    let (mut tunnel, mut kubelet) = pair(4096).await;
    kubelet.greet().await;
    drop(kubelet);
    let error = bounded(tunnel.read(&mut [0; 1])).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn shutdown_sends_everything_and_then_closes() {
    let (mut tunnel, mut kubelet) = pair(64).await;
    tunnel.write_all(&[1; 10_000]).await.unwrap();
    tunnel.shutdown().await.unwrap();
    let mut heard = 0;
    while let Some(frame) = bounded(kubelet.hear()).await {
        heard += frame.len() - 1;
    }
    assert_eq!(heard, 10_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_before_a_tunnel_is_dropped_still_leaves() {
    for _ in 0..200 {
        let (mut tunnel, mut kubelet) = over(4096, exec()).await;
        tunnel.write_all(b"bye").await.unwrap();
        drop(tunnel);
        assert_eq!(bounded(kubelet.hear()).await.unwrap(), &b"\0bye"[..]);
        assert_eq!(bounded(kubelet.hear()).await.unwrap(), &[255, 0][..]);
        assert_eq!(bounded(kubelet.hear()).await, None);
    }
}

#[tokio::test]
async fn a_dropped_tunnel_ends_the_connection_even_if_it_is_stuck() {
    let (mut tunnel, kubelet) = pair(64).await;
    tunnel.write_all(&[1; 10_000]).await.unwrap();
    drop(tunnel);
    // Nobody reads here until the pump gave up.
    tokio::time::sleep(LAST_BYTES * 2).await;
    let mut kubelet = kubelet;
    let mut heard = 0;
    while let Some(frame) = bounded(kubelet.hear()).await {
        heard += frame.len();
    }
    assert!(heard < 10_000, "{heard}");
}

/// Each side writes all before it reads: what a pump with one loop for both cannot do.
#[tokio::test]
async fn both_ways_are_full_and_nothing_is_stuck() {
    /// More than all buffers together hold.
    const FROM_POD: usize = 256;
    let (tunnel, mut kubelet) = pair(1024).await;
    let (mut reader, mut writer) = tokio::io::split(tunnel);
    kubelet.greet().await;
    let chunk = vec![3; 32 * 1024];
    let (mut sink, mut stream) = kubelet.0.split();
    let to_pod = tokio::spawn(async move {
        for _ in 0..FROM_POD {
            writer.write_all(&vec![5; 32 * 1024]).await.unwrap();
        }
        writer
    });
    let from_pod = tokio::spawn(async move {
        for _ in 0..FROM_POD {
            let mut frame = vec![DATA];
            frame.extend_from_slice(&chunk);
            sink.send(Message::Binary(frame.into())).await.unwrap();
        }
        sink
    });
    // Let both fill up every buffer there is.
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!to_pod.is_finished() && !from_pod.is_finished());

    let up = tokio::spawn(async move {
        let mut heard = 0;
        while heard < FROM_POD * 32 * 1024 {
            if let Some(Ok(Message::Binary(frame))) = stream.next().await {
                assert!(frame[1..].iter().all(|byte| *byte == 5));
                heard += frame.len() - 1;
            }
        }
    });
    let _writer = bounded(to_pod).await.unwrap();
    bounded(up).await.unwrap();
    let mut down = vec![0; FROM_POD * 32 * 1024];
    bounded(reader.read_exact(&mut down)).await.unwrap();
    assert!(down.iter().all(|byte| *byte == 3));
    let _sink = bounded(from_pod).await.unwrap();
}
