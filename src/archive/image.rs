//! OCI archives.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use ring::digest::{Context, SHA256};
use serde_json::{Value, json};
use tar::{Archive, Builder, EntryType, Header};

use crate::model::Platform;
use crate::registry;

use super::failure::ArchiveError;

/// The archive of one node.
#[derive(Debug, Clone)]
pub struct Part {
    /// Where it is.
    pub file: PathBuf,
    /// The platforms that the node built for.
    pub platforms: Vec<Platform>,
}

/// The largest index that is read: it holds a few hundred bytes for each platform.
const MAX_INDEX: u64 = 4 << 20;

/// The most blobs of an image; ten thousand layers would not reach it.
const MAX_BLOBS: usize = 100_000;

const BLOBS: &str = "blobs/sha256/";
const INDEX: &str = "index.json";
const LAYOUT: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;

/// An image of several archives, ready to be written.
pub(super) struct Image {
    /// The blobs of all, by the digits of their digest.
    blobs: BTreeMap<String, Source>,
    descriptor: Value,
    digest: String,
    /// The file `index.json`.
    index: Vec<u8>,
}

/// Where the bytes of a blob are.
enum Source {
    Part {
        file: PathBuf,
        offset: u64,
        size: u64,
    },
    Memory(Bytes),
}

impl Image {
    /// Reads which blobs there are, and puts the indexes together.
    pub(super) fn read(parts: Vec<Part>) -> Result<Self, ArchiveError> {
        let mut blobs = BTreeMap::new();
        let mut tops = Vec::new();
        for Part { file, platforms } in parts {
            let index = scan(&file, &mut blobs)?;
            tops.push((top(&index)?, platforms));
        }
        let mut bodies = Vec::new();
        for (descriptors, platforms) in &tops {
            let descriptor = descriptors[0].clone();
            let body = small_blob(&blobs, &descriptor)?;
            let platforms = platforms.clone();
            bodies.push((
                registry::Part {
                    descriptor,
                    platforms,
                },
                body,
            ));
        }
        let parts: Vec<_> = bodies
            .iter()
            .map(|(part, body)| (part, body.clone()))
            .collect();
        let index = registry::merge(&parts)?;
        for (part, body) in &bodies {
            if is_index(body) {
                blobs.remove(digits(&part.descriptor));
            }
        }
        let digest = index.digest.clone();
        let entries: Vec<Value> = tops[0].0.iter().map(|top| renamed(top, &index)).collect();
        blobs.insert(
            digest.trim_start_matches("sha256:").to_owned(),
            Source::Memory(index.body),
        );
        let layout = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": entries,
        });
        Ok(Self {
            blobs,
            descriptor: entries[0].clone(),
            digest,
            index: layout.to_string().into_bytes(),
        })
    }

    /// Its digest and descriptor.
    pub(super) fn identity(&self) -> (String, Value) {
        (self.digest.clone(), self.descriptor.clone())
    }

    /// Writes the archive. A blob that is not what its name says ends that.
    pub(super) fn write(&self, output: &mut dyn Write) -> io::Result<()> {
        let mut archive = Builder::new(output);
        for folder in ["blobs/", BLOBS] {
            let header = header(folder, EntryType::Directory, 0o755, 0)?;
            archive.append(&header, io::empty())?;
        }
        for (digits, source) in &self.blobs {
            let name = format!("{BLOBS}{digits}");
            let (content, size) = source.open()?;
            let mut content = Hashed::new(content);
            let header = header(&name, EntryType::Regular, 0o444, size)?;
            archive.append(&header, &mut content)?;
            content.check(digits)?;
        }
        for (name, content) in [(INDEX, &self.index[..]), ("oci-layout", LAYOUT.as_bytes())] {
            let header = header(name, EntryType::Regular, 0o444, content.len() as u64)?;
            archive.append(&header, content)?;
        }
        archive.finish()
    }
}

impl Source {
    fn open(&self) -> io::Result<(Box<dyn Read>, u64)> {
        match self {
            Self::Memory(bytes) => {
                let content = io::Cursor::new(bytes.clone());
                Ok((Box::new(content), bytes.len() as u64))
            }
            Self::Part { file, offset, size } => {
                let mut file = File::open(file)?;
                file.seek(SeekFrom::Start(*offset))?;
                Ok((Box::new(file.take(*size)), *size))
            }
        }
    }
}

