use std::fs;
use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;
use crate::files::packet;
use crate::files::testing::{export, incoming, paths, tree};
use crate::proto::fsutil::Stat;

mod delete;
mod destination;
mod lies;

const FOLDER: u32 = 1 << 31 | 0o755;
const SYMLINK: u32 = 1 << 27 | 0o777;

fn stat(path: &str, mode: u32) -> Stat {
    Stat {
        path: path.to_owned().into(),
        mode,
        ..Stat::default()
    }
}

fn offer(stat: Stat) -> Packet {
    let mut offer = packet(Type::Stat, 0, "");
    offer.stat = Some(stat);
    offer
}

fn folder(path: &str) -> Packet {
    offer(stat(path, FOLDER))
}

fn file(path: &str, size: i64) -> Packet {
    let mut stat = stat(path, 0o644);
    stat.size = size;
    offer(stat)
}

fn link(path: &str, target: &str, mode: u32) -> Packet {
    let mut stat = stat(path, mode);
    stat.linkname = target.to_owned().into();
    offer(stat)
}

fn listed() -> Packet {
    packet(Type::Stat, 0, "")
}

fn data(id: u32, data: &str) -> Packet {
    packet(Type::Data, id, data.to_owned())
}

/// Sends what a daemon may say and keeps the stream open. The requests are as they came.
async fn given(
    root: &TempDir,
    said: Vec<Packet>,
    limits: Limits,
) -> (Result<Received, ReceiveError>, Vec<Packet>) {
    let out = export(&root.path().join("out"), Existing::Stays);
    given_to(&out, said, limits).await
}

async fn given_to(
    out: &Arc<Export>,
    said: Vec<Packet>,
    limits: Limits,
) -> (Result<Received, ReceiveError>, Vec<Packet>) {
    let (to_us, packets) = mpsc::channel(said.len().max(1) + 1);
    for packet in said {
        to_us.send(packet).await.unwrap();
    }
    let (requests, mut asked) = mpsc::channel::<Packet>(64);
    let received = receive(out, incoming(packets), requests, limits).await;
    let mut answers = Vec::new();
    while let Some(answer) = asked.recv().await {
        answers.push(answer);
    }
    (received, answers)
}

async fn refused(said: Vec<Packet>) -> ReceiveError {
    refused_in(&tree(&[]), said).await
}

