use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use futures::TryStreamExt as _;
use ring::digest::SHA256;
use serde_json::{Value, json};
use tar::{Archive, Builder, EntryType, Header};

use super::{ArchiveError, Merged, Part, images, trees};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn digest(content: &[u8]) -> String {
    let hash = ring::digest::digest(&SHA256, content);
    hash.as_ref().iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn archive(file: &Path, entries: &[(String, Vec<u8>)]) {
    let mut archive = Builder::new(std::fs::File::create(file).unwrap());
    for (name, content) in entries {
        let mut header = Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o444);
        archive
            .append_data(&mut header, name, &content[..])
            .unwrap();
    }
    archive.finish().unwrap();
}

fn blob(content: &Value) -> (String, Vec<u8>) {
    let content = content.to_string().into_bytes();
    (format!("blobs/sha256/{}", digest(&content)), content)
}

fn descriptor(blob: &(String, Vec<u8>)) -> Value {
    json!({"mediaType": INDEX, "size": blob.1.len(),
        "digest": format!("sha256:{}", digest(&blob.1))})
}

/// The archive of a node that built for `architecture`, with a layer that all nodes have.
fn part(folder: &Path, architecture: &str, names: &[&str]) -> Part {
    let layer = blob(&json!("layer"));
    let manifest = blob(&json!({"layers": [descriptor(&layer)], "for": architecture}));
    let mut entry = descriptor(&manifest);
    entry["platform"] = json!({"os": "linux", "architecture": architecture});
    let index = blob(&json!({"mediaType": INDEX, "manifests": [entry],
        "annotations": {architecture: "yes"}}));
    let tops = names.iter().map(|name| {
        let mut top = descriptor(&index);
        top["annotations"] = json!({"io.containerd.image.name": name});
        top
    });
    let layout = json!({"schemaVersion": 2, "manifests": tops.collect::<Vec<_>>()});
    let file = folder.join(format!("{architecture}.tar"));
    let text = |name: &str, content: &Value| (name.to_owned(), content.to_string().into_bytes());
    archive(
        &file,
        &[
            layer,
            manifest,
            index,
            text("index.json", &layout),
            text("oci-layout", &json!({"imageLayoutVersion": "1.0.0"})),
        ],
    );
    Part {
        file,
        platforms: vec![architecture.parse().unwrap()],
    }
}

async fn entries(merged: Merged) -> std::io::Result<BTreeMap<String, Vec<u8>>> {
    let bytes: Vec<bytes::Bytes> = merged.chunks.try_collect().await?;
    let bytes = bytes.concat();
    let mut found = BTreeMap::new();
    for entry in Archive::new(&bytes[..]).entries()? {
        let mut entry = entry?;
        let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        assert!(
            found.insert(name.clone(), content).is_none(),
            "{name} twice"
        );
    }
    Ok(found)
}

#[tokio::test]
async fn one_image_of_the_archives_of_all_nodes() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["example.test/x:1", "example.test/x:2"];
    let parts = ["amd64", "arm64"].map(|arch| part(folder.path(), arch, &names));
    let merged = images(parts.into()).await.unwrap();
    let (digest, top) = merged.image.clone().unwrap();
    let entries = entries(merged).await.unwrap();
    let read = |name: &str| -> Value { serde_json::from_slice(&entries[name]).unwrap() };
    let layout = read("index.json");
    assert_eq!(layout["manifests"][0], top);
    let found: Vec<&Value> = layout["manifests"].as_array().unwrap().iter().collect();
    assert_eq!(found.len(), 2);
    for (entry, name) in found.iter().zip(names) {
        assert_eq!(entry["digest"], digest);
        assert_eq!(entry["annotations"]["io.containerd.image.name"], name);
    }
    let index = read(&format!("blobs/{}", digest.replace(':', "/")));
    assert_eq!(
        index["annotations"],
        json!({"amd64": "yes", "arm64": "yes"})
    );
    let platforms: Vec<&Value> = index["manifests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["platform"]["architecture"])
        .collect();
    assert_eq!(platforms, ["amd64", "arm64"]);
    // A layer that all have, a manifest of each, one index, and what makes it a layout.
    let blobs = entries.keys().filter(|name| name.len() > 70).count();
    assert_eq!((blobs, entries.len()), (4, 8));
    assert_eq!(read("oci-layout")["imageLayoutVersion"], "1.0.0");
}

