//! Removes all that belongs to a builder.

use std::time::Duration;

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod, Secret};
use kube::ResourceExt;

use crate::cluster::{Cluster, Object};
use crate::error::{Error, Result};
use crate::manifest;
use crate::model::{BuilderName, NodeName};

use super::buildx;
use super::gone::{Names, Removal, gone, names};
use super::targets::{no_such_node, targets};
use super::workload::{self, Scope};

/// Removes one node of a builder, which must have others.
pub async fn leave(
    cluster: &Cluster,
    builder: &BuilderName,
    node: &NodeName,
    wait: Duration,
) -> Result<()> {
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
    let what = Removal {
        builder,
        node: Some(node),
        keep_state: false,
        wait: Some(wait),
    };
    Box::pin(remove(cluster, what)).await.map(drop)
}

/// Removes a builder or a node of it; says whether anything of it was there.
///
/// What a run that failed half way left behind, the next one removes. One of buildx's is removed
/// only if there is nothing of ours with that name.
pub async fn remove(cluster: &Cluster, what: Removal<'_>) -> Result<bool> {
    Ok(remove_ours(cluster, what).await? || buildx::remove(cluster, what).await?)
}

async fn remove_ours(cluster: &Cluster, what: Removal<'_>) -> Result<bool> {
    let labels = manifest::selector(what.builder, what.node);
    let (workloads, sets, pods, secrets, claims) = tokio::try_join!(
        workload::list(cluster, &labels, Scope::Namespace),
        cluster.list::<ReplicaSet>(&labels),
        cluster.list::<Pod>(&labels),
        cluster.list::<Secret>(&labels),
        claims(cluster, &labels, what.keep_state),
    )?;
    let there = !(workloads.is_empty()
        && sets.is_empty()
        && pods.is_empty()
        && secrets.is_empty()
        && claims.is_empty());
    for workload in &workloads {
        workload::delete(cluster, workload).await?;
    }
    // Only what nobody else will remove: the rest goes with its owner.
    delete_all(cluster, &orphans(sets)).await?;
    delete_all(cluster, &orphans(pods)).await?;
    delete_all(cluster, &secrets).await?;
    delete_all(cluster, &claims).await?;
    if let (true, Some(limit)) = (there, what.wait) {
        gone(&what, kinds(cluster, &labels, what.keep_state), limit).await?;
    }
    Ok(there)
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
