//! All builders, and what their daemons say of themselves.

use std::time::Duration;

use futures::{StreamExt, stream};
use k8s_openapi::api::core::v1::Pod;

use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::manifest::{self, ALL_BUILDERS};
use crate::model::{Builder, Daemon, Node};

use super::choose::choose;
use super::connect::connect;
use super::workload::{self, Scope};

/// How long one daemon may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many daemons are asked at the same time.
const AT_ONCE: usize = 16;

/// The builders as the cluster's objects show them.
pub async fn builders(cluster: &Cluster, scope: Scope) -> Result<Vec<Builder>> {
    let pods = async {
        match scope {
            Scope::Namespace => cluster.list::<Pod>(ALL_BUILDERS).await,
            Scope::Everywhere => cluster.list_everywhere::<Pod>(ALL_BUILDERS).await,
        }
    };
    let workloads = workload::list(cluster, ALL_BUILDERS, scope);
    let (workloads, pods) = tokio::try_join!(workloads, pods)?;
    Ok(manifest::builders(&workloads, &pods))
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
