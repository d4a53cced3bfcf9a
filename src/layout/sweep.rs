//! Removing what no name of a layout leads to.

use std::collections::HashSet;

use serde_json::Value;

use crate::model::Digest;

use super::blobs::Store;
use super::failure::LayoutError;
use super::index;
use super::lock::Lock;

/// Blobs that may be manifests: no manifest is longer, and layers that look like one are left alone.
const MANIFEST: u64 = 8 << 20;

/// Removes the blobs of `store` that nothing in its index leads to, and says how many they were. None
/// if somebody else writes a cache there: its blobs have no name yet.
pub fn sweep(store: &Store) -> Result<Option<usize>, LayoutError> {
    store.writable()?;
    let Some(_lock) = Lock::of_sweep(store.folder())? else {
        return Ok(None);
    };
    let mut wanted = index::descriptors(store.folder())?;
    let mut named = HashSet::new();
    while let Some(next) = wanted.pop() {
        if let Some(digest) = digest(&next)
            && named.insert(digest.clone())
        {
            wanted.extend(children(store, &next, &digest)?);
        }
    }
    let mut removed = 0;
    for blob in store.blobs()? {
        if !named.contains(&blob.digest) {
            store.delete(&blob.digest)?;
            removed += 1;
        }
    }
    Ok(Some(removed))
}

fn digest(descriptor: &Value) -> Option<Digest> {
    descriptor.get("digest")?.as_str()?.parse().ok()
}

/// What a blob leads to if it is a manifest or an index. If one of those is missing, nobody can say
/// what belongs to it: then nothing is removed.
fn children(store: &Store, descriptor: &Value, blob: &Digest) -> Result<Vec<Value>, LayoutError> {
    match store.blob(blob) {
        Ok(there) if there.size <= MANIFEST => {}
        Ok(_) => return Ok(Vec::new()),
        Err(LayoutError::NoBlob(_)) if !is_list(descriptor) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    }
    let Ok(manifest) = serde_json::from_slice::<Value>(&store.read(blob)?) else {
        return Ok(Vec::new());
    };
    let lists = ["manifests", "layers", "blobs"];
    let listed = lists
        .iter()
        .filter_map(|key| manifest.get(key)?.as_array())
        .flatten();
    let single = ["config", "subject"];
    let single = single.iter().filter_map(|key| manifest.get(key));
    Ok(listed.chain(single).cloned().collect())
}

/// Whether a descriptor is one of a manifest or an index.
fn is_list(descriptor: &Value) -> bool {
    let kind = descriptor.get("mediaType").and_then(Value::as_str);
    kind.is_none_or(|kind| kind.contains("manifest") || kind.contains("index"))
}
