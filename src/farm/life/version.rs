//! Writes that undo nothing: each is meant for the version that was read before it.

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use kube::api::ObjectMeta;
use serde_json::Value;

use crate::cluster::{Cluster, Conflicts, TRIES};
use crate::error::{Error, Kind, Result};
use crate::farm::find::workload;
use crate::manifest::Workload;
use crate::model::NodeName;

/// How often a write is tried again that only a new status of the object stopped.
const STATUS_TRIES: usize = 10;

/// Tries until a try says that nobody disturbed it; each has to read everything again.
pub(super) async fn undisturbed<T>(
    cluster: &Cluster,
    node: &NodeName,
    mut once: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    for pause in cluster.pauses() {
        if let Some(done) = once().await? {
            return Ok(done);
        }
        tokio::time::sleep(pause).await;
    }
    Err(disturbed(node))
}

/// Nothing came of all tries.
pub(super) fn disturbed(node: &NodeName) -> Error {
    Error::new(
        Kind::NotReady,
        format!("somebody else changed node {node} during each of {TRIES} tries"),
    )
    .because("what they wrote is kept, this change is not complete")
    .hint("run it again when they are done")
}

/// The workload of a node as it is now. That it is gone is an error.
pub(super) async fn now(cluster: &Cluster, node: &NodeName) -> Result<Workload> {
    let there = workload::get(cluster, node.as_str()).await?;
    there.ok_or_else(|| gone(node))
}

/// Somebody removed a node at the same time.
pub(super) fn gone(node: &NodeName) -> Error {
    Error::new(Kind::NotFound, format!("node {node} is gone"))
        .hint("somebody else removed it; see kubectl buildkit ls")
}

/// Server-side apply over what was `there`, or where nothing is if nothing was. None if somebody
/// else changed its settings since: what was made of the old ones would undo that.
pub(super) async fn apply(
    cluster: &Cluster,
    workload: &Workload,
    there: Option<&Workload>,
    conflicts: Conflicts,
) -> Result<Option<Workload>> {
    let Some(there) = there else {
        return apply_over(cluster, workload, None, conflicts).await;
    };
    let mut seen = there.clone();
    for _ in 0..STATUS_TRIES {
        let applied = apply_over(cluster, workload, Some(seen.metadata()), conflicts).await;
        if let Ok(Some(_)) = applied {
            return applied;
        }
        match workload::get(cluster, there.name()).await {
            Ok(Some(newer)) if has_settings_of(&newer, &seen) => {
                applied?;
                seen = newer;
            }
            // Even a refusal may be about what is there no more.
            Ok(_) => return Ok(None),
            Err(error) => return Err(applied.err().unwrap_or(error)),
        }
    }
    Ok(None)
}

/// Merges `patch` into what was `there`; None if that is another version by now.
pub(super) async fn merge(
    cluster: &Cluster,
    there: &Workload,
    patch: &Value,
) -> Result<Option<Workload>> {
    let seen = there.metadata();
    Ok(match there {
        Workload::Deployment(_) => {
            let merged = cluster.merge_over::<Deployment>(seen, patch);
            merged.await?.map(Workload::from)
        }
        Workload::StatefulSet(_) => {
            let merged = cluster.merge_over::<StatefulSet>(seen, patch);
            merged.await?.map(Workload::from)
        }
    })
}

async fn apply_over(
    cluster: &Cluster,
    workload: &Workload,
    seen: Option<&ObjectMeta>,
    conflicts: Conflicts,
) -> Result<Option<Workload>> {
    Ok(match workload {
        Workload::Deployment(deployment) => {
            let applied = cluster.apply_over(deployment.as_ref(), seen, conflicts);
            applied.await?.map(Workload::from)
        }
        Workload::StatefulSet(set) => {
            let applied = cluster.apply_over(set.as_ref(), seen, conflicts);
            applied.await?.map(Workload::from)
        }
    })
}

/// Whether only the status changed, which controllers write all the time.
fn has_settings_of(newer: &Workload, seen: &Workload) -> bool {
    let settings = |workload: &Workload| {
        let metadata = workload.metadata();
        (
            metadata.uid.clone(),
            metadata.generation,
            metadata.labels.clone(),
            metadata.annotations.clone(),
        )
    };
    newer.kind() == seen.kind() && settings(newer) == settings(seen)
}
