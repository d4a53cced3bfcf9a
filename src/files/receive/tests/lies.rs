//! What a daemon may say that is no BuildKit: each lie is refused by name, and nothing comes of it.

use super::*;
use crate::files::testing::snapshot;

#[tokio::test]
async fn a_million_entries_and_one_more_are_refused() {
    let root = tree(&[]);
    let out = export(&root.path().join("out"), Existing::Stays);
    let (to_us, packets) = mpsc::channel(1024);
    let (requests, _asked) = mpsc::channel(8);
    let limits = Limits {
        entries: 20_000,
        ..Limits::default()
    };
    let daemon = async {
        for i in 0.. {
            if to_us
                .send(link(&format!("{i:09}"), "x", SYMLINK))
                .await
                .is_err()
            {
                break;
            }
        }
    };
    let receiving = receive(&out, incoming(packets), requests, limits);
    let (received, ()) = tokio::join!(receiving, daemon);
    let error = received.unwrap_err();
    assert_eq!(error.to_string(), "the daemon sends more than 20000 files");
    assert_eq!(snapshot(&root.path().join("out")).len(), 20_000);
    assert_eq!(Limits::default().entries, 1_000_000);
}

#[tokio::test]
async fn limits_are_for_all_transfers_together() {
    let root = tree(&[]);
    let out = export(&root.path().join("out"), Existing::Stays);
    let limits = Limits {
        entries: 3,
        transfers: 3,
        ..Limits::default()
    };
    let of = |names: &[&str]| {
        let folders = names.iter().map(|name| folder(name));
        let end = [listed(), packet(Type::Fin, 0, "")];
        folders.chain(end).collect::<Vec<_>>()
    };
    given_to(&out, of(&["a", "b"]), limits).await.0.unwrap();
    let error = given_to(&out, of(&["c", "d"]), limits).await.0.unwrap_err();
    assert!(matches!(error, ReceiveError::TooManyEntries(3)), "{error}");
    given_to(&out, of(&[]), limits).await.0.unwrap();
    let error = given_to(&out, of(&[]), limits).await.0.unwrap_err();
    assert!(
        matches!(error, ReceiveError::TooManyTransfers(3)),
        "{error}"
    );
}

#[tokio::test]
async fn a_link_of_one_transfer_does_not_lead_into_another() {
    let root = tree(&[]);
    let out = export(&root.path().join("out"), Existing::Stays);
    let end = packet(Type::Fin, 0, "");
    let said = vec![file("a", 0), listed(), data(0, ""), end];
    given_to(&out, said, Limits::default()).await.0.unwrap();
    let said = vec![link("b", "a", 0o644)];
    let error = given_to(&out, said, Limits::default()).await.0.unwrap_err();
    let want = "refused the link b from the daemon: it leads to a, which is no exported file";
    assert_eq!(error.to_string(), want);
}

#[tokio::test]
async fn a_size_is_no_reservation() {
    // Nothing is allocated for what was only announced.
    let root = tree(&[]);
    let said = vec![file("a", i64::MAX), data(0, "x"), packet(Type::Fin, 0, "")];
    let error = given(&root, said, Limits::default()).await.0.unwrap_err();
    assert!(matches!(error, ReceiveError::EndedEarly), "{error}");
}

#[tokio::test]
async fn attributes_of_the_system_and_foreign_owners_are_left_out() {
    use std::os::unix::fs::MetadataExt as _;
    let root = tree(&[]);
    let mut entry = stat("a", 1 << 23 | 1 << 22 | 0o755);
    entry.uid = 4_000_000;
    entry.gid = 4_000_000;
    for name in [
        "user.test",
        "security.capability",
        "trusted.x",
        "system.posix_acl_access",
    ] {
        entry.xattrs.insert(name.into(), "v".into());
    }
    let said = vec![
        offer(entry),
        listed(),
        data(0, ""),
        packet(Type::Fin, 0, ""),
    ];
    given(&root, said, Limits::default()).await.0.unwrap();
    let path = root.path().join("out/a");
    let meta = path.metadata().unwrap();
    let caller = rustix::process::getuid().as_raw();
    assert_eq!(meta.uid(), caller);
    let attributes: Vec<_> = xattr::list(&path).unwrap().collect();
    assert!(
        attributes.iter().all(|name| name == "user.test"),
        "{attributes:?}"
    );
    // As in other clients: an exported root file system needs it, and the owner is the caller.
    assert_eq!(meta.mode() & 0o7777, 0o6755);
}

#[tokio::test]
async fn odd_names_are_names() {
    let root = tree(&[]);
    let names = ["-rf", "a\\..\\b", "c:", "d\n", "~"];
    let said = names.iter().map(|name| file(name, 0));
    let contents = (0..5).map(|id| data(id, ""));
    let end = [packet(Type::Fin, 0, "")];
    let said = said.chain([listed()]).chain(contents).chain(end).collect();
    given(&root, said, Limits::default()).await.0.unwrap();
    assert_eq!(paths(&root.path().join("out")), names);
}

/// Whoever reads the error learns which file it is about and what to do.
#[tokio::test]
async fn every_refusal_says_what_to_do() {
    let rows = [
        vec![offer(stat("../x", 0o644))],
        vec![offer(stat("/x", 0o644))],
        vec![offer(stat("x", 1 << 26 | 0o644))],
        vec![link("x", "/etc/shadow", 0o644)],
        vec![folder("x"), folder("x")],
        vec![file("x", -1)],
        vec![file("x", 1), data(0, "more")],
        vec![file("x", 1), data(0, "")],
    ];
    for said in rows {
        let error = refused(said).await;
        assert!(error.to_string().contains('x'), "{error}");
        assert!(error.hint().is_some(), "{error}");
    }
    let error = refused(vec![data(7, "x")]).await;
    assert_eq!(
        error.to_string(),
        "refused data from the daemon: entry 7 was not asked for"
    );
    assert!(error.hint().is_some(), "{error}");
}