/// A refusal: the daemon is told, and nothing but what was there stays below the destination.
async fn refused_in(root: &TempDir, said: Vec<Packet>) -> ReceiveError {
    let (received, answers) = given(root, said, Limits::default()).await;
    let error = received.unwrap_err();
    let told = answers.last().unwrap();
    assert_eq!(told.r#type(), Type::Err, "{error}");
    assert!(last_words(told).starts_with(&error.to_string()), "{error}");
    let drafts = paths(root.path())
        .into_iter()
        .filter(|path| path.contains(".part"));
    assert_eq!(drafts.count(), 0);
    error
}

#[tokio::test]
async fn the_protocol_is_kept() {
    let root = tree(&[]);
    let said = vec![
        folder("a"),
        file("a/x", 5),
        link("a/y", "a/x", 0o644),
        file("b", 0),
        listed(),
        data(1, "he"),
        data(3, ""),
        data(1, "llo"),
        data(1, ""),
        packet(Type::Fin, 0, ""),
    ];
    let (received, answers) = given(&root, said, Limits::default()).await;
    let want = Received {
        entries: 4,
        files: 2,
        bytes: 5,
    };
    assert_eq!(received.unwrap(), want);
    let answers: Vec<_> = answers
        .iter()
        .map(|packet| (packet.r#type(), packet.id))
        .collect();
    assert_eq!(answers[..2], [(Type::Req, 1), (Type::Req, 3)]);
    let out = root.path().join("out");
    assert_eq!(paths(&out), ["a", "a/x", "a/y", "b"]);
    assert_eq!(fs::read(out.join("a/y")).unwrap(), b"hello");
}

#[tokio::test]
async fn nothing_at_all_makes_the_destination() {
    let root = tree(&[]);
    let (received, answers) = given(
        &root,
        vec![listed(), packet(Type::Fin, 0, "")],
        Limits::default(),
    )
    .await;
    assert_eq!(received.unwrap(), Received::default());
    assert!(answers.len() <= 1);
    assert!(root.path().join("out").is_dir());
}

#[tokio::test]
async fn bad_paths_are_refused() {
    for path in [
        "/etc/x", "../x", "a/../x", "", ".", "a//b", "./x", "x/", "a\0b", "..",
    ] {
        for mode in [0o644, FOLDER, SYMLINK] {
            let error = refused(vec![folder("a"), offer(stat(path, mode))]).await;
            assert!(
                matches!(error, ReceiveError::Path { .. }),
                "{path:?}: {error}"
            );
        }
    }
}

#[tokio::test]
async fn disorder_is_refused() {
    for said in [
        vec![folder("b"), folder("a")],
        vec![folder("a"), folder("a")],
        vec![folder("a"), file("a", 1)],
        vec![file("a/b", 1)],
        vec![file("a", 1), file("a/b", 1)],
        vec![link("a", "/tmp", SYMLINK), file("a/b", 1)],
    ] {
        let error = refused(said).await;
        assert!(matches!(error, ReceiveError::OutOfOrder(_)), "{error}");
    }
}

#[tokio::test]
async fn links_lead_to_exported_files_only() {
    for target in ["/etc/passwd", "../x", "b", "d", "l", "x/../a", "c"] {
        let said = vec![
            file("a", 1),
            folder("d"),
            link("l", "a", SYMLINK),
            link("m", target, 0o644),
        ];
        let error = refused(said).await;
        assert!(
            matches!(error, ReceiveError::LinkToUnsent { .. }),
            "{target}: {error}"
        );
    }
}

#[tokio::test]
async fn special_files_are_refused_by_name() {
    let rows = [
        (1 << 26, "refused x from the daemon: it is a device"),
        (
            1 << 26 | 1 << 21,
            "refused x from the daemon: it is a device",
        ),
        (1 << 25, "refused x from the daemon: it is a named pipe"),
        (1 << 24, "refused x from the daemon: it is a socket"),
        (
            1 << 19,
            "refused x from the daemon: it is a file of unknown type",
        ),
        (
            1 << 31 | 1 << 27,
            "refused x from the daemon: it is a file of unknown type",
        ),
    ];
    for (mode, want) in rows {
        let error = refused(vec![offer(stat("x", mode | 0o644))]).await;
        assert_eq!(error.to_string(), want);
    }
}

#[tokio::test]
async fn data_is_as_announced() {
    let error = refused(vec![file("a", 3), data(0, "abcd")]).await;
    assert!(
        matches!(error, ReceiveError::TooMuchData { size: 3, .. }),
        "{error}"
    );
    let error = refused(vec![file("a", 3), data(0, "ab"), data(0, "")]).await;
    assert!(
        matches!(
            error,
            ReceiveError::TooLittleData {
                size: 3,
                got: 2,
                ..
            }
        ),
        "{error}"
    );
    let error = refused(vec![file("a", -1)]).await;
    assert!(matches!(error, ReceiveError::NegativeSize(_)), "{error}");
    for id in [0, 2, 7] {
        let said = vec![folder("a"), file("b", 1), folder("c"), data(id, "x")];
        let error = refused(said).await;
        assert!(
            matches!(error, ReceiveError::Unrequested(asked) if asked == id),
            "{error}"
        );
    }
    let twice = vec![file("a", 1), data(0, "x"), data(0, ""), data(0, "")];
    assert!(matches!(refused(twice).await, ReceiveError::Unrequested(0)));
    let linked = vec![file("a", 1), link("b", "a", 0o644), data(1, "x")];
    assert!(matches!(
        refused(linked).await,
        ReceiveError::Unrequested(1)
    ));
}

#[tokio::test]
async fn packets_have_their_time() {
    let error = refused(vec![packet(Type::Req, 0, "")]).await;
    assert!(matches!(error, ReceiveError::Unexpected(1)), "{error}");
    for late in [file("b", 1), listed()] {
        let error = refused(vec![file("a", 1), listed(), late]).await;
        assert!(matches!(error, ReceiveError::Unexpected(0)), "{error}");
    }
}

#[tokio::test]
async fn limits_are_errors() {
    let root = tree(&[]);
    let limits = Limits {
        entries: 2,
        path_bytes: 10,
        open_files: 1,
        transfers: 1,
    };
    let too_many = vec![folder("a"), folder("b"), folder("c")];
    let (received, _) = given(&root, too_many, limits).await;
    assert!(matches!(received, Err(ReceiveError::TooManyEntries(2))));
    let too_long = vec![link("a", "0123456789", SYMLINK)];
    let (received, _) = given(&root, too_long, limits).await;
    assert!(matches!(received, Err(ReceiveError::TooLongNames(10))));
    let too_open = vec![file("a", 1), file("b", 1), data(0, "x"), data(1, "x")];
    let (received, _) = given(&root, too_open, limits).await;
    assert!(matches!(received, Err(ReceiveError::TooManyOpen(1))));
    let one_by_one = vec![
        file("a", 1),
        file("b", 1),
        listed(),
        data(0, "x"),
        data(0, ""),
        data(1, "x"),
        data(1, ""),
        packet(Type::Fin, 0, ""),
    ];
    given(&tree(&[]), one_by_one, limits).await.0.unwrap();
}

#[tokio::test]
async fn an_early_end_leaves_no_half_file() {
    let root = tree(&["out/a"]);
    for last in [
        packet(Type::Fin, 0, ""),
        packet(Type::Err, 0, "disk\x1b on fire"),
    ] {
        let said = vec![
            file("a", 4),
            file("b", 4),
            data(0, "ha"),
            data(1, "ha"),
            last,
        ];
        let (received, _) = given(&root, said, Limits::default()).await;
        match received.unwrap_err() {
            ReceiveError::EndedEarly => {}
            ReceiveError::Peer(why) => assert_eq!(why, "disk\\u{1b} on fire"),
            other => panic!("{other}"),
        }
        assert_eq!(paths(root.path()), ["out", "out/a"]);
        assert_eq!(fs::read(root.path().join("out/a")).unwrap(), b"out/a");
    }
}

#[tokio::test]
async fn a_broken_stream_is_an_error() {
    let root = tree(&[]);
    let (requests, _asked) = mpsc::channel(8);
    let packets = futures::stream::iter([Ok(file("a", 1)), Err("reset")]);
    let out = export(root.path(), Existing::Stays);
    let received = receive(&out, packets, requests, Limits::default()).await;
    assert!(matches!(received, Err(ReceiveError::Stream(why)) if why.to_string() == "reset"));
}