#[tokio::test]
async fn what_is_no_image_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let good = part(folder.path(), "amd64", &["x"]);
    let file = folder.path().join("bad.tar");
    let bad = |entries: &[(String, Vec<u8>)]| {
        archive(&file, entries);
        let platforms = good.platforms.clone();
        vec![
            good.clone(),
            Part {
                file: file.clone(),
                platforms,
            },
        ]
    };
    let index = |text: &str| ("index.json".to_owned(), text.as_bytes().to_vec());
    let missing = format!(
        r#"{{"manifests":[{{"digest":"sha256:{}"}}]}}"#,
        digest(b"?")
    );
    let two = r#"{"manifests":[{"digest":"sha256:1"},{"digest":"sha256:2"}]}"#;
    for (entries, reason) in [
        (vec![], "has no index.json"),
        (vec![index("?")], "no JSON"),
        (vec![index("{}")], "names no image"),
        (vec![index(two)], "several images"),
        (vec![index(&missing)], "it lacks blobs/sha256/"),
    ] {
        let error = images(bad(&entries)).await.err().unwrap();
        assert!(error.to_string().contains(reason), "{error}");
    }
    let lie = (format!("blobs/sha256/{}", digest(b"?")), b"!".to_vec());
    let error = images(bad(&[lie, index(&missing)])).await.err().unwrap();
    let ArchiveError::Read(error) = error else {
        panic!("{error}")
    };
    assert!(
        error.to_string().contains("other content than its name"),
        "{error}"
    );
}

#[tokio::test]
async fn a_blob_that_is_cut_off_or_other_ends_the_archive() {
    let folder = tempfile::tempdir().unwrap();
    let parts = vec![part(folder.path(), "amd64", &["x"])];
    let mut bytes = std::fs::read(&parts[0].file).unwrap();
    let at = bytes
        .windows(7)
        .position(|text| text == b"\"layer\"")
        .unwrap();
    bytes[at + 1] = b'L';
    std::fs::write(&parts[0].file, bytes).unwrap();
    let error = entries(images(parts).await.unwrap()).await.unwrap_err();
    assert!(
        error.to_string().contains("other content than its name"),
        "{error}"
    );
}

#[tokio::test]
async fn files_of_all_nodes_are_in_one_archive() {
    let folder = tempfile::tempdir().unwrap();
    let long = format!("linux_arm64/{}", "long/".repeat(60));
    let file = |name: &str, entries: &[(String, Vec<u8>)]| -> PathBuf {
        let file = folder.path().join(name);
        archive(&file, entries);
        file
    };
    let one = file("1", &[("linux_amd64/a".to_owned(), b"a".to_vec())]);
    let two = file("2", &[(format!("{long}b"), b"b".to_vec())]);
    let found = entries(trees(vec![one, two])).await.unwrap();
    assert_eq!(found["linux_amd64/a"], b"a");
    assert_eq!(found[&format!("{long}b")], b"b");
    assert_eq!(found.len(), 2);
}

#[tokio::test]
async fn links_and_folders_stay_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.tar");
    let mut archive = Builder::new(std::fs::File::create(&file).unwrap());
    for (kind, name, link) in [
        (EntryType::Directory, "d/", ""),
        (EntryType::Symlink, "d/s", "../x"),
        (EntryType::Link, "d/h", "d/f"),
    ] {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(0);
        header.set_mode(0o7755);
        if !link.is_empty() {
            header.set_link_name(link).unwrap();
        }
        archive
            .append_data(&mut header, name, std::io::empty())
            .unwrap();
    }
    archive.into_inner().unwrap().flush().unwrap();
    let bytes: Vec<bytes::Bytes> = trees(vec![file.clone()])
        .chunks
        .try_collect()
        .await
        .unwrap();
    assert_eq!(bytes.concat(), std::fs::read(file).unwrap());
}

#[tokio::test]
async fn a_file_that_is_no_archive_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.tar");
    std::fs::write(&file, "x".repeat(2000)).unwrap();
    assert!(entries(trees(vec![file])).await.is_err());
    let gone = folder.path().join("gone");
    assert!(entries(trees(vec![gone])).await.is_err());
}
