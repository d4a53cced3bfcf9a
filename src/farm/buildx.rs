//! The workloads of builders that buildx made, and their removal.

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod};

use crate::cluster::Cluster;
use crate::error::Result;
use crate::manifest::{self, BUILDX_CANDIDATES, Workload};
use crate::model::BuilderName;

use super::choose::find;
use super::gone::{Names, Removal, gone, names, names_of};
use super::workload::{self, Scope};

/// Removes a builder that buildx made, or a node of it; says whether it was there.
///
/// No label ties its objects together: the workload says which they are. So it goes last, and what a
/// run that failed half way left behind, the next one finds.
pub(super) async fn remove(cluster: &Cluster, what: Removal<'_>) -> Result<bool> {
    let mut workloads = workloads(cluster, what.builder).await?;
    workloads.retain(|workload| {
        what.node
            .is_none_or(|node| node.as_str() == workload.name())
    });
    for workload in &workloads {
        for name in manifest::buildx_config_maps(workload) {
            if let Some(map) = cluster.get::<ConfigMap>(&name).await? {
                cluster.delete(&map).await?;
            }
        }
        if what.keep_state {
            workload::delete(cluster, workload).await?;
            continue;
        }
        // Before the workload, without which nothing would tell whose they are; and after it, as its
        // controller makes a claim anew that a waiting pod misses.
        delete_claims(cluster, workload).await?;
        workload::delete(cluster, workload).await?;
        delete_claims(cluster, workload).await?;
    }
    if let (false, Some(limit)) = (workloads.is_empty(), what.wait) {
        let kinds = workloads
            .iter()
            .flat_map(|w| kinds(cluster, w, what.keep_state));
        gone(&what, kinds.collect(), limit).await?;
    }
    Ok(!workloads.is_empty())
}

/// The workloads of a builder that buildx made; none if there is no such builder.
pub(super) async fn workloads(cluster: &Cluster, builder: &BuilderName) -> Result<Vec<Workload>> {
    let mut theirs = workload::list(cluster, BUILDX_CANDIDATES, Scope::Namespace).await?;
    theirs.retain(manifest::is_buildx);
    let builder = find(&manifest::builders(&theirs, &[]), builder);
    let nodes = builder.map(|builder| builder.nodes).unwrap_or_default();
    theirs.retain(|workload| {
        let mut names = nodes.iter().map(|node| node.name.as_str());
        names.any(|name| name == workload.name())
    });
    Ok(theirs)
}

async fn delete_claims(cluster: &Cluster, workload: &Workload) -> Result<()> {
    if !matches!(workload, Workload::StatefulSet(_)) {
        return Ok(());
    }
    let labels = workload.selector_text();
    for claim in cluster.list::<PersistentVolumeClaim>(&labels).await? {
        if manifest::is_buildx_claim(workload, &claim) {
            cluster.delete(&claim).await?;
        }
    }
    Ok(())
}

/// All that must go; the `ConfigMap`s are gone at once.
fn kinds(cluster: &Cluster, workload: &Workload, keep_state: bool) -> Vec<Names> {
    let labels = workload.selector_text();
    let name = workload.name().to_owned();
    let mut kinds = vec![names::<Pod>(cluster, &labels)];
    match workload {
        Workload::Deployment(_) => {
            kinds.push(names::<ReplicaSet>(cluster, &labels));
            kinds.push(names_of::<Deployment>(
                cluster,
                &labels,
                move |deployment| deployment.metadata.name.as_ref() == Some(&name),
            ));
        }
        Workload::StatefulSet(_) => {
            kinds.push(names_of::<StatefulSet>(cluster, &labels, move |set| {
                set.metadata.name.as_ref() == Some(&name)
            }));
            if !keep_state {
                let workload = workload.clone();
                kinds.push(names_of(cluster, &labels, move |claim| {
                    manifest::is_buildx_claim(&workload, claim)
                }));
            }
        }
    }
    kinds
}
