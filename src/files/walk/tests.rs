use std::fs;
use std::os::unix::net::UnixListener;

use proptest::collection::btree_map;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::files::Selection;
use crate::files::receive::Order;
use crate::files::testing::{selection, set_mode, tree, unprivileged};

fn walk(root: &TempDir, selection: &Selection) -> Result<Vec<Found>, FileError> {
    let filter = Filter::new(root.path(), selection).unwrap();
    Walk::new(root.path(), &filter)?.collect()
}

/// What is sent of a tree, `name = first` for a link. Checks that all is in order.
fn sent(entries: &[&str], selection: &Selection) -> Vec<String> {
    let mut order = Order::new();
    let mut paths: Vec<Bytes> = Vec::new();
    let mut shown = Vec::new();
    for found in walk(&tree(entries), selection).unwrap() {
        let Stat { path, linkname, .. } = found.stat;
        order.accept(&path, found.kind == Kind::Directory).unwrap();
        let parent = found.parent.map_or(&b""[..], |id| &paths[id as usize]);
        assert_eq!(parent, path::split(&path).0);
        let name = String::from_utf8_lossy(&path).into_owned();
        if found.kind == Kind::File && !linkname.is_empty() {
            assert!(
                paths.contains(&linkname),
                "{name} leads to what is not sent"
            );
            shown.push(format!("{name} = {}", String::from_utf8_lossy(&linkname)));
        } else {
            shown.push(name);
        }
        paths.push(path);
    }
    shown
}

#[track_caller]
fn assert_sent(entries: &[&str], selected: (&[&str], &[&str], &[&str]), want: &[&str]) {
    let (include, exclude, follow) = selected;
    let got = sent(entries, &selection(include, exclude, follow));
    assert_eq!(got, want, "{selected:?} of {entries:?}");
}

const TREE: &[&str] = &["a", "b/c", "b/d/e", "b/d/f/", "b-x", "g/h/i/j", "k/"];

#[test]
fn everything_in_order() {
    let want = [
        "a", "b", "b/c", "b/d", "b/d/e", "b/d/f", "b-x", "g", "g/h", "g/h/i", "g/h/i/j", "k",
    ];
    assert_sent(TREE, (&[], &[], &[]), &want);
    assert_sent(&[], (&[], &[], &[]), &[]);
}

#[test]
fn folders_come_with_the_first_thing_in_them() {
    assert_sent(
        TREE,
        (&["g/h/i/j"], &[], &[]),
        &["g", "g/h", "g/h/i", "g/h/i/j"],
    );
    assert_sent(TREE, (&["**/e"], &[], &[]), &["b", "b/d", "b/d/e"]);
    assert_sent(
        TREE,
        (&["*/h"], &[], &[]),
        &["g", "g/h", "g/h/i", "g/h/i/j"],
    );
    assert_sent(TREE, (&[], &["*", "!b/d/e"], &[]), &["b", "b/d", "b/d/e"]);
    assert_sent(
        TREE,
        (&[], &["**", "!**/j"], &[]),
        &["g", "g/h", "g/h/i", "g/h/i/j"],
    );
    assert_sent(TREE, (&["nothing"], &[], &[]), &[]);
    assert_sent(TREE, (&["b/d/nothing"], &[], &[]), &[]);
    // A folder that was passed is sent once, before both.
    assert_sent(
        TREE,
        (&["b/c", "b/d/f"], &[], &[]),
        &["b", "b/c", "b/d", "b/d/f"],
    );
}

#[test]
fn excluded_folders_take_all_below_them() {
    let want = ["a", "b", "b/c", "b-x", "k"];
    assert_sent(TREE, (&[], &["g", "b/d"], &[]), &want);
    assert_sent(TREE, (&["b"], &["b/d"], &[]), &["b", "b/c"]);
    assert_sent(TREE, (&["b"], &["**"], &[]), &[]);
    assert_sent(TREE, (&[], &["*"], &[]), &[]);
    assert_sent(TREE, (&["  "], &[], &[]), &[]);
}