/// A new entry, the same at any time.
fn header(name: &str, kind: EntryType, mode: u32, size: u64) -> io::Result<Header> {
    let mut header = Header::new_gnu();
    header.set_path(name)?;
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_cksum();
    Ok(header)
}

/// Finds the blobs of an archive. The content of its index.
fn scan(file: &Path, blobs: &mut BTreeMap<String, Source>) -> Result<Value, ArchiveError> {
    let mut index = None;
    let mut archive = Archive::new(BufReader::new(File::open(file)?));
    for entry in archive.entries_with_seek()? {
        let mut entry = entry?;
        if entry.header().entry_type() != EntryType::Regular {
            continue;
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if name == INDEX {
            let mut text = Vec::new();
            (&mut entry).take(MAX_INDEX).read_to_end(&mut text)?;
            index = Some(parsed(&text, INDEX)?);
        } else if let Some(digits) = name.strip_prefix(BLOBS).filter(|name| is_digest(name)) {
            let source = Source::Part {
                file: file.to_owned(),
                offset: entry.raw_file_position(),
                size: entry.size(),
            };
            blobs.entry(digits.to_owned()).or_insert(source);
        }
        if blobs.len() > MAX_BLOBS {
            let text = format!("it has more than {MAX_BLOBS} blobs");
            return Err(ArchiveError::NoImage(text));
        }
    }
    index.ok_or_else(|| ArchiveError::NoImage(format!("it has no {INDEX}")))
}

fn is_digest(name: &str) -> bool {
    name.len() == 64
        && name
            .bytes()
            .all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
}

fn parsed(text: &[u8], what: &str) -> Result<Value, ArchiveError> {
    serde_json::from_slice(text)
        .map_err(|error| ArchiveError::NoImage(format!("its {what} is no JSON: {error}")))
}

/// What an archive holds: one image, once for each of its names.
fn top(index: &Value) -> Result<Vec<Value>, ArchiveError> {
    let entries = index["manifests"].as_array().cloned().unwrap_or_default();
    let Some(first) = entries.first() else {
        return Err(ArchiveError::NoImage(format!("its {INDEX} names no image")));
    };
    if entries
        .iter()
        .any(|entry| entry["digest"] != first["digest"])
    {
        let text = format!("its {INDEX} names several images");
        return Err(ArchiveError::NoImage(text));
    }
    Ok(entries)
}

/// The same entry for the image of all.
fn renamed(entry: &Value, index: &registry::Index) -> Value {
    let mut entry = entry.clone();
    entry["mediaType"] = index.media_type.into();
    entry["digest"] = index.digest.clone().into();
    entry["size"] = index.body.len().into();
    entry
}

fn digits(descriptor: &Value) -> &str {
    let digest = descriptor["digest"].as_str().unwrap_or_default();
    digest.trim_start_matches("sha256:")
}

/// The content of an index or manifest.
fn small_blob(blobs: &BTreeMap<String, Source>, descriptor: &Value) -> Result<Bytes, ArchiveError> {
    let digits = digits(descriptor);
    let source = blobs.get(digits);
    let source =
        source.ok_or_else(|| ArchiveError::NoImage(format!("it lacks {BLOBS}{digits}")))?;
    let (content, _) = source.open()?;
    let mut content = Hashed::new(content.take(MAX_INDEX));
    let mut text = Vec::new();
    content.read_to_end(&mut text)?;
    content.check(digits)?;
    Ok(text.into())
}

fn is_index(body: &[u8]) -> bool {
    let index = serde_json::from_slice::<Value>(body);
    index.is_ok_and(|index| index["manifests"].is_array())
}

/// A reader that knows what went through it.
struct Hashed<R> {
    content: R,
    context: Context,
}

impl<R: Read> Hashed<R> {
    fn new(content: R) -> Self {
        Self {
            content,
            context: Context::new(&SHA256),
        }
    }

    fn check(self, digits: &str) -> io::Result<()> {
        let found = self.context.finish();
        let is_same = found
            .as_ref()
            .iter()
            .zip(digits.as_bytes().chunks(2))
            .all(|(byte, text)| format!("{byte:02x}").as_bytes() == text);
        if is_same {
            return Ok(());
        }
        let text = format!("the blob sha256:{digits} has other content than its name says");
        Err(io::Error::new(io::ErrorKind::InvalidData, text))
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.content.read(buffer)?;
        self.context.update(&buffer[..length]);
        Ok(length)
    }
}
