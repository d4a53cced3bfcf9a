//! Removes all that belongs to a builder.

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod, Secret};
use kube::ResourceExt;

use crate::cluster::{Cluster, Object};
use crate::error::{Error, Result};
use crate::farm::find::workload::{self, Scope};
use crate::manifest::{self, Workload};
use crate::model::{BuilderName, NodeName};

use super::buildx;
use super::gone::{Names, Removal, delete_all, gone, names};
use super::targets::{no_such_node, targets};

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
    /// What the adoption of a builder of buildx's left when it was killed.
    pub(super) config_maps: Vec<ConfigMap>,
    pub(super) claims: Vec<PersistentVolumeClaim>,
}

impl Belongings {
    pub(super) fn is_empty(&self) -> bool {
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
    let mut config_maps = Vec::new();
    for workload in &workloads {
        config_maps.extend(buildx::config_maps(cluster, workload).await?);
    }
    Ok(Belongings {
        workloads,
        sets,
        pods,
        secrets,
        config_maps,
        claims,
    })
}

/// Removes a builder or a node of it; says whether anything of it was there.
///
/// What a run that failed half way left behind, the next one removes. One of buildx's is removed
/// only if there is nothing of ours with that name.
pub async fn remove(cluster: &Cluster, what: Removal<'_>) -> Result<bool> {
    let found = find(cluster, what).await?;
    if found.is_empty() {
        return Box::pin(buildx::remove(cluster, what)).await;
    }
    // The workload says which they are.
    delete_all(cluster, &found.config_maps).await?;
    for workload in &found.workloads {
        workload::delete(cluster, workload).await?;
    }
    // Only what nobody else will remove: the rest goes with its owner.
    delete_all(cluster, &orphans(found.sets)).await?;
    delete_all(cluster, &orphans(found.pods)).await?;
    delete_all(cluster, &found.secrets).await?;
    delete_all(cluster, &found.claims).await?;
    if let Some(limit) = what.wait {
        let labels = manifest::selector(what.builder, what.node);
        gone(&what, kinds(cluster, &labels, what.keep_state), limit).await?;
    }
    Ok(true)
}

/// All that must go.
fn kinds(cluster: &Cluster, labels: &str, keep_state: bool) -> Vec<Names> {
    let mut kinds = vec![
        names::<Pod>(cluster, labels),
        names::<ReplicaSet>(cluster, labels),
        names::<Deployment>(cluster, labels),
        names::<StatefulSet>(cluster, labels),
        names::<Secret>(cluster, labels),
    ];
    if !keep_state {
        kinds.push(names::<PersistentVolumeClaim>(cluster, labels));
    }
    kinds
}

async fn claims(cluster: &Cluster, labels: &str, keep: bool) -> Result<Vec<PersistentVolumeClaim>> {
    if keep {
        return Ok(Vec::new());
    }
    cluster.list(labels).await
}

fn orphans<K: Object>(objects: Vec<K>) -> Vec<K> {
    let mut objects = objects;
    objects.retain(|object| object.owner_references().is_empty());
    objects
}
