use std::fs::{self, File};
use std::os::unix::fs::symlink;

use bytes::Bytes;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;

use super::*;
use crate::files::testing::{selection, tree};
use crate::proto::fsutil::Stat;

/// The other side of one transfer.
struct Peer {
    requests: mpsc::Sender<Result<Packet, String>>,
    batches: mpsc::Receiver<Batch>,
    packets: std::collections::VecDeque<Packet>,
    sending: JoinHandle<Result<Sent, SendError>>,
}

impl Peer {
    fn of(root: &Path, selected: Selection, places: usize) -> Self {
        let (to_peer, batches) = mpsc::channel(places);
        let (requests, from_peer) = mpsc::channel(1);
        let root = root.to_owned();
        let requested = ReceiverStream::new(from_peer);
        let sending = tokio::spawn(send(root, selected, requested, to_peer));
        Self {
            requests,
            batches,
            packets: std::collections::VecDeque::new(),
            sending,
        }
    }

    fn to(root: &TempDir) -> Self {
        Self::of(root.path(), Selection::default(), 8)
    }

    async fn ask(&self, kind: Type, id: u32) {
        self.requests
            .send(Ok(packet(kind, id, "why")))
            .await
            .unwrap();
    }

    async fn take(&mut self) -> Option<Packet> {
        while self.packets.is_empty() {
            self.packets.extend(self.batches.recv().await?);
        }
        self.packets.pop_front()
    }

    async fn next(&mut self) -> Packet {
        self.take().await.expect("another packet")
    }

