//! All builders, as the cluster's objects show them.

use futures::future::join_all;
use k8s_openapi::api::core::v1::Pod;

use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::manifest::{self, ALL_BUILDERS};
use crate::model::Builder;

use super::workload::{self, Scope};

/// The builders as the cluster's objects show them.
pub async fn builders(cluster: &Cluster, scope: Scope) -> Result<Vec<Builder>> {
    selected(cluster, scope, "").await
}

/// The builders with the nodes whose objects a label selector matches; an empty one matches all.
///
/// Only workloads are selected by it: labels that somebody gave them by hand are not on their pods.
pub async fn selected(cluster: &Cluster, scope: Scope, labels: &str) -> Result<Vec<Builder>> {
    let pods = async {
        match scope {
            Scope::Namespace => cluster.list::<Pod>(ALL_BUILDERS).await,
            Scope::Everywhere => cluster.list_everywhere::<Pod>(ALL_BUILDERS).await,
        }
    };
    let labels = match labels.trim() {
        "" => ALL_BUILDERS.to_owned(),
        labels => format!("{ALL_BUILDERS},{labels}"),
    };
    let workloads = workload::list(cluster, &labels, scope);
    let (workloads, pods) = tokio::try_join!(workloads, pods)?;
    Ok(manifest::builders(&workloads, &pods))
}

/// The builders of the cluster's namespace and of `others`; and those of the others that could not
/// be looked into, with the reason.
pub async fn spread(
    cluster: &Cluster,
    others: &[String],
    labels: &str,
) -> Result<(Vec<Builder>, Vec<(String, Error)>)> {
    let elsewhere = join_all(others.iter().map(|namespace| async move {
        let other = cluster.in_namespace(namespace);
        (namespace, selected(&other, Scope::Namespace, labels).await)
    }));
    let here = selected(cluster, Scope::Namespace, labels);
    let (here, elsewhere) = tokio::join!(here, elsewhere);
    let (mut builders, mut unseen) = (here?, Vec::new());
    for (namespace, there) in elsewhere {
        match there {
            Ok(there) => builders.extend(there),
            Err(error) => unseen.push((namespace.clone(), error)),
        }
    }
    Ok((builders, unseen))
}