#[test]
fn followed_paths_add_to_what_is_included() {
    let entries = ["l -> d/m", "d/m -> ../t/x", "t/x", "t/y", "z"];
    assert_sent(&entries, (&[], &[], &["l"]), &["d", "d/m", "l", "t", "t/x"]);
    let want = ["d", "d/m", "l", "t", "t/x", "z"];
    assert_sent(&entries, (&["z"], &[], &["l"]), &want);
    assert_sent(&entries, (&["z"], &["t"], &["l"]), &["d", "d/m", "l", "z"]);
    // The root itself is no restriction.
    assert_eq!(sent(&entries, &selection(&[], &[], &["."])).len(), 7);
    assert_eq!(sent(&entries, &selection(&["."], &[], &["z"])).len(), 7);
}

#[test]
fn the_first_sent_name_of_a_file_is_the_file() {
    let entries = ["a", "b = a", "d/c = a", "e"];
    assert_sent(
        &entries,
        (&[], &[], &[]),
        &["a", "b = a", "d", "d/c = a", "e"],
    );
    assert_sent(&entries, (&[], &["a"], &[]), &["b", "d", "d/c = b", "e"]);
    assert_sent(&entries, (&[], &["a", "b"], &[]), &["d", "d/c", "e"]);
}

#[test]
fn stats_say_what_is_there() {
    let root = tree(&["file", "dir/", "link -> nowhere/at all", "run"]);
    set_mode(&root.path().join("run"), 0o4755);
    set_mode(&root.path().join("dir"), 0o1777);
    let attributes = xattr::set(root.path().join("file"), "user.test", b"1").is_ok();
    _ = UnixListener::bind(root.path().join("socket")).unwrap();
    let found = walk(&root, &Selection::default()).unwrap();
    let [dir, file, link, run, socket] = found.as_slice() else {
        panic!("{found:?}");
    };
    let stat = |found: &Found| (found.kind, found.stat.mode, found.stat.size);
    assert_eq!(stat(dir), (Kind::Directory, 0x8010_01ff, 0));
    assert_eq!((file.kind, file.stat.size), (Kind::File, 4));
    assert_eq!((link.kind, link.stat.size), (Kind::Symlink, 14));
    assert_eq!(link.stat.linkname.as_ref(), b"nowhere/at all");
    assert_eq!(stat(run), (Kind::File, 0x0080_01ed, 3));
    assert_eq!((socket.kind, socket.stat.size), (Kind::Socket, 0));
    assert_eq!(mode::Kind::of_wire(socket.stat.mode), Kind::File);
    assert!(
        found
            .iter()
            .all(|found| found.stat.uid == 0 && found.stat.gid == 0)
    );
    let modified = fs::metadata(root.path().join("file")).unwrap().modified();
    let since = modified
        .unwrap()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    assert_eq!(
        i128::from(file.stat.mod_time),
        since.as_nanos().cast_signed()
    );
    if attributes {
        assert_eq!(file.stat.xattrs["user.test"].as_ref(), b"1");
    }
}

#[test]
fn device_numbers_are_those_of_linux() {
    assert_eq!(device(0x0103), (1, 3));
    assert_eq!(device(0x1234_5678), (0x456, 0x12378));
}

#[test]
fn an_unreadable_folder_is_named_unless_nobody_asked_for_it() {
    let root = tree(&["a/secret/x", "b"]);
    let secret = root.path().join("a/secret");
    set_mode(&secret, 0);
    let names = |selected: Selection| {
        let found = unprivileged(async { walk(&root, &selected) });
        found.map(|found| found.into_iter().map(|found| found.stat.path).collect())
    };
    let names = |include: &[&str], exclude: &[&str]| -> Result<Vec<Bytes>, FileError> {
        names(selection(include, exclude, &[]))
    };
    let error = names(&[], &[]).unwrap_err();
    assert_eq!(error.to_string(), "cannot read folder a/secret");
    assert_eq!(error.path(), "a/secret");
    assert_eq!(names(&[], &["a/secret"]).unwrap(), ["a", "b"]);
    assert_eq!(names(&[], &["**/secret"]).unwrap(), ["a", "b"]);
    assert_eq!(names(&["b"], &[]).unwrap(), ["b"]);
    assert_eq!(names(&["b", "**/y"], &[]).unwrap(), ["b"]);
    assert!(names(&["a"], &[]).is_err());
    set_mode(&secret, 0o755);
}

