//! One builder in full.

use std::time::Duration;

use futures::future::join_all;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Secret;

use crate::cluster::Cluster;
use crate::error::Result;
use crate::farm::find::workload;
use crate::manifest::{self, Workload};
use crate::model::{Builder, BuilderName, Node};
use crate::plan::NodePlan;

use super::ask::{Asked, ask};
use super::expiry;

/// A builder, with all that its objects and daemons say.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// The builder; each of its pods was asked.
    pub builder: Builder,
    /// More about its nodes, in the same order.
    pub details: Vec<Details>,
}

/// What only the objects of a node say.
#[derive(Debug, Clone, Default)]
pub struct Details {
    /// Its settings; none if it went away meanwhile or has no daemon.
    pub plan: Option<NodePlan>,
    /// The daemon's arguments.
    pub arguments: Vec<String>,
}

/// Reads the objects of a builder and asks each of its ready daemons, which may take `patience`.
pub async fn inspect(
    cluster: &Cluster,
    mut builder: Builder,
    patience: Duration,
) -> Result<Inspection> {
    let cluster = cluster.in_namespace(&builder.namespace);
    let (name, nodes) = (builder.name.clone(), builder.nodes.clone());
    let details = join_all(nodes.iter().map(|node| details(&cluster, &name, node)));
    let ends = join_all(nodes.iter().map(|node| ends(&cluster, node)));
    let builders = std::slice::from_mut(&mut builder);
    let asking = ask(&cluster, builders, Asked::All, patience);
    let (details, ends, _) = tokio::join!(details, ends, asking);
    for (node, end) in builder.nodes.iter_mut().zip(ends) {
        node.certificate_ends = node.certificate_ends.or(end);
    }
    let details = details.into_iter().collect::<Result<_>>()?;
    Ok(Inspection { builder, details })
}

async fn details(cluster: &Cluster, builder: &BuilderName, node: &Node) -> Result<Details> {
    let Some(workload) = workload::get(cluster, node.name.as_str()).await? else {
        return Ok(Details::default());
    };
    let config = config(cluster, &workload, node).await;
    Ok(Details {
        plan: manifest::plan(&workload, config.as_ref(), builder.clone()),
        arguments: manifest::daemon_arguments(&workload).to_vec(),
    })
}

/// The daemon's configuration, if it has one. Who may not read it learns all the rest.
async fn config(cluster: &Cluster, workload: &Workload, node: &Node) -> Option<Secret> {
    if !manifest::has_config(workload) {
        return None;
    }
    let name = manifest::config_secret_name(&node.name);
    cluster.get(&name).await.ok().flatten()
}

/// When the node's certificate ends. Who may not read its Secret learns all the rest.
async fn ends(cluster: &Cluster, node: &Node) -> Option<Timestamp> {
    expiry::of_node(cluster, node).await.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use crate::farm::life::create::create;
    use crate::farm::testing::server;
    use crate::farm::{Scope, builders};
    use crate::plan::{Create, NoFiles};
    use clap::Parser as _;

    #[tokio::test]
    async fn a_stopped_builder_is_read_from_its_objects() {
        let (cluster, _) = server();
        let line = "kubectl-buildkit create demo --replicas 0 --requests cpu=1 --rootless";
        let Command::Create(args) = Cli::parse_from(line.split_whitespace()).command else {
            panic!("{line}");
        };
        let plan = Create::new(&args, &NoFiles).unwrap();
        create(&cluster, &plan).await.unwrap();
        let there = builders(&cluster, Scope::Namespace).await.unwrap();
        let mut builder = there.into_iter().next().unwrap();
        builder.namespace = cluster.namespace().to_owned();
        let inspection = inspect(&cluster, builder, Duration::from_secs(1))
            .await
            .unwrap();
        let details = &inspection.details[0];
        assert_eq!(details.plan.as_ref(), Some(&plan.node));
        assert!(details.arguments.iter().any(|a| a == "--tlscert"));
        let node = &inspection.builder.nodes[0];
        assert!(node.certificate_ends.is_some());
        assert_eq!((&node.daemon, &node.trouble), (&None, &None));
    }
}
