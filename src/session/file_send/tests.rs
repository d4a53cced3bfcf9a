//! The service on a wire of its own, with a daemon that need not be BuildKit.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

use hyper_util::rt::TokioIo;
use prost::Message as _;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Code, Request};

use super::*;
use crate::event::{Event, Events};
use crate::files::{Existing, Landing};
use crate::proto::fsutil::Stat;
use crate::proto::fsutil::packet::Type;

/// A daemon's end of the wire, and what this side notes meanwhile.
struct Wire {
    daemon: Channel,
    ledger: Ledger,
    root: TempDir,
    events: Events,
    screen: mpsc::Receiver<Event>,
}

/// `out` is exporter 0, the archive `x.tar` exporter 1.
async fn wire() -> Wire {
    let root = tempfile::tempdir().unwrap();
    let landing = Landing::find(&root.path().join("out")).unwrap();
    let export = Arc::new(Export::new(landing, Existing::Stays));
    let archive = Archive::find(&root.path().join("x.tar")).unwrap();
    let destinations = HashMap::from([
        (0, Destination::Folder(export)),
        (1, Destination::File(archive)),
    ]);
    let (events, screen) = Events::channel();
    let ledger = Ledger::default();
    let service = FileSend {
        destinations: Arc::new(destinations),
        ledger: ledger.clone(),
        events: events.downgrade(),
    };
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let connections = futures::stream::once(async { std::io::Result::Ok(ours) });
    let connections = connections.chain(futures::stream::pending());
    let server = Server::builder().add_service(service);
    tokio::spawn(server.serve_with_incoming(connections));
    let mut theirs = Some(theirs);
    let connector = tower::service_fn(move |_| {
        let stream = theirs.take().ok_or(io::ErrorKind::NotConnected);
        async { io::Result::Ok(TokioIo::new(stream?)) }
    });
    let endpoint = Endpoint::from_static("http://client");
    Wire {
        daemon: endpoint.connect_with_connector(connector).await.unwrap(),
        ledger,
        root,
        events,
        screen,
    }
}

impl Wire {
    /// Sends messages to an exporter and returns how the call ends.
    async fn send(&self, exporter: &str, messages: Vec<Vec<u8>>) -> Result<(), Status> {
        let (sender, receiver) = mpsc::channel(messages.len() + 1);
        for message in messages {
            sender.send(Bytes::from(message)).await.unwrap();
        }
        // The call stays open for those who wait for an answer.
        let kept = (exporter == "0").then_some(sender);
        let mut request = Request::new(ReceiverStream::new(receiver));
        let id = exporter.parse().unwrap();
        request.metadata_mut().insert(EXPORTER_ID, id);
        let mut client = Grpc::new(self.daemon.clone());
        client.ready().await.unwrap();
        let path = http::uri::PathAndQuery::from_static("/moby.filesync.v1.FileSend/DiffCopy");
        let answers = client.streaming(request, path, RawCodec).await?;
        let mut answers = answers.into_inner();
        while answers.message().await?.is_some() {}
        drop(kept);
        Ok(())
    }

    fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut open = vec![self.root.path().to_owned()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(self.root.path()).unwrap();
                names.push(name.to_str().unwrap().to_owned());
                if path.is_dir() && !path.is_symlink() {
                    open.push(path);
                }
            }
        }
        names.sort();
        names
    }
}

fn packet(kind: Type, id: u32, data: &'static [u8], stat: Option<Stat>) -> Vec<u8> {
    let packet = Packet {
        r#type: kind.into(),
        id,
        data: data.into(),
        stat,
    };
    packet.encode_to_vec()
}

fn entry(path: &'static str, mode: u32, size: i64) -> Vec<u8> {
    let stat = Stat {
        path: path.into(),
        mode,
        size,
        ..Stat::default()
    };
    packet(Type::Stat, 0, b"", Some(stat))
}

fn link(path: &'static str, target: &'static str, mode: u32) -> Vec<u8> {
    let stat = Stat {
        path: path.into(),
        linkname: target.into(),
        mode,
        ..Stat::default()
    };
    packet(Type::Stat, 0, b"", Some(stat))
}

fn data(id: u32, data: &'static [u8]) -> Vec<u8> {
    packet(Type::Data, id, data, None)
}

const SYMLINK: u32 = 1 << 27 | 0o777;
const FOLDER: u32 = 1 << 31 | 0o755;

