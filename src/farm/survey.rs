//! All builders, and what their daemons say of themselves.

use std::time::Duration;

use futures::{StreamExt, stream};
use k8s_openapi::api::core::v1::Pod;

use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::manifest::{self, ALL_BUILDERS, BUILDX_CANDIDATES};
use crate::model::{Builder, Daemon, Node};

use super::choose::choose;
use super::connect::connect;
use super::workload::{self, Scope};

/// How long one daemon may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many daemons are asked at the same time.
const AT_ONCE: usize = 16;

/// The builders as the cluster's objects show them. It takes as many requests for many builders as
/// for one; those for pods of buildx's are made only if there are any.
pub async fn builders(cluster: &Cluster, scope: Scope) -> Result<Vec<Builder>> {
    let (mut workloads, mut all, candidates) = tokio::try_join!(
        workload::list(cluster, ALL_BUILDERS, scope),
        pods(cluster, ALL_BUILDERS, scope),
        workload::list(cluster, BUILDX_CANDIDATES, scope),
    )?;
    let theirs: Vec<_> = candidates.into_iter().filter(manifest::is_buildx).collect();
    if let Some(selector) = manifest::buildx_pods(&theirs) {
        all.extend(pods(cluster, &selector, scope).await?);
    }
    workloads.extend(theirs);
    Ok(manifest::builders(&workloads, &all))
}

async fn pods(cluster: &Cluster, labels: &str, scope: Scope) -> Result<Vec<Pod>> {
    match scope {
        Scope::Namespace => cluster.list(labels).await,
        Scope::Everywhere => cluster.list_everywhere(labels).await,
    }
}

/// The builders, with what one ready daemon of each node says of itself, or why it says nothing.
pub async fn survey(cluster: &Cluster, scope: Scope) -> Result<Vec<Builder>> {
    let mut builders = builders(cluster, scope).await?;
    let questions: Vec<_> = builders
        .iter_mut()
        .flat_map(|builder| {
            let cluster = cluster.in_namespace(&builder.namespace);
            let nodes = builder.nodes.iter_mut();
            nodes.map(move |node| ask(cluster.clone(), node))
        })
        .collect();
    stream::iter(questions)
        .buffer_unordered(AT_ONCE)
        .collect::<()>()
        .await;
    Ok(builders)
}

async fn ask(cluster: Cluster, node: &mut Node) {
    let answer = match tokio::time::timeout(PATIENCE, daemon(&cluster, node)).await {
        Ok(Some(answer)) => answer,
        Ok(None) => return,
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    };
    match answer {
        Ok(daemon) => node.daemon = Some(daemon),
        Err(trouble) => node.trouble = Some(trouble),
    }
}

/// What a ready daemon says; nothing if none is ready.
async fn daemon(cluster: &Cluster, node: &Node) -> Option<Result<Daemon, String>> {
    let replica = choose(node, "")?;
    let answer = match connect(cluster, node, replica).await {
        Ok(connected) => {
            let answer = connected.client.daemon().await;
            answer.map_err(|error| error.to_string())
        }
        Err(error) => Err(one_line(&error)),
    };
    Some(answer)
}

fn one_line(error: &Error) -> String {
    let mut line = error.to_string();
    for cause in error.causes() {
        line.push_str(": ");
        line.push_str(&cause);
    }
    line
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};

    use super::*;
    use crate::cluster::fake;

    /// What `ls` asks of a namespace in which buildx made so many builders.
    async fn asked(count: usize) -> Vec<String> {
        let text = include_str!("../../tests/fixtures/buildx/deployment.yaml");
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
