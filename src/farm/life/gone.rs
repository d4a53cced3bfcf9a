//! What is to be removed, and removing it until it is gone.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use futures::{Stream, StreamExt, stream};

use crate::cluster::{Cluster, Object, WatchError};
use crate::error::{Error, Kind, Result};
use crate::model::{BuilderName, NodeName};

/// What is removed.
#[derive(Debug, Clone, Copy)]
pub struct Removal<'a> {
    /// The builder.
    pub builder: &'a BuilderName,
    /// Only this node of it; all of it if none.
    pub node: Option<&'a NodeName>,
    /// Whether the volumes with the caches stay.
    pub keep_state: bool,
    /// How long to wait until all is gone, pods included; not at all if none.
    pub wait: Option<Duration>,
}

impl fmt::Display for Removal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.node {
            Some(node) => write!(f, "node {node} of builder {}", self.builder),
            None => write!(f, "builder {}", self.builder),
        }
    }
}

/// Deletes objects.
pub(super) async fn delete_all<K: Object>(cluster: &Cluster, objects: &[K]) -> Result<()> {
    for object in objects {
        cluster.delete(object).await?;
    }
    Ok(())
}

/// The names of what is left of one kind, now and after every change.
pub(super) type Names = Pin<Box<dyn Stream<Item = Result<Vec<String>, WatchError>> + Send>>;

/// What is left of a kind.
pub(super) fn names<K: Object>(cluster: &Cluster, labels: &str) -> Names {
    names_of::<K>(cluster, labels, |_| true)
}

/// What is left of those of a kind that are meant.
pub(super) fn names_of<K: Object>(
    cluster: &Cluster,
    labels: &str,
    meant: impl Fn(&K) -> bool + Send + 'static,
) -> Names {
    let snapshots = cluster.watch_labels::<K>(labels);
    let resource = K::kind(&()).to_ascii_lowercase();
    snapshots
        .map(move |snapshot| {
            snapshot.map(|objects| {
                let objects = objects.into_iter().filter(|(_, object)| meant(object));
                objects
                    .map(|(name, _)| format!("{resource}/{name}"))
                    .collect()
            })
        })
        .boxed()
}

/// Waits until nothing of these kinds is left.
pub(super) async fn gone(what: &Removal<'_>, kinds: Vec<Names>, limit: Duration) -> Result<()> {
    let mut left: Vec<Option<Vec<String>>> = vec![None; kinds.len()];
    let numbered = kinds.into_iter().enumerate();
    let mut changes =
        stream::select_all(numbered.map(|(kind, names)| names.map(move |names| (kind, names))));
    let waiting = async {
        while let Some((kind, names)) = changes.next().await {
            match names {
                Ok(names) => left[kind] = Some(names),
                Err(WatchError::Unreachable(_)) => {}
                Err(WatchError::Refused(error)) => return Err(error),
            }
            if left
                .iter()
                .all(|names| names.as_ref().is_some_and(Vec::is_empty))
            {
                break;
            }
        }
        Ok(())
    };
    if let Ok(waited) = tokio::time::timeout(limit, waiting).await {
        return waited;
    }
    let names: Vec<String> = left.into_iter().flatten().flatten().collect();
    Err(Error::new(
        Kind::NotReady,
        format!("{what} is deleted, but not all of it is gone yet"),
    )
    .because(format!("still there: {}", names.join(", ")))
    .hint("a pod goes when its builds are done, after 10 minutes at the latest"))
}