/// What is said, and what of the error names it.
type Lie = (Vec<Vec<u8>>, &'static str);

fn lies() -> [Lie; 12] {
    [
        (
            vec![entry("../x", 0o644, 1)],
            "refused ../x from the daemon: the path is leading out",
        ),
        (
            vec![entry("/etc/x", 0o644, 1)],
            "refused /etc/x from the daemon: the path is absolute",
        ),
        (
            vec![entry("a\0b", 0o644, 1)],
            "the path is no path, since it has a zero byte in it",
        ),
        (
            vec![entry("dev", 1 << 26 | 0o644, 0)],
            "refused dev from the daemon: it is a device",
        ),
        (
            vec![entry("p", 1 << 25 | 0o644, 0)],
            "refused p from the daemon: it is a named pipe",
        ),
        (
            vec![entry("b", FOLDER, 0), entry("a", FOLDER, 0)],
            "refused a from the daemon: it came out of order",
        ),
        (
            vec![entry("a", FOLDER, 0), entry("a", FOLDER, 0)],
            "refused a from the daemon: it came out of order",
        ),
        (
            vec![link("l", "/etc", SYMLINK), entry("l/passwd", 0o644, 1)],
            "refused l/passwd from the daemon: it came out of order",
        ),
        (
            vec![link("h", "/etc/passwd", 0o644)],
            "the link h from the daemon: it leads to /etc/passwd",
        ),
        (
            vec![entry("a", 0o644, 1), data(0, b"more")],
            "there is more of it than its 1 bytes",
        ),
        (
            vec![entry("a", 0o644, 2), data(0, b"m"), data(0, b"")],
            "sent 1 of 2 bytes of a",
        ),
        (vec![data(5, b"x")], "entry 5 was not asked for"),
    ]
}

#[tokio::test]
async fn lies_end_the_call_and_are_told_to_the_user() {
    for (lie, want) in lies() {
        let wire = wire().await;
        let status = wire.send("0", lie).await.unwrap_err();
        assert_eq!(status.code(), Code::Aborted);
        assert!(status.message().contains(want), "{want}: {status}");
        assert!(!wire.ledger.all_arrived().await);
        let failure = wire.ledger.take_failure("").unwrap();
        assert!(failure.to_string().contains(want), "{want}: {failure}");
        let Failure::Local { hint: Some(_), .. } = failure else {
            panic!("{want}: nothing says what to do");
        };
        let files = wire.names().into_iter().filter(|name| {
            !["out", "out/a", "out/b", "out/l"].contains(&name.as_str())
                || wire.root.path().join(name).is_file()
        });
        assert_eq!(files.count(), 0, "{want}");
    }
}

#[tokio::test]
async fn a_folder_and_an_archive_arrive() {
    let wire = wire().await;
    let said = vec![
        entry("a", 0o644, 1),
        packet(Type::Stat, 0, b"", None),
        data(0, b"x"),
        data(0, b""),
        packet(Type::Fin, 0, b"", None),
    ];
    wire.send("0", said).await.unwrap();
    let bytes = |data: &'static [u8]| BytesMessage { data: data.into() }.encode_to_vec();
    wire.send("1", vec![bytes(b"ab"), bytes(b"c")])
        .await
        .unwrap();
    assert!(wire.ledger.all_arrived().await);
    assert!(wire.ledger.has_begun(0) && wire.ledger.has_begun(1));
    assert_eq!(wire.names(), ["out", "out/a", "x.tar"]);
    assert_eq!(fs::read(wire.root.path().join("x.tar")).unwrap(), b"abc");

    // Once is enough: the second archive would take the place of the first.
    let status = wire.send("1", vec![bytes(b"evil")]).await.unwrap_err();
    assert!(status.message().ends_with("x.tar twice"), "{status}");
    assert!(!wire.ledger.all_arrived().await);
    assert_eq!(fs::read(wire.root.path().join("x.tar")).unwrap(), b"abc");
    // The service must not keep the screen waiting.
    let Wire {
        events, mut screen, ..
    } = wire;
    drop(events);
    assert!(screen.recv().await.is_none());
}

#[tokio::test]
async fn what_nobody_asked_for_is_not_taken() {
    let wire = wire().await;
    for exporter in ["2", "x", "-1", "99999999999999999999999"] {
        let status = wire.send(exporter, Vec::new()).await.unwrap_err();
        assert_eq!(status.code(), Code::NotFound, "{exporter}");
    }
    assert_eq!(wire.names(), [""; 0]);
    assert!(!wire.ledger.has_begun(0));
}

#[tokio::test]
async fn messages_that_are_none_are_errors() {
    let wire = wire().await;
    for exporter in ["0", "1"] {
        wire.send(exporter, vec![vec![0xff; 9]]).await.unwrap_err();
    }
    assert!(!Path::new(&wire.root.path().join("x.tar")).exists());
}

/// What one result brings leads the next one nowhere.
#[tokio::test]
async fn a_symlink_in_place_of_the_folder_is_not_followed() {
    let wire = wire().await;
    fs::create_dir(wire.root.path().join("elsewhere")).unwrap();
    symlink("elsewhere", wire.root.path().join("out")).unwrap();
    let status = wire
        .send("0", vec![entry("a", 0o644, 1)])
        .await
        .unwrap_err();
    assert!(status.message().contains("cannot use "), "{status}");
    assert_eq!(wire.names(), ["elsewhere", "out"]);
}
