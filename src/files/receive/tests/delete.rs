//! Exports after which the destination has what came and nothing else.

use std::os::unix::fs::MetadataExt as _;

use super::*;
use crate::files::testing::{set_mode, snapshot, unprivileged};

fn end() -> Packet {
    packet(Type::Fin, 0, "")
}

/// `linux_amd64/f`, as one platform of several has it.
fn of_platform(name: &str) -> Vec<Packet> {
    vec![
        folder(name),
        file(&format!("{name}/f"), 3),
        listed(),
        data(1, "new"),
        data(1, ""),
        end(),
    ]
}

async fn complete(out: &Arc<Export>, said: Vec<Packet>) {
    given_to(out, said, Limits::default()).await.0.unwrap();
}

#[test]
fn what_the_result_does_not_have_goes() {
    unprivileged(deleted_around_what_came());
}

async fn deleted_around_what_came() {
    let root = tree(&[
        "outside/f",
        "out/stale",
        "out/d/stale/a/b/",
        "out/d/stale/a/c",
        "out/d/keep",
        "out/d/l -> ../../outside",
        "out/e/f/g",
        "out/k -> ../outside",
    ]);
    let out = root.path().join("out");
    set_mode(&out.join("d/stale/a"), 0o500);
    let mirror = export(&out, Existing::Goes);
    let mut read_only = stat("d", 1 << 31 | 0o555);
    read_only.mod_time = 1_000_000_000;
    let said = vec![
        offer(read_only),
        file("d/keep", 0),
        folder("new"),
        listed(),
        data(1, ""),
        end(),
    ];
    complete(&mirror, said).await;
    // Nothing goes before everything is there.
    assert!(out.join("stale").exists());
    assert_eq!(mirror.finish().unwrap(), 10);
    assert_eq!(paths(&out), ["d", "d/keep", "new"]);
    assert_eq!(paths(&root.path().join("outside")), ["f"]);
    let folder = out.join("d").metadata().unwrap();
    assert_eq!((folder.mode() & 0o7777, folder.mtime()), (0o555, 1));
}

#[tokio::test]
async fn what_is_in_the_way_goes_at_once() {
    let root = tree(&[
        "outside/f",
        "out/a/b/c",
        "out/b",
        "out/s/t",
        "out/h/i",
        "out/l -> ../outside",
    ]);
    let mirror = export(&root.path().join("out"), Existing::Goes);
    let said = vec![
        file("a", 1),
        folder("b"),
        link("h", "a", 0o644),
        folder("l"),
        link("s", "b", SYMLINK),
        listed(),
        data(0, "x"),
        data(0, ""),
        end(),
    ];
    complete(&mirror, said).await;
    assert_eq!(paths(&root.path().join("out")), ["a", "b", "h", "l", "s"]);
    assert_eq!(paths(&root.path().join("outside")), ["f"]);
    assert_eq!(mirror.finish().unwrap(), 0);
}

#[tokio::test]
async fn several_transfers_leave_each_other_what_they_brought() {
    let root = tree(&[
        "out/linux_amd64/old",
        "out/linux_s390x/f",
        "out/linux_arm64/f",
    ]);
    let out = root.path().join("out");
    let mirror = export(&out, Existing::Goes);
    let (one, other) = tokio::join!(
        given_to(&mirror, of_platform("linux_amd64"), Limits::default()),
        given_to(&mirror, of_platform("linux_arm64"), Limits::default()),
    );
    one.0.and(other.0).unwrap();
    assert_eq!(mirror.finish().unwrap(), 3);
    let want = [
        "linux_amd64",
        "linux_amd64/f",
        "linux_arm64",
        "linux_arm64/f",
    ];
    assert_eq!(paths(&out), want);
}

#[tokio::test]
async fn nothing_goes_if_nothing_came() {
    let root = tree(&["out/a"]);
    let mirror = export(&root.path().join("out"), Existing::Goes);
    assert_eq!(mirror.finish().unwrap(), 0);
    let broken = given_to(&mirror, vec![file("b", 1), end()], Limits::default()).await;
    broken.0.unwrap_err();
    assert_eq!(mirror.finish().unwrap(), 0);
    assert_eq!(paths(&root.path().join("out")), ["a"]);
    // But a result without files is one.
    complete(&mirror, vec![listed(), end()]).await;
    assert_eq!(mirror.finish().unwrap(), 1);
    assert_eq!(snapshot(&root.path().join("out")).len(), 0);
}

#[tokio::test]
async fn a_copy_deletes_nothing() {
    let root = tree(&["out/a"]);
    let copy = export(&root.path().join("out"), Existing::Stays);
    complete(&copy, of_platform("b")).await;
    assert_eq!(copy.finish().unwrap(), 0);
    assert_eq!(paths(&root.path().join("out")), ["a", "b", "b/f"]);
}

#[tokio::test]
async fn two_platforms_cannot_have_the_same_file() {
    let rows: [(Packet, Packet); 5] = [
        (file("x", 0), file("x", 0)),
        (file("x", 0), folder("x")),
        (folder("x"), file("x", 0)),
        (folder("x"), link("x", "y", SYMLINK)),
        (link("x", "y", SYMLINK), link("x", "y", SYMLINK)),
    ];
    for (one, other) in rows {
        for existing in [Existing::Stays, Existing::Goes] {
            let root = tree(&[]);
            let out = export(&root.path().join("out"), existing);
            let mut said = vec![one.clone(), listed()];
            if one.stat.as_ref().unwrap().mode == 0o644 {
                said.push(data(0, ""));
            }
            complete(&out, [said, vec![end()]].concat()).await;
            let (received, _) = given_to(&out, vec![other.clone()], Limits::default()).await;
            let error = received.unwrap_err();
            assert_eq!(
                error.to_string(),
                "cannot write x: the results of two platforms have it"
            );
            assert!(error.hint().unwrap().contains("platform-split"), "{error}");
            assert_eq!(paths(&root.path().join("out")), ["x"]);
        }
    }
    let root = tree(&[]);
    let out = export(root.path(), Existing::Stays);
    for name in ["a", "b"] {
        let said = vec![
            folder("shared"),
            file(&format!("shared/{name}"), 0),
            listed(),
        ];
        complete(&out, [said, vec![data(1, ""), end()]].concat()).await;
    }
    assert_eq!(paths(root.path()), ["shared", "shared/a", "shared/b"]);
}
