//! Puts what several nodes pushed together: one index, under every name.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use futures::future::try_join_all;
use serde_json::{Value, json};

use crate::model::{ImageName, Trust};

use super::access::Registries;
use super::failure::RegistryError;
use super::index::{self, MergeError, Part};
use super::remote::Remote;

/// Where an index goes.
#[derive(Debug, Clone, Copy)]
pub struct Destination<'a> {
    /// Its names. What the nodes pushed is in the repositories of all of them.
    pub names: &'a [ImageName],
    /// What their registries have to prove, by host; what is usual if absent.
    pub trust: &'a BTreeMap<String, Trust>,
    /// Whether it is pushed without a tag.
    pub by_digest: bool,
}

/// An index that was pushed.
#[derive(Debug, Clone, PartialEq)]
pub struct Pushed {
    /// Its digest.
    pub digest: String,
    /// Its descriptor.
    pub descriptor: Value,
}

/// Why no index was pushed.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// A registry did not do what it was asked for.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The parts make no index.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// A daemon did not say what it pushed.
    #[error("a node did not say what it pushed")]
    Nothing,
}

impl Registries {
    /// Makes one index of `parts` and pushes it to every name.
    pub async fn push(
        &self,
        parts: &[Part],
        destination: Destination<'_>,
    ) -> Result<Pushed, PushError> {
        let usual = Trust::default();
        let mut remotes = BTreeMap::new();
        for name in destination.names {
            if let Entry::Vacant(vacant) = remotes.entry(name.location()) {
                let (registry, path) = vacant.key();
                let trust = destination.trust.get(*registry).unwrap_or(&usual);
                let remote = Remote::open(self, (registry, path), trust).await?;
                vacant.insert(remote);
            }
        }
        let first = destination.names.first().map(ImageName::location);
        let first = first.and_then(|place| remotes.get(&place));
        let first = first.ok_or(PushError::Nothing)?;
        let bodies = parts.iter().map(async |part| {
            let digest = part.descriptor["digest"].as_str();
            let body = first.get(digest.ok_or(PushError::Nothing)?).await?;
            Ok::<_, PushError>((part, body))
        });
        let index = index::merge(&try_join_all(bodies).await?)?;
        for name in destination.names {
            let reference = if destination.by_digest {
                &index.digest
            } else {
                name.tag()
            };
            if let Some(remote) = remotes.get(&name.location()) {
                let body = index.body.clone();
                remote.put(reference, index.media_type, body).await?;
            }
        }
        let descriptor = json!({
            "mediaType": index.media_type,
            "digest": index.digest,
            "size": index.body.len(),
        });
        Ok(Pushed {
            digest: index.digest,
            descriptor,
        })
    }
}

#[cfg(test)]
#[path = "push_tests.rs"]
mod tests;
