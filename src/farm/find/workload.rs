//! Workloads on the cluster: the same steps for Deployments and `StatefulSet`s.

use std::pin::Pin;

use futures::{Stream, StreamExt, stream};
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet, StatefulSet};

use crate::cluster::{Cluster, Conflicts, Object, WatchError, Written};
use crate::error::Result;
use crate::manifest::{self, Workload};
use crate::session::random_id;

/// Where to look for builders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The cluster's chosen namespace.
    Namespace,
    /// Every namespace.
    Everywhere,
}

/// The workload of that name, if there is one.
pub(in crate::farm) async fn get(cluster: &Cluster, name: &str) -> Result<Option<Workload>> {
    let (deployment, set) = tokio::try_join!(
        cluster.get::<Deployment>(name),
        cluster.get::<StatefulSet>(name)
    )?;
    Ok(deployment.map(Workload::from).or(set.map(Workload::from)))
}

/// The workloads that a label selector matches.
pub(in crate::farm) async fn list(
    cluster: &Cluster,
    labels: &str,
    scope: Scope,
) -> Result<Vec<Workload>> {
    let (deployments, sets) = match scope {
        Scope::Namespace => tokio::try_join!(
            cluster.list::<Deployment>(labels),
            cluster.list::<StatefulSet>(labels)
        )?,
        Scope::Everywhere => tokio::try_join!(
            cluster.list_everywhere::<Deployment>(labels),
            cluster.list_everywhere::<StatefulSet>(labels)
        )?,
    };
    let deployments = deployments.into_iter().map(Workload::from);
    Ok(deployments
        .chain(sets.into_iter().map(Workload::from))
        .collect())
}

/// Server-side apply; what is there afterwards.
pub(in crate::farm) async fn apply(
    cluster: &Cluster,
    workload: &Workload,
    written: Written,
    conflicts: Conflicts,
) -> Result<Workload> {
    Ok(match workload {
        Workload::Deployment(deployment) => {
            let applied = cluster.apply(deployment.as_ref(), written, conflicts);
            applied.await?.into()
        }
        Workload::StatefulSet(set) => {
            let applied = cluster.apply(set.as_ref(), written, conflicts);
            applied.await?.into()
        }
    })
}

/// Deletes it; its pods follow.
pub(in crate::farm) async fn delete(cluster: &Cluster, workload: &Workload) -> Result<bool> {
    match workload {
        Workload::Deployment(deployment) => cluster.delete(deployment.as_ref()).await,
        Workload::StatefulSet(set) => cluster.delete(set.as_ref()).await,
    }
}

/// The hash of a Deployment's pods of this version, as far as one may see it.
pub(in crate::farm) async fn newest_hash(
    cluster: &Cluster,
    workload: &Workload,
    revision: &str,
) -> Option<String> {
    let labels = workload.selector()?.iter();
    let labels: Vec<String> = labels
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let pods = labels.join(",");
    let sets = cluster.list::<ReplicaSet>(&pods).await.ok()?;
    manifest::newest_hash(&sets, revision)
}

/// Makes the controller try at once again what it could not do: it waits ever longer between its
/// tries. Who may not write waits with it.
pub(in crate::farm) async fn nudge(cluster: &Cluster, workload: &Workload) {
    let Ok(token) = random_id() else { return };
    let patch = manifest::try_again(&token);
    let name = workload.name();
    let _ = match workload {
        Workload::Deployment(_) => cluster
            .merge::<Deployment>(name, &patch, Written::Really)
            .await
            .map(Workload::from),
        Workload::StatefulSet(_) => cluster
            .merge::<StatefulSet>(name, &patch, Written::Really)
            .await
            .map(Workload::from),
    };
}

/// What a watch shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::farm) enum Seen {
    /// Nothing yet.
    #[default]
    NotYet,
    /// That it is not there.
    Missing,
    /// The workload.
    There(Box<Workload>),
}

/// The workload of that name, whatever its kind, now and after every change.
pub(in crate::farm) fn watch(
    cluster: &Cluster,
    name: &str,
) -> Pin<Box<dyn Stream<Item = Result<Seen, WatchError>> + Send>> {
    let deployments = of_kind::<Deployment>(cluster, name, 0);
    let sets = of_kind::<StatefulSet>(cluster, name, 1);
    stream::select(deployments, sets)
        .scan([Seen::NotYet, Seen::NotYet], |seen, (index, found)| {
            let shown = found.map(|found| {
                seen[index] = found;
                together(seen)
            });
            std::future::ready(Some(shown))
        })
        .boxed()
}

type OfKind = Pin<Box<dyn Stream<Item = (usize, Result<Seen, WatchError>)> + Send>>;

fn of_kind<K: Object + Into<Workload>>(cluster: &Cluster, name: &str, index: usize) -> OfKind {
    let snapshots = cluster.watch_fields::<K>(&format!("metadata.name={name}"));
    snapshots
        .map(move |snapshot| {
            let seen = snapshot.map(|found| match found.into_values().next() {
                Some(object) => Seen::There(Box::new(object.into())),
                None => Seen::Missing,
            });
            (index, seen)
        })
        .boxed()
}

/// What is there of either kind; it is missing only when it is so of both.
fn together(seen: &[Seen; 2]) -> Seen {
    let there = seen.iter().find(|seen| matches!(seen, Seen::There(_)));
    match there {
        Some(there) => there.clone(),
        None if seen.contains(&Seen::NotYet) => Seen::NotYet,
        None => Seen::Missing,
    }
}