    async fn offers(&mut self) -> Vec<Stat> {
        let mut offers = Vec::new();
        loop {
            let packet = self.next().await;
            assert_eq!(packet.r#type(), Type::Stat, "{packet:?}");
            match packet.stat {
                Some(stat) => offers.push(stat),
                None => return offers,
            }
        }
    }

    /// Asks for one file and returns its pieces.
    async fn file(&mut self, id: u32) -> Vec<Bytes> {
        self.ask(Type::Req, id).await;
        let mut pieces = Vec::new();
        loop {
            let packet = self.next().await;
            assert_eq!((packet.r#type(), packet.id), (Type::Data, id), "{packet:?}");
            if packet.data.is_empty() {
                return pieces;
            }
            pieces.push(packet.data);
        }
    }

    /// All is well: FIN is answered by FIN and by nothing more.
    async fn finish(mut self) -> Sent {
        self.ask(Type::Fin, 0).await;
        assert_eq!(self.next().await.r#type(), Type::Fin);
        assert_eq!(self.take().await, None);
        self.sending.await.unwrap().unwrap()
    }

    /// The transfer fails; returns the error and what the other side was told.
    async fn fail(mut self) -> (SendError, Option<String>) {
        let mut told = None;
        while let Some(packet) = self.take().await {
            if packet.r#type() == Type::Err {
                told = Some(String::from_utf8(packet.data.to_vec()).unwrap());
            }
        }
        (self.sending.await.unwrap().unwrap_err(), told)
    }
}

#[tokio::test]
async fn files_come_in_pieces_and_end_with_an_empty_one() {
    let root = tree(&["a/b", "empty", "large"]);
    fs::write(root.path().join("empty"), "").unwrap();
    let large: Vec<u8> = (0..600_000_u32).map(|i| i.to_le_bytes()[1]).collect();
    fs::write(root.path().join("large"), &large).unwrap();
    let mut peer = Peer::to(&root);
    let offers = peer.offers().await;
    let names: Vec<_> = offers.iter().map(|stat| stat.path.as_ref()).collect();
    assert_eq!(names, [&b"a"[..], b"a/b", b"empty", b"large"]);
    assert_eq!(peer.file(1).await, ["a/b"]);
    assert_eq!(peer.file(2).await, [""; 0]);
    let pieces = peer.file(3).await;
    let sizes: Vec<_> = pieces.iter().map(Bytes::len).collect();
    assert_eq!(
        sizes,
        [serve::PIECE, serve::PIECE, 600_000 - 2 * serve::PIECE]
    );
    assert_eq!(pieces.concat(), large);
    let want = Sent {
        files: 4,
        requested: 3,
        bytes: 600_003,
    };
    assert_eq!(peer.finish().await, want);
}

#[tokio::test]
async fn what_is_not_asked_for_is_not_read() {
    let root = tree(&["a", "b"]);
    let mut peer = Peer::to(&root);
    peer.offers().await;
    let want = Sent {
        files: 2,
        ..Sent::default()
    };
    assert_eq!(peer.finish().await, want);
}

#[tokio::test]
async fn requests_are_read_while_nobody_takes_packets() {
    let names: Vec<_> = (0..2000).map(|i| i.to_string()).collect();
    let root = tree(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let mut peer = Peer::of(root.path(), Selection::default(), 1);
    peer.offers().await;
    // There is one place for a request and one for a packet, and no packet is taken.
    for id in 0..2000 {
        peer.ask(Type::Req, id).await;
    }
    let mut ends = 0;
    while ends < 2000 {
        ends += u32::from(peer.next().await.data.is_empty());
    }
    assert_eq!(peer.finish().await.requested, 2000);
}

#[tokio::test]
async fn requests_are_served_while_the_walk_goes_on() {
    let names: Vec<_> = (1000..5000).map(|i| i.to_string()).collect();
    let root = tree(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let mut peer = Peer::of(root.path(), Selection::default(), 1);
    assert_eq!(peer.next().await.stat.unwrap().path, "1000");
    peer.ask(Type::Req, 0).await;
    let mut stats = 1;
    loop {
        let packet = peer.next().await;
        match packet.r#type() {
            Type::Data => break assert_eq!(packet.data, "1000"),
            _ => stats += 1,
        }
    }
    assert!(stats < 4000, "{stats}");
}

#[tokio::test]
async fn a_large_file_takes_little_memory() {
    let root = tempfile::tempdir().unwrap();
    let size = 128 << 20;
    File::create(root.path().join("a"))
        .unwrap()
        .set_len(size)
        .unwrap();
    let mut peer = Peer::of(root.path(), Selection::default(), 2);
    peer.offers().await;
    peer.ask(Type::Req, 0).await;
    let mut got = 0;
    loop {
        // Whoever reads does not get ahead of whoever takes.
        assert!(peer.batches.len() <= 2);
        let data = peer.next().await.data;
        assert!(data.len() <= serve::PIECE);
        got += data.len() as u64;
        if data.is_empty() {
            break;
        }
    }
    assert_eq!(got, size);
    assert_eq!(peer.finish().await.bytes, size);
}

#[tokio::test]
async fn an_early_end_is_answered() {
    let root = tree(&["a", "b", "c"]);
    let mut peer = Peer::to(&root);
    peer.next().await;
    peer.ask(Type::Fin, 0).await;
    let mut last = peer.next().await;
    while let Some(packet) = peer.take().await {
        last = packet;
    }
    assert_eq!(last.r#type(), Type::Fin);
    peer.sending.await.unwrap().unwrap();
}

#[tokio::test]
async fn what_the_other_side_says_is_the_error() {
    let root = tree(&["a"]);
    let mut peer = Peer::to(&root);
    peer.offers().await;
    peer.ask(Type::Err, 0).await;
    let (error, told) = peer.fail().await;
    assert!(matches!(error, SendError::Peer(why) if why == "why"));
    assert_eq!(told, None);
}

#[tokio::test]
async fn bad_requests_are_refused() {
    let root = tree(&["a/b", "l -> a"]);
    // Folder, symlink, nothing at all; the file twice.
    for ids in [&[0][..], &[2], &[3], &[u32::MAX], &[1, 1]] {
        let mut peer = Peer::to(&root);
        peer.offers().await;
        for id in ids {
            peer.ask(Type::Req, *id).await;
        }
        let (error, told) = peer.fail().await;
        assert!(
            matches!(error, SendError::BadRequest(id) if id == ids[0]),
            "{error}"
        );
        assert_eq!(told, Some(error.to_string()));
    }
    let peer = Peer::to(&root);
    peer.ask(Type::Data, 0).await;
    assert!(matches!(peer.fail().await.0, SendError::Unexpected(2)));
}

#[tokio::test]
async fn a_broken_stream_is_an_error() {
    let root = tree(&["a"]);
    let mut peer = Peer::to(&root);
    peer.offers().await;
    peer.requests.send(Err("reset".into())).await.unwrap();
    let (error, told) = peer.fail().await;
    assert!(matches!(error, SendError::Stream(why) if why.to_string() == "reset"));
    assert_eq!(told, None);

    let root = tree(&["a"]);
    let mut peer = Peer::to(&root);
    peer.offers().await;
    peer.requests = mpsc::channel(1).0;
    assert!(matches!(peer.fail().await.0, SendError::EndedEarly));
}

#[tokio::test]
async fn a_file_that_went_away_is_empty() {
    let root = tree(&["a", "d/b", "e/c"]);
    let mut peer = Peer::to(&root);
    peer.offers().await;
    fs::remove_file(root.path().join("a")).unwrap();
    fs::remove_dir_all(root.path().join("d")).unwrap();
    fs::remove_dir_all(root.path().join("e")).unwrap();
    fs::write(root.path().join("e"), "").unwrap();
    for id in [0, 2, 4] {
        assert_eq!(peer.file(id).await, [""; 0]);
    }
    assert_eq!(peer.finish().await.bytes, 0);
}

#[tokio::test]
async fn a_file_that_grew_is_sent_as_it_is() {
    let root = tree(&["a"]);
    let mut peer = Peer::to(&root);
    peer.offers().await;
    fs::write(root.path().join("a"), vec![1; 300_000]).unwrap();
    assert_eq!(peer.file(0).await.concat().len(), 300_000);
    peer.finish().await;
}

#[tokio::test]
async fn what_takes_the_place_of_a_file_is_not_read() {
    let root = tree(&["a", "secret"]);
    for replace in [
        |path: &Path| symlink("secret", path).unwrap(),
        |path: &Path| fs::create_dir(path).unwrap(),
        |path: &Path| {
            let mut mkfifo = std::process::Command::new("mkfifo");
            assert!(mkfifo.arg(path).status().unwrap().success());
        },
    ] {
        let file = root.path().join("a");
        _ = fs::remove_file(&file);
        _ = fs::remove_dir(&file);
        fs::write(&file, "a").unwrap();
        let mut peer = Peer::to(&root);
        peer.offers().await;
        fs::remove_file(&file).unwrap();
        replace(&file);
        peer.ask(Type::Req, 0).await;
        let (error, told) = peer.fail().await;
        assert!(
            matches!(error, SendError::Replaced(ref path) if path == "a"),
            "{error}"
        );
        assert!(told.unwrap().starts_with("a was replaced"));
    }
}

#[tokio::test]
async fn a_socket_is_an_empty_file() {
    let root = tempfile::tempdir().unwrap();
    let socket = std::os::unix::net::UnixListener::bind(root.path().join("s")).unwrap();
    let mut peer = Peer::to(&root);
    assert_eq!(peer.offers().await.len(), 1);
    assert_eq!(peer.file(0).await, [""; 0]);
    peer.finish().await;
    drop(socket);
}

#[tokio::test]
async fn the_folder_has_to_be_one() {
    let root = tree(&["file", "link -> real", "real/x"]);
    let fails = async |name: &str| {
        let path = root.path().join(name);
        Peer::of(&path, Selection::default(), 8).fail().await
    };
    let (error, told) = fails("missing").await;
    assert!(matches!(error, SendError::Root { .. }), "{error}");
    assert!(told.unwrap().contains("No such file"));
    assert!(matches!(fails("file").await.0, SendError::NotAFolder(_)));
    let linked = root.path().join("link");
    let mut peer = Peer::of(&linked, Selection::default(), 8);
    assert_eq!(peer.offers().await[0].path, "x");
    assert_eq!(peer.file(0).await, ["real/x"]);
}

#[tokio::test]
async fn an_invalid_pattern_is_named() {
    let root = tree(&["a"]);
    let peer = Peer::of(root.path(), selection(&[], &["fine", "bad["], &[]), 8);
    let (error, told) = peer.fail().await;
    assert!(error.to_string().contains("\"bad[\" is invalid"), "{error}");
    assert_eq!(told, Some(error.to_string()));
}