#[test]
fn what_vanishes_is_left_out_and_nothing_else() {
    let root = tree(&["a/x", "b", "c/y", "d"]);
    let filter = Filter::new(root.path(), &Selection::default()).unwrap();
    let mut walk = Walk::new(root.path(), &filter).unwrap();
    assert_eq!(walk.next().unwrap().unwrap().stat.path, "a");
    fs::remove_dir_all(root.path().join("a")).unwrap();
    fs::remove_file(root.path().join("b")).unwrap();
    fs::remove_dir_all(root.path().join("c")).unwrap();
    // What was a folder is now a file: nothing can be below it.
    fs::write(root.path().join("c"), "").unwrap();
    let rest: Result<Vec<_>, _> = walk
        .map(|found| found.map(|found| found.stat.path))
        .collect();
    assert_eq!(rest.unwrap(), ["d"]);
}

#[test]
fn a_deep_tree_is_no_trouble() {
    let deep = "d/".repeat(900);
    assert_eq!(sent(&[&deep], &Selection::default()).len(), 900);
}

#[derive(Debug, Clone)]
enum Node {
    File,
    Folder(BTreeMapOf),
}

type BTreeMapOf = std::collections::BTreeMap<String, Node>;

fn make(folder: &Path, nodes: &BTreeMapOf) {
    for (name, node) in nodes {
        let path = folder.join(name);
        match node {
            Node::File => fs::write(path, "").unwrap(),
            Node::Folder(below) => {
                fs::create_dir(&path).unwrap();
                make(&path, below);
            }
        }
    }
}

fn some_tree() -> impl Strategy<Value = BTreeMapOf> {
    let name = "[a-c.-]{1,2}".prop_filter("no name", |name| name != "." && name != "..");
    let node = Just(Node::File).prop_recursive(4, 24, 4, move |node| {
        btree_map(name.clone(), node, 0..4).prop_map(Node::Folder)
    });
    node.prop_map(|node| match node {
        Node::Folder(nodes) => nodes,
        Node::File => BTreeMapOf::new(),
    })
}

fn some_lines() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec("!?(\\*\\*/)?[a-c*.-]{1,2}(/[a-c*]{1,2}){0,2}", 0..3)
}

/// Without the walk's shortcuts: all paths, each judged from the root, with their folders.
fn slowly(root: &TempDir, selected: &Selection) -> Vec<Bytes> {
    let filter = Filter::new(root.path(), selected).unwrap();
    let all = walk(root, &Selection::default()).unwrap();
    let judged = |path: &[u8], folder: bool| {
        let mut trail = Trail::default();
        for (slash, _) in path.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
            let (verdict, below) = filter.enter(&path[..slash], &trail);
            if verdict == Verdict::Prune {
                return false;
            }
            trail = below;
        }
        if folder {
            return filter.enter(path, &trail).0 == Verdict::Send;
        }
        filter.sends(path, &trail)
    };
    let chosen: Vec<_> = all
        .iter()
        .filter(|found| judged(&found.stat.path, found.kind == Kind::Directory))
        .map(|found| found.stat.path.clone())
        .collect();
    let needed = |path: &Bytes| {
        let below = |chosen: &Bytes| chosen.starts_with(&path::join(path, b""));
        chosen.contains(path) || chosen.iter().any(below)
    };
    let paths = all.iter().map(|found| found.stat.path.clone());
    paths.filter(needed).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_walk_is_in_order_and_complete(
        nodes in some_tree(),
        include in some_lines(),
        exclude in some_lines(),
    ) {
        let root = tempfile::tempdir().unwrap();
        make(root.path(), &nodes);
        let lines = |lines: Vec<String>| lines.into_iter().map(Bytes::from).collect();
        let selected = Selection { include: lines(include), exclude: lines(exclude), follow: Vec::new() };
        if Filter::new(root.path(), &selected).is_err() {
            return Ok(());
        }
        let mut order = Order::new();
        let mut paths = Vec::new();
        for found in walk(&root, &selected).unwrap() {
            order.accept(&found.stat.path, found.kind == Kind::Directory).unwrap();
            paths.push(found.stat.path);
        }
        prop_assert_eq!(paths, slowly(&root, &selected));
    }
}
