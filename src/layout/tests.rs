//! What a daemon may do to a layout, and what it may not.

use std::fs;
use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::model::{Algorithm, Digest};

fn layout() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), Access::Write).unwrap();
    (folder, store)
}

fn put_blob(store: &Store, content: &[u8]) -> Digest {
    let mut writer = store.writer("some", None, None).unwrap();
    writer.write(0, content).unwrap();
    writer.commit(None).unwrap()
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn a_blob_is_what_was_written() {
    let (folder, store) = layout();
    let digest = digest_of(b"content");
    let mut writer = store.writer("ref", Some(7), Some(&digest)).unwrap();
    writer.write(0, b"con").unwrap();
    assert_eq!(store.progress("ref").unwrap().offset, 3);
    assert_eq!(store.all_progress().unwrap().len(), 1);
    writer.write(3, b"tent").unwrap();
    assert_eq!(writer.commit(Some(&digest)).unwrap(), digest);

    assert_eq!(store.read(&digest).unwrap(), b"content");
    assert_eq!(store.blob(&digest).unwrap().size, 7);
    assert_eq!(store.blobs().unwrap().len(), 1);
    assert_eq!(files(folder.path()).len(), 1, "nothing is left beside it");
    assert!(store.progress("ref").is_err());
}

#[test]
fn lies_leave_nothing_behind() {
    let (folder, store) = layout();
    let other = digest_of(b"other");

    let mut writer = store.writer("digest", None, Some(&other)).unwrap();
    writer.write(0, b"content").unwrap();
    let error = writer.commit(Some(&other)).unwrap_err();
    assert!(matches!(error, LayoutError::Mismatch { .. }), "{error}");

    let mut writer = store.writer("short", Some(9), None).unwrap();
    writer.write(0, b"content").unwrap();
    let error = writer.commit(None).unwrap_err();
    assert!(matches!(error, LayoutError::Mismatch { .. }), "{error}");

    let mut writer = store.writer("long", Some(3), None).unwrap();
    let error = writer.write(0, b"content").unwrap_err();
    assert!(matches!(error, LayoutError::TooLong(3)), "{error}");
    writer.discard();

    let mut writer = store.writer("far", Some(1 << 20), None).unwrap();
    let error = writer.write(1 << 19, b"content").unwrap_err();
    assert!(matches!(error, LayoutError::Gap { end: 0, .. }), "{error}");
    writer.discard();

    let Err(error) = store.writer("huge", Some(u64::MAX), None) else {
        panic!("no disk has room for that")
    };
    assert!(matches!(error, LayoutError::NoRoom { .. }), "{error}");
    store.abort("huge").unwrap();
    assert_eq!(files(folder.path()), [""; 0]);
}

#[test]
fn a_reference_is_no_path() {
    let (folder, store) = layout();
    let inner = folder.path().join("a/b");
    let inner = Store::new(&inner, Access::Write).unwrap();
    for reference in ["../../escaped", "/etc/escaped", "a/../../b", "\0", ".."] {
        let mut writer = inner.writer(reference, None, None).unwrap();
        writer.write(0, reference.as_bytes()).unwrap();
        drop(writer);
    }
    assert_eq!(inner.all_progress().unwrap().len(), 5);
    assert!(
        files(folder.path())
            .iter()
            .all(|file| file.contains("/a/b/ingest/"))
    );
    assert!(store.blobs().unwrap().is_empty());
}

#[test]
fn a_link_is_not_written_through() {
    let (folder, store) = layout();
    let victim = folder.path().join("victim");
    fs::write(&victim, "kept").unwrap();
    let ingest = folder.path().join("ingest").join(digest_of(b"ref").hex());
    fs::create_dir_all(&ingest).unwrap();
    std::os::unix::fs::symlink(&victim, ingest.join("data")).unwrap();
    assert!(store.writer("ref", None, None).is_err());
    assert_eq!(fs::read_to_string(&victim).unwrap(), "kept");
}

#[test]
fn what_was_cut_off_goes_on_or_begins_anew() {
    let (_folder, store) = layout();
    let digest = digest_of(b"content");
    let mut writer = store.writer("ref", Some(7), Some(&digest)).unwrap();
    writer.write(0, b"con").unwrap();
    drop(writer);

    let mut writer = store.writer("ref", Some(7), Some(&digest)).unwrap();
    assert_eq!(writer.offset(), 3);
    writer.write(3, b"tent").unwrap();
    writer.commit(Some(&digest)).unwrap();

    let mut writer = store.writer("ref", None, None).unwrap();
    writer.write(0, b"nonsense").unwrap();
    drop(writer);
    let mut writer = store.writer("ref", Some(5), None).unwrap();
    assert_eq!(writer.offset(), 0, "longer than what comes");
    writer.write(0, b"xx").unwrap();
    writer.write(0, b"other").unwrap();
    assert_eq!(writer.commit(None).unwrap(), digest_of(b"other"));
}

#[test]
fn one_writer_for_a_reference_and_any_number_for_a_blob() {
    let (_folder, store) = layout();
    let digest = digest_of(b"content");
    let mut first = store.writer("a", Some(7), Some(&digest)).unwrap();
    let again = store.writer("a", Some(7), Some(&digest)).err().unwrap();
    assert!(matches!(again, LayoutError::Busy(_)), "{again}");
    assert!(matches!(store.abort("a"), Err(LayoutError::Busy(_))));

    let mut second = store.writer("b", Some(7), Some(&digest)).unwrap();
    first.write(0, b"content").unwrap();
    second.write(0, b"content").unwrap();
    first.commit(Some(&digest)).unwrap();
    let late = second.commit(Some(&digest)).unwrap_err();
    assert!(matches!(late, LayoutError::Exists(_)), "{late}");
    assert!(store.all_progress().unwrap().is_empty());
    let known = store.writer("c", None, Some(&digest)).err().unwrap();
    assert!(matches!(known, LayoutError::Exists(_)), "{known}");
}

#[test]
fn digests_of_other_kinds() {
    let (_folder, store) = layout();
    let long = Digest::new(
        Algorithm::Sha512,
        ring::digest::digest(&ring::digest::SHA512, b"content").as_ref(),
    );
    for expected in [Some(&long), None] {
        let mut writer = store.writer("ref", None, expected).unwrap();
        writer.write(0, b"content").unwrap();
        assert_eq!(writer.commit(Some(&long)).unwrap(), long);
        store.remove(&long).unwrap();
    }
}

#[test]
fn only_blobs_of_the_build_can_be_removed() {
    let (folder, store) = layout();
    let digest = put_blob(&store, b"content");
    let next_build = Store::new(folder.path(), Access::Write).unwrap();
    let error = next_build.remove(&digest).unwrap_err();
    assert!(matches!(error, LayoutError::NotOurs(_)), "{error}");

    let reader = Store::new(folder.path(), Access::Read).unwrap();
    assert_eq!(reader.open(&digest).unwrap().1, 7);
    for refused in [
        reader.remove(&digest).err(),
        reader.abort("ref").err(),
        reader.writer("ref", None, None).err(),
    ] {
        assert!(matches!(refused, Some(LayoutError::ReadOnly(_))));
    }
    store.remove(&digest).unwrap();
    assert!(matches!(store.blob(&digest), Err(LayoutError::NoBlob(_))));
}

#[test]
fn names_move_to_what_is_put_last() {
    let (folder, _store) = layout();
    let folder = folder.path();
    assert!(find(folder, "latest").is_err(), "no index");
    let descriptor = |n: u8| json!({"digest": digest_of(&[n]).to_string(), "size": n});
    let tag = |name: &str| Name::Tag(name.into());
    let digest = |name: &str| Some(find(folder, name).unwrap()?["digest"].clone());

    put(folder, &descriptor(1), &[tag("latest")]).unwrap();
    assert_eq!(only(folder).unwrap().unwrap()["size"], 1);
    put(folder, &descriptor(2), &[tag("latest"), tag("other")]).unwrap();
    assert!(only(folder).unwrap().is_none());
    let image = Name::Image("docker.io/library/x:latest".into());
    put(folder, &descriptor(3), &[image]).unwrap();

    assert_eq!(digest("latest"), Some(descriptor(2)["digest"].clone()));
    assert_eq!(
        digest("docker.io/library/x:latest"),
        Some(descriptor(3)["digest"].clone())
    );
    assert_eq!(digest("nobody"), None);
    let text = fs::read_to_string(folder.join("index.json")).unwrap();
    let index: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(index["schemaVersion"], 2);
    assert_eq!(index["manifests"].as_array().unwrap().len(), 3);
    let left = files(folder);
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn an_index_that_is_none_is_not_overwritten() {
    let (folder, _store) = layout();
    let file = folder.path().join("index.json");
    fs::write(&file, "mine").unwrap();
    let error = put(folder.path(), &json!({}), &[Name::Tag("x".into())]).unwrap_err();
    assert!(error.to_string().contains("index.json"), "{error}");
    assert_eq!(fs::read_to_string(file).unwrap(), "mine");
}

#[test]
fn many_change_the_index_at_once() {
    let (folder, _store) = layout();
    std::thread::scope(|threads| {
        for number in 0..8 {
            let folder = folder.path();
            threads.spawn(move || {
                let name = Name::Tag(number.to_string());
                put(folder, &json!({"size": number}), &[name]).unwrap();
            });
        }
    });
    for number in 0..8 {
        let found = find(folder.path(), &number.to_string()).unwrap();
        assert_eq!(found.unwrap()["size"], number);
    }
}

#[test]
fn a_sweep_keeps_what_a_name_leads_to() {
    let (folder, store) = layout();
    let layer = put_blob(&store, b"layer");
    let config = put_blob(&store, b"config");
    let stray = put_blob(&store, b"stray");
    let entry = |digest: &Digest| json!({"digest": digest.to_string(), "mediaType": "x"});
    let manifest = json!({"layers": [entry(&layer)], "config": entry(&config)});
    let manifest = put_blob(&store, manifest.to_string().as_bytes());
    let index = put_blob(
        &store,
        json!({"manifests": [entry(&manifest)]})
            .to_string()
            .as_bytes(),
    );
    put(folder.path(), &entry(&index), &[Name::Tag("latest".into())]).unwrap();

    let export = Lock::of_export(folder.path()).unwrap();
    assert_eq!(sweep(&store).unwrap(), None, "somebody writes");
    drop(export);
    assert_eq!(sweep(&store).unwrap(), Some(1));
    assert!(store.blob(&stray).is_err());
    for kept in [&layer, &config, &manifest, &index] {
        store.blob(kept).unwrap();
    }

    let lost = json!({"digest": stray.to_string(), "mediaType": "a.manifest.b"});
    put(folder.path(), &lost, &[Name::Tag("lost".into())]).unwrap();
    assert!(sweep(&store).is_err(), "nobody knows what belongs to it");
}

#[test]
fn blobs_are_counted() {
    let (folder, store) = layout();
    for _ in 0..blobs::MOST {
        store.begin().unwrap();
    }
    let Err(error) = store.writer("one more", None, None) else {
        panic!("no build has so many")
    };
    assert!(matches!(error, LayoutError::TooMany(_)), "{error}");
    assert_eq!(files(folder.path()), [""; 0]);
}
