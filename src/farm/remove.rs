//! Removes all that belongs to a builder.

use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{Pod, Secret};
use kube::ResourceExt;

use crate::cluster::{Cluster, Object, WatchError};
use crate::error::{Error, Kind, Result};
use crate::manifest;
use crate::model::BuilderName;

/// Removes the builder; says whether anything of it was there. With `wait` it returns when all is
/// gone, pods included.
///
/// What a run that failed half way left behind, the next one removes.
pub async fn remove(
    cluster: &Cluster,
    builder: &BuilderName,
    wait: Option<Duration>,
) -> Result<bool> {
    let labels = manifest::builder_selector(builder);
    let (deployments, sets, pods, secrets) = tokio::try_join!(
        cluster.list::<Deployment>(&labels),
        cluster.list::<ReplicaSet>(&labels),
        cluster.list::<Pod>(&labels),
        cluster.list::<Secret>(&labels),
    )?;
    let there =
        !(deployments.is_empty() && sets.is_empty() && pods.is_empty() && secrets.is_empty());
    delete_all(cluster, &deployments).await?;
    // Only what nobody else will remove: the rest goes with its owner.
    delete_all(cluster, &orphans(sets)).await?;
    delete_all(cluster, &orphans(pods)).await?;
    delete_all(cluster, &secrets).await?;
    if let (true, Some(limit)) = (there, wait) {
        gone(cluster, builder, &labels, limit).await?;
    }
    Ok(there)
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

/// What is left of one kind: the kind's place in the list, and names.
type Left = (usize, Result<Vec<String>, WatchError>);

/// Waits until nothing with the labels is left.
async fn gone(
    cluster: &Cluster,
    builder: &BuilderName,
    labels: &str,
    limit: Duration,
) -> Result<()> {
    let mut left: [Option<Vec<String>>; 4] = Default::default();
    let mut changes = stream::select_all([
        names::<Pod>(cluster, labels, 0),
        names::<ReplicaSet>(cluster, labels, 1),
        names::<Deployment>(cluster, labels, 2),
        names::<Secret>(cluster, labels, 3),
    ]);
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
        format!("builder {builder} is deleted, but not all of it is gone yet"),
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
