//! What the tests of this module share: trees on disk, and channels for a wire.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::future::Future;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::{Batch, Existing, Export, Landing, Selection};
use crate::proto::fsutil::Packet;

/// A folder with these entries: `dir/`, `file` (its contents are its path), `link -> target`,
/// `name = file` for a hard link. Folders on the way are made.
pub(super) fn tree(entries: &[&str]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for entry in entries {
        let (name, other) = entry.split_once(' ').unwrap_or((entry, ""));
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match other.split_once(' ') {
            Some(("->", target)) => symlink(target, path).unwrap(),
            Some(("=", target)) => fs::hard_link(root.path().join(target), path).unwrap(),
            _ if name.ends_with('/') => fs::create_dir_all(path).unwrap(),
            _ => fs::write(path, name).unwrap(),
        }
    }
    root
}

pub(super) fn selection(include: &[&str], exclude: &[&str], follow: &[&str]) -> Selection {
    let lines = |lines: &[&str]| lines.iter().map(|line| line.to_string().into()).collect();
    Selection {
        include: lines(include),
        exclude: lines(exclude),
        follow: lines(follow),
    }
}

/// A folder that takes results.
pub(super) fn export(folder: &Path, existing: Existing) -> Arc<Export> {
    Arc::new(Export::new(Landing::find(folder).unwrap(), existing))
}

pub(super) fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Packets as they come from a connection.
pub(super) fn incoming(
    packets: mpsc::Receiver<Packet>,
) -> impl Stream<Item = Result<Packet, String>> + Send + Unpin {
    ReceiverStream::new(packets).map(Ok)
}

/// Packets of batches as they come from a connection.
pub(super) fn unpacked(
    batches: mpsc::Receiver<Batch>,
) -> impl Stream<Item = Result<Packet, String>> + Send + Unpin {
    ReceiverStream::new(batches).flat_map(|batch| futures::stream::iter(batch).map(Ok))
}

/// Runs `work` as somebody for whom the modes of files hold, even if the tests run as root.
pub(super) fn unprivileged<T: Send>(work: impl Future<Output = T> + Send) -> T {
    let body = || {
        #[cfg(target_os = "linux")]
        {
            use rustix::thread::{CapabilitySet, capabilities, set_capabilities};
            let mut sets = capabilities(None).unwrap();
            sets.effective = CapabilitySet::empty();
            set_capabilities(None, sets).unwrap();
        }
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        runtime.block_on(work)
    };
    std::thread::scope(|scope| scope.spawn(body).join().unwrap())
}

/// All that a copy of a tree must keep of an entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    mode: u32,
    modified: (i64, i64),
    contents: Bytes,
    /// The first path of the same file.
    same_as: Option<Vec<u8>>,
    attribute: Option<Vec<u8>>,
}

pub(super) fn snapshot(root: &Path) -> BTreeMap<Vec<u8>, Entry> {
    let mut entries = BTreeMap::new();
    let mut inodes = BTreeMap::new();
    let mut open = vec![Vec::new()];
    while let Some(folder) = open.pop() {
        let mut names: Vec<_> = fs::read_dir(root.join(OsStr::from_bytes(&folder)))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_vec())
            .collect();
        names.sort();
        for name in names {
            let path = super::path::join(&folder, &name);
            let full = root.join(OsStr::from_bytes(&path));
            let meta = fs::symlink_metadata(&full).unwrap();
            let contents = if meta.is_dir() {
                open.push(path.clone());
                Vec::new()
            } else if meta.is_symlink() {
                fs::read_link(&full).unwrap().into_os_string().into_vec()
            } else {
                fs::read(&full).unwrap()
            };
            let several = meta.nlink() > 1 && meta.is_file();
            let same_as = several.then(|| inodes.entry(meta.ino()).or_insert(path.clone()).clone());
            let entry = Entry {
                mode: meta.mode(),
                modified: (meta.mtime(), meta.mtime_nsec()),
                contents: contents.into(),
                same_as,
                attribute: xattr::get(&full, "user.test").ok().flatten(),
            };
            entries.insert(path, entry);
        }
    }
    entries
}

pub(super) fn paths(root: &Path) -> Vec<String> {
    let paths = snapshot(root).into_keys();
    paths.map(|path| String::from_utf8(path).unwrap()).collect()
}
