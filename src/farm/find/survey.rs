//! All builders, as the cluster's objects show them.

use futures::future::join_all;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{Pod, PodSpec};

use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::manifest::{self, ALL_BUILDERS, BUILDX_CANDIDATES, Workload};
use crate::model::Builder;

use super::workload::Scope;

/// The builders as the cluster's objects show them.
pub async fn builders(cluster: &Cluster, scope: Scope) -> Result<Vec<Builder>> {
    selected(cluster, scope, "").await
}

/// The builders with the nodes whose objects a label selector matches; an empty one matches all. It
/// takes as many requests for many builders as for one; those for pods of buildx's are made only if
/// there are any.
///
/// Only workloads are selected by it: labels that somebody gave them by hand are not on their pods.
pub async fn selected(cluster: &Cluster, scope: Scope, labels: &str) -> Result<Vec<Builder>> {
    let (of_ours, of_theirs) = (both(ALL_BUILDERS, labels), both(BUILDX_CANDIDATES, labels));
    let (mut ours, mut all, candidates) = tokio::try_join!(
        workloads(cluster, &of_ours, scope),
        pods(cluster, ALL_BUILDERS, scope),
        workloads(cluster, &of_theirs, scope),
    )?;
    let theirs: Vec<_> = candidates.into_iter().filter(manifest::is_buildx).collect();
    if let Some(selector) = manifest::buildx_pods(&theirs) {
        all.extend(pods(cluster, &selector, scope).await?);
    }
    ours.extend(theirs);
    Ok(manifest::builders(&ours, &all))
}

pub(super) fn both(labels: &str, also: &str) -> String {
    match also.trim() {
        "" => labels.to_owned(),
        also => format!("{labels},{also}"),
    }
}

async fn workloads(cluster: &Cluster, labels: &str, scope: Scope) -> Result<Vec<Workload>> {
    let everywhere = scope == Scope::Everywhere;
    let (deployments, sets) = tokio::try_join!(
        cluster.list_bare::<Deployment>(labels, everywhere, |_| {}),
        cluster.list_bare::<StatefulSet>(labels, everywhere, |_| {}),
    )?;
    let deployments = deployments.into_iter().map(Workload::from);
    Ok(deployments
        .chain(sets.into_iter().map(Workload::from))
        .collect())
}

async fn pods(cluster: &Cluster, labels: &str, scope: Scope) -> Result<Vec<Pod>> {
    let everywhere = scope == Scope::Everywhere;
    cluster.list_bare(labels, everywhere, strip).await
}

/// Takes away what is the same in all pods of a node, and said by it.
fn strip(pod: &mut Pod) {
    if let Some(spec) = &mut pod.spec {
        *spec = PodSpec {
            node_name: spec.node_name.take(),
            ..PodSpec::default()
        };
    }
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};

    use super::*;
    use crate::cluster::fake;

    /// What `ls` asks of a namespace in which buildx made so many builders.
    async fn asked(count: usize) -> Vec<String> {
        let text = include_str!("../../../tests/fixtures/buildx/deployment.yaml");
        let made: Vec<Value> = (0..count)
            .map(|number| serde_saphyr::from_str(&text.replace("kube0", &format!("b{number}-x"))))
            .collect::<Result<_, _>>()
            .unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let cluster = fake::cluster(move |request| {
            let text = request.uri().to_string();
            let (path, query) = text.split_once('?').unwrap();
            let kind = path.rsplit('/').next().unwrap().to_owned();
            // `app,…` and `app in …`: buildx's.
            let is_buildx = query.contains("labelSelector=app%2C");
            let items = match kind.as_str() {
                "deployments" if is_buildx => made.clone(),
                _ => Vec::new(),
            };
            seen.lock().unwrap().push(kind);
            async move { (200, json!({"metadata": {}, "items": items})) }
        });
        let builders = builders(&cluster, Scope::Namespace).await.unwrap();
        assert_eq!(builders.len(), count);
        let mut requests = requests.lock().unwrap().clone();
        requests.sort();
        requests
    }

    #[tokio::test]
    async fn many_builders_are_listed_with_as_many_requests_as_one() {
        let workloads = ["deployments", "deployments"];
        let sets = ["statefulsets", "statefulsets"];
        assert_eq!(asked(0).await, [&workloads[..], &["pods"], &sets].concat());
        let with_pods = [&workloads[..], &["pods", "pods"], &sets].concat();
        assert_eq!(asked(1).await, with_pods);
        assert_eq!(asked(200).await, with_pods);
    }
}
