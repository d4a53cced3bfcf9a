//! Sender and receiver against each other.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, SystemTime};

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::testing::{
    export, incoming, paths, selection, set_mode, snapshot, tree, unpacked, unprivileged,
};
use super::*;

/// Sends `from` to `to` over channels.
async fn copy(
    from: &Path,
    to: &Path,
    selected: Selection,
) -> (Result<Sent, SendError>, Result<Received, ReceiveError>) {
    let (to_receiver, packets) = mpsc::channel(16);
    let (to_sender, requests) = mpsc::channel(1);
    let sending = async {
        let sent = send(
            from.to_owned(),
            selected,
            incoming(requests),
            to_receiver.clone(),
        )
        .await;
        drop(to_receiver);
        sent
    };
    let receiving = async {
        let to = export(to, Existing::Stays);
        let received = receive(&to, unpacked(packets), to_sender.clone(), Limits::default()).await;
        drop(to_sender);
        received
    };
    tokio::join!(sending, receiving)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_the_same() {
    let from = tree(&[
        "a/b/c",
        "a/d = a/b/c",
        "empty/",
        "l -> a/b",
        "run",
        "x",
        "z = x",
    ]);
    set_mode(&from.path().join("run"), 0o4751);
    set_mode(&from.path().join("empty"), 0o2500);
    _ = xattr::set(from.path().join("x"), "user.test", b"value");
    fs::write(from.path().join("none"), "").unwrap();
    let large: Vec<u8> = (0..1_000_003_u32)
        .map(|i| (i / 7).to_le_bytes()[0])
        .collect();
    fs::write(from.path().join("large"), &large).unwrap();
    let sparse = File::create(from.path().join("sparse")).unwrap();
    sparse.set_len(3 << 20).unwrap();
    let to = tempfile::tempdir().unwrap();
    let (sent, received) = copy(from.path(), to.path(), Selection::default()).await;
    assert_eq!(snapshot(from.path()), snapshot(to.path()));
    let (sent, received) = (sent.unwrap(), received.unwrap());
    assert_eq!(sent.files, 12);
    assert_eq!(sent.requested, 6);
    assert_eq!(sent.bytes, 1_000_003 + (3 << 20) + 5 + 3 + 1);
    let want = Received {
        entries: 12,
        files: 6,
        bytes: sent.bytes,
    };
    assert_eq!(received, want);
}

#[tokio::test]
async fn only_what_is_selected_arrives() {
    let from = tree(&["src/main.rs", "src/x.o", "target/big", "README.md"]);
    let to = tempfile::tempdir().unwrap();
    let selected = selection(&[], &["target", "**/*.o"], &[]);
    copy(from.path(), to.path(), selected).await.1.unwrap();
    assert_eq!(paths(to.path()), ["README.md", "src", "src/main.rs"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_files_take_no_time() {
    let from = tempfile::tempdir().unwrap();
    for folder in 0..30 {
        let folder = from.path().join(format!("{folder}"));
        fs::create_dir(&folder).unwrap();
        for file in 0..100 {
            fs::write(folder.join(format!("{file}")), "contents").unwrap();
        }
    }
    let to = tempfile::tempdir().unwrap();
    let (sent, received) = copy(from.path(), to.path(), Selection::default()).await;
    assert_eq!(sent.unwrap().requested, 3000);
    assert_eq!(received.unwrap().files, 3000);
    assert_eq!(snapshot(from.path()), snapshot(to.path()));
}

#[test]
fn an_unreadable_file_ends_both_sides_and_is_named() {
    let from = tree(&["a", "secret", "z"]);
    set_mode(&from.path().join("secret"), 0);
    let to = tempfile::tempdir().unwrap();
    let copied = |exclude: &[&str]| {
        let selected = selection(&[], exclude, &[]);
        unprivileged(copy(from.path(), to.path(), selected))
    };
    let (sent, received) = copied(&[]);
    let error = sent.unwrap_err();
    assert_eq!(error.to_string(), "cannot open secret");
    assert!(error.hint().unwrap().contains(".dockerignore"));
    let told = received.unwrap_err().to_string();
    assert!(
        told.contains("cannot open secret: Permission denied"),
        "{told}"
    );
    assert!(!to.path().join("secret").exists());
    let (sent, received) = copied(&["secret"]);
    assert_eq!((sent.unwrap().bytes, received.unwrap().files), (2, 2));
}

#[test]
fn a_folder_without_write_permission_is_filled_first() {
    let from = tree(&["a/b/c", "a/d"]);
    let to = tempfile::tempdir().unwrap();
    for folder in ["a/b", "a"] {
        set_mode(&from.path().join(folder), 0o555);
    }
    for _ in 0..2 {
        let (_, received) = unprivileged(copy(from.path(), to.path(), Selection::default()));
        received.unwrap();
        assert_eq!(snapshot(from.path()), snapshot(to.path()));
    }
    for root in [&from, &to] {
        set_mode(&root.path().join("a"), 0o755);
        set_mode(&root.path().join("a/b"), 0o755);
    }
}

#[derive(Debug, Clone)]
enum Node {
    File { size: usize, mode: u32 },
    Symlink(String),
    Folder { below: Nodes, mode: u32 },
}

type Nodes = BTreeMap<Vec<u8>, Node>;

fn some_nodes() -> impl Strategy<Value = Nodes> {
    let name = vec(select(&b"ab-.\xff\xc3\xa9 *\n"[..]), 1..4)
        .prop_filter("no name", |name| name != b"." && name != b"..");
    let sizes = &[0, 1, 5000, 262_143, 262_144, 262_145, 600_000][..];
    let leaf = prop_oneof![
        4 => (select(sizes), 0o400..=0o7777_u32)
            .prop_map(|(size, mode)| Node::File { size, mode: mode | 0o400 }),
        1 => "[a-z/.]{1,8}".prop_map(Node::Symlink),
    ];
    let names = name.clone();
    let node = leaf.prop_recursive(4, 20, 5, move |node| {
        (btree_map(names.clone(), node, 0..5), 0o700..=0o777_u32)
            .prop_map(|(below, mode)| Node::Folder { below, mode })
    });
    btree_map(name, node, 0..5)
}

fn make(folder: &Path, nodes: &Nodes, files: &mut Vec<PathBuf>) {
    for (name, node) in nodes {
        let path = folder.join(OsStr::from_bytes(name));
        match node {
            Node::File { size, mode } => {
                let file = File::create(&path).unwrap();
                fs::write(&path, vec![b'x'; *size]).unwrap();
                let time = SystemTime::UNIX_EPOCH + Duration::from_nanos(*size as u64 * 1_000_001);
                file.set_modified(time).unwrap();
                set_mode(&path, *mode);
                files.push(path);
            }
            Node::Symlink(target) => symlink(target, &path).unwrap(),
            Node::Folder { below, mode } => {
                fs::create_dir(&path).unwrap();
                make(&path, below, files);
                set_mode(&path, *mode);
            }
        }
    }
}

fn some_copy(nodes: &Nodes, links: &[usize]) -> (TempDir, TempDir) {
    let from = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    make(from.path(), nodes, &mut files);
    for (number, link) in links.iter().enumerate() {
        if let Some(file) = files.get(link % files.len().max(1)) {
            let name = file.with_file_name(format!("link{number}"));
            fs::hard_link(file, name).unwrap();
        }
    }
    (from, tempfile::tempdir().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_tree_arrives_as_it_is(nodes in some_nodes(), links in vec(0..100_usize, 0..4)) {
        let (from, to) = some_copy(&nodes, &links);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        // The second time everything is there already.
        for _ in 0..2 {
            let copied = runtime.block_on(copy(from.path(), to.path(), Selection::default()));
            copied.0.unwrap();
            copied.1.unwrap();
            prop_assert_eq!(snapshot(from.path()), snapshot(to.path()));
        }
    }
}
