//! Removes all that belongs to a builder.

use std::fmt;
use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod, Secret};
use kube::ResourceExt;

use crate::cluster::{Cluster, Object, WatchError};
use crate::error::{Error, Kind, Result};
use crate::manifest::{self, Workload};
use crate::model::{BuilderName, NodeName};

use super::targets::{no_such_node, targets};
use super::workload::{self, Scope};

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

/// Whether a node can leave: it is there, and its builder has others.
pub async fn can_leave(cluster: &Cluster, builder: &BuilderName, node: &NodeName) -> Result<()> {
    let there = targets(cluster, builder, None).await?;
    let names: Vec<String> = there.iter().map(|one| one.name().to_owned()).collect();
    if !names.iter().any(|name| name == node.as_str()) {
        return Err(no_such_node(builder, node, &names));
    }
    if names.len() == 1 {
        return Err(
            Error::usage(format!("{node} is the last node of builder {builder}")).hint(format!(
                "to remove the builder: kubectl buildkit rm {builder}"
            )),
        );
    }
    Ok(())
}

/// All that belongs to a builder, or to a node of it.
pub(super) struct Belongings {
    pub(super) workloads: Vec<Workload>,
    pub(super) sets: Vec<ReplicaSet>,
    pub(super) pods: Vec<Pod>,
    pub(super) secrets: Vec<Secret>,
    pub(super) claims: Vec<PersistentVolumeClaim>,
}

impl Belongings {
    fn is_empty(&self) -> bool {
        self.workloads.is_empty()
            && self.sets.is_empty()
            && self.pods.is_empty()
            && self.secrets.is_empty()
            && self.claims.is_empty()
    }
}

/// Looks for all that `what` would remove.
pub(super) async fn find(cluster: &Cluster, what: Removal<'_>) -> Result<Belongings> {
    let labels = manifest::selector(what.builder, what.node);
    // Boxed: five requests at once are large, and much waits for them.
    let (workloads, sets, pods, secrets, claims) = Box::pin(async {
        tokio::try_join!(
            workload::list(cluster, &labels, Scope::Namespace),
            cluster.list::<ReplicaSet>(&labels),
            cluster.list::<Pod>(&labels),
            cluster.list::<Secret>(&labels),
            claims(cluster, &labels, what.keep_state),
        )
    })
    .await?;
    Ok(Belongings {
        workloads,
        sets,
        pods,
        secrets,
        claims,
    })
}

/// Removes a builder or a node of it; says whether anything of it was there.
///
/// What a run that failed half way left behind, the next one removes.
pub async fn remove(cluster: &Cluster, what: Removal<'_>) -> Result<bool> {
    let found = find(cluster, what).await?;
    let there = !found.is_empty();
    for workload in &found.workloads {
        workload::delete(cluster, workload).await?;
    }
    // Only what nobody else will remove: the rest goes with its owner.
    delete_all(cluster, &orphans(found.sets)).await?;
    delete_all(cluster, &orphans(found.pods)).await?;
    delete_all(cluster, &found.secrets).await?;
    delete_all(cluster, &found.claims).await?;
    if let (true, Some(limit)) = (there, what.wait) {
        let labels = manifest::selector(what.builder, what.node);
        gone(cluster, what, &labels, limit).await?;
    }
    Ok(there)
}

async fn claims(cluster: &Cluster, labels: &str, keep: bool) -> Result<Vec<PersistentVolumeClaim>> {
    if keep {
        return Ok(Vec::new());
    }
    cluster.list(labels).await
}

async fn delete_all<K: Object>(cluster: &Cluster, objects: &[K]) -> Result<()> {
    for object in objects {
        cluster.delete(object).await?;
    }
    Ok(())
}

fn orphans<K: Object>(objects: Vec<K>) -> Vec<K> {
    let mut objects = objects;
    objects.retain(|object| object.owner_references().is_empty());
    objects
}

impl fmt::Display for Removal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.node {
            Some(node) => write!(f, "node {node} of builder {}", self.builder),
            None => write!(f, "builder {}", self.builder),
        }
    }
}

/// What is left of one kind: the kind's place in the list, and names.
type Left = (usize, Result<Vec<String>, WatchError>);

/// Waits until nothing with the labels is left.
async fn gone(cluster: &Cluster, what: Removal<'_>, labels: &str, limit: Duration) -> Result<()> {
    let mut kinds = vec![
        names::<Pod>(cluster, labels, 0),
        names::<ReplicaSet>(cluster, labels, 1),
        names::<Deployment>(cluster, labels, 2),
        names::<StatefulSet>(cluster, labels, 3),
        names::<Secret>(cluster, labels, 4),
    ];
    if !what.keep_state {
        kinds.push(names::<PersistentVolumeClaim>(cluster, labels, 5));
    }
    let mut left: Vec<Option<Vec<String>>> = vec![None; kinds.len()];
    let mut changes = stream::select_all(kinds);
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

fn names<K: Object>(
    cluster: &Cluster,
    labels: &str,
    kind: usize,
) -> std::pin::Pin<Box<dyn Stream<Item = Left> + Send>> {
    let snapshots = cluster.watch_labels::<K>(labels);
    let resource = K::kind(&()).to_ascii_lowercase();
    snapshots
        .map(move |snapshot| {
            let names = snapshot.map(|objects| {
                let names = objects.into_keys();
                names.map(|name| format!("{resource}/{name}")).collect()
            });
            (kind, names)
        })
        .boxed()
}
