//! The workloads of builders that buildx made, and their removal.

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod};

use crate::cluster::Cluster;
use crate::error::Result;
use crate::farm::find::choose;
use crate::farm::find::workload::{self, Scope};
use crate::manifest::{self, BUILDX_CANDIDATES, Workload};
use crate::model::BuilderName;

use super::gone::{Names, Removal, delete_all, gone, names, names_of};

/// A node that buildx made, and what belongs to it.
pub(super) struct Belongings {
    pub(super) workload: Workload,
    pub(super) config_maps: Vec<ConfigMap>,
    pub(super) claims: Vec<PersistentVolumeClaim>,
}

/// Looks for all that `what` would remove.
pub(super) async fn find(cluster: &Cluster, what: Removal<'_>) -> Result<Vec<Belongings>> {
    let mut workloads = workloads(cluster, what.builder).await?;
    workloads.retain(|workload| {
        what.node
            .is_none_or(|node| node.as_str() == workload.name())
    });
    let mut found = Vec::new();
    for workload in workloads {
        let config_maps = config_maps(cluster, &workload).await?;
        let claims = if what.keep_state {
            Vec::new()
        } else {
            claims(cluster, &workload).await?
        };
        found.push(Belongings {
            workload,
            config_maps,
            claims,
        });
    }
    Ok(found)
}

/// Removes a builder that buildx made, or a node of it; says whether it was there.
///
/// No label ties its objects together: the workload says which they are. So it goes last, and what a
/// run that failed half way left behind, the next one finds.
pub(super) async fn remove(cluster: &Cluster, what: Removal<'_>) -> Result<bool> {
    let found = find(cluster, what).await?;
    for node in &found {
        delete_all(cluster, &node.config_maps).await?;
        delete_all(cluster, &node.claims).await?;
        workload::delete(cluster, &node.workload).await?;
        if !what.keep_state {
            // Its controller makes a claim anew that a waiting pod misses.
            delete_all(cluster, &claims(cluster, &node.workload).await?).await?;
        }
    }
    if let (false, Some(limit)) = (found.is_empty(), what.wait) {
        let kinds = found
            .iter()
            .flat_map(|node| kinds(cluster, &node.workload, what.keep_state));
        gone(&what, kinds.collect(), limit).await?;
    }
    Ok(!found.is_empty())
}

/// The workloads of a builder that buildx made; none if there is no such builder.
pub(super) async fn workloads(cluster: &Cluster, builder: &BuilderName) -> Result<Vec<Workload>> {
    let mut theirs = workload::list(cluster, BUILDX_CANDIDATES, Scope::Namespace).await?;
    theirs.retain(manifest::is_buildx);
    let builder = choose::find(&manifest::builders(&theirs, &[]), builder);
    let nodes = builder.map(|builder| builder.nodes).unwrap_or_default();
    theirs.retain(|workload| {
        let mut names = nodes.iter().map(|node| node.name.as_str());
        names.any(|name| name == workload.name())
    });
    Ok(theirs)
}

/// The `ConfigMap`s that buildx made for a node, which may be ours by now.
pub(super) async fn config_maps(cluster: &Cluster, workload: &Workload) -> Result<Vec<ConfigMap>> {
    let mut found = Vec::new();
    for name in manifest::buildx_config_maps(workload) {
        found.extend(cluster.get::<ConfigMap>(&name).await?);
    }
    Ok(found)
}

/// The claims of a workload's pods.
async fn claims(cluster: &Cluster, workload: &Workload) -> Result<Vec<PersistentVolumeClaim>> {
    if !matches!(workload, Workload::StatefulSet(_)) {
        return Ok(Vec::new());
    }
    let labels = workload.selector_text();
    let mut claims = cluster.list::<PersistentVolumeClaim>(&labels).await?;
    claims.retain(|claim| manifest::is_buildx_claim(workload, claim));
    Ok(claims)
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
