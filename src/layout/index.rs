//! The index of a layout: which blobs have names.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use serde_json::{Map, Value, json};

use super::failure::LayoutError;
use super::lock::Lock;
use crate::system;

const REF_NAME: &str = "org.opencontainers.image.ref.name";
const IMAGE_NAME: &str = "io.containerd.image.name";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// How an entry of an index is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// A tag.
    Tag(String),
    /// An image, with its registry and tag.
    Image(String),
}

impl Name {
    fn annotations(&self) -> (&str, Option<&str>) {
        match self {
            Self::Tag(tag) => (tag, None),
            Self::Image(image) => (tag_of(image), Some(image)),
        }
    }
}

/// What stands behind the image's repository.
fn tag_of(image: &str) -> &str {
    let path = image.rfind('/').map_or(0, |slash| slash + 1);
    image[path..]
        .find(['@', ':'])
        .map_or("", |at| &image[path + at + 1..])
}

/// The descriptors in the index of `folder`.
pub(super) fn descriptors(folder: &Path) -> Result<Vec<Value>, LayoutError> {
    // In a folder that cannot be written nobody changes the index either.
    let _lock = match Lock::of_index(folder) {
        Err(locked @ LayoutError::Locked(_)) => return Err(locked),
        other => other.ok(),
    };
    Ok(manifests(&read(folder)?))
}

fn read(folder: &Path) -> Result<Map<String, Value>, LayoutError> {
    let path = folder.join("index.json");
    let text = fs::read(&path).map_err(LayoutError::file("read", &path))?;
    serde_json::from_slice(&text).map_err(|source| LayoutError::Index {
        file: path.display().to_string(),
        source,
    })
}

fn manifests(index: &Map<String, Value>) -> Vec<Value> {
    let list = index.get("manifests").and_then(Value::as_array);
    list.cloned().unwrap_or_default()
}

fn annotation<'a>(descriptor: &'a Value, key: &str) -> Option<&'a str> {
    descriptor.get("annotations")?.get(key)?.as_str()
}

/// The descriptor that is called `name`: an image's name counts before a tag.
pub fn find(folder: &Path, name: &str) -> Result<Option<Value>, LayoutError> {
    let there = descriptors(folder)?;
    let called = |key: &str| {
        let mut found = there.iter();
        found.find(|descriptor| annotation(descriptor, key) == Some(name))
    };
    Ok(called(IMAGE_NAME).or_else(|| called(REF_NAME)).cloned())
}

/// The descriptor of an index that has only one.
pub fn only(folder: &Path) -> Result<Option<Value>, LayoutError> {
    let mut there = descriptors(folder)?;
    Ok(there.pop().filter(|_| there.is_empty()))
}

/// Gives `descriptor` these names in the index of `folder`. Whatever had one of them loses it.
pub fn put(folder: &Path, descriptor: &Value, names: &[Name]) -> Result<(), LayoutError> {
    let _lock = Lock::of_index(folder)?;
    let mut index = match read(folder) {
        Err(LayoutError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Map::new()
        }
        other => other?,
    };
    index.entry("schemaVersion").or_insert(json!(2));
    index.entry("mediaType").or_insert(json!(INDEX));
    let mut there = manifests(&index);
    for name in names {
        let (tag, image) = name.annotations();
        there.retain(|old| {
            annotation(old, REF_NAME) != Some(tag) || annotation(old, IMAGE_NAME) != image
        });
        there.push(named(descriptor, tag, image));
    }
    index.insert("manifests".into(), Value::Array(there));
    write(
        &folder.join("oci-layout"),
        &json!({"imageLayoutVersion": "1.0.0"}),
    )?;
    write(&folder.join("index.json"), &Value::Object(index))
}

fn named(descriptor: &Value, tag: &str, image: Option<&str>) -> Value {
    let mut descriptor = descriptor.clone();
    let mut annotations = match descriptor.get_mut("annotations").map(Value::take) {
        Some(Value::Object(annotations)) => annotations,
        _ => Map::new(),
    };
    annotations.insert(REF_NAME.into(), tag.into());
    if let Some(image) = image {
        annotations.insert(IMAGE_NAME.into(), image.into());
    }
    descriptor["annotations"] = Value::Object(annotations);
    descriptor
}

/// Writes a file whole: who reads it without a lock sees the old one or the new one.
fn write(path: &Path, value: &Value) -> Result<(), LayoutError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let written = || -> io::Result<()> {
        let mut part = tempfile::Builder::new();
        part.prefix(".kubectl-buildkit-");
        if let Some(permissions) = system::public_permissions() {
            part.permissions(permissions);
        }
        let mut part = part.tempfile_in(folder)?;
        part.write_all(value.to_string().as_bytes())?;
        part.as_file().sync_all()?;
        part.persist(path)?;
        Ok(())
    };
    written().map_err(LayoutError::file("write", path))
}
