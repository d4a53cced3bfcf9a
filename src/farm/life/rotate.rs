//! New certificates for nodes that are there.

use crate::cluster::{Cluster, Conflicts, Written};
use crate::error::Result;
use crate::farm::find::workload;
use crate::manifest::Workload;
use crate::model::{BuilderName, NodeName};
use crate::plan::NodePlan;

use super::node::{self, Found};
use super::secrets;
use super::targets::targets;
use super::version::{self, undisturbed};

/// The nodes that get new certificates, as they are.
pub(super) async fn nodes(
    cluster: &Cluster,
    builder: &BuilderName,
    named: Option<&NodeName>,
) -> Result<Vec<(NodePlan, Found)>> {
    let mut nodes = Vec::new();
    for workload in targets(cluster, builder, named).await? {
        nodes.push(node_of(cluster, &workload, builder).await?);
    }
    Ok(nodes)
}

async fn node_of(
    cluster: &Cluster,
    there: &Workload,
    builder: &BuilderName,
) -> Result<(NodePlan, Found)> {
    let (plan, live) = node::plan_of(cluster, there, builder, false).await?;
    // What belongs to somebody else is refused before anything is overwritten.
    let found = node::beside(cluster, &plan, there, live).await?;
    Ok((plan, found))
}

/// Gives the nodes of a builder new certificates; their pods are replaced one after the other.
///
/// Builds that run go on with the certificates that they began with. New builds use pods that have
/// the new ones. Killed half way, it leaves what the next run completes.
pub async fn rotate(
    cluster: &Cluster,
    builder: &BuilderName,
    node: Option<&NodeName>,
    conflicts: Conflicts,
) -> Result<Vec<NodeName>> {
    let mut rotated = Vec::new();
    for (plan, found) in nodes(cluster, builder, node).await? {
        let pair = node::made()?;
        let workload = node::wanted(&plan, &pair.daemon, found.workload.as_ref())?;
        workload::apply(cluster, &workload, Written::DryRun, conflicts).await?;
        Box::pin(secrets::write(cluster, &plan, &found.secrets, &pair)).await?;
        let name = plan.name;
        Box::pin(roll(cluster, builder, &name, conflicts)).await?;
        rotated.push(name);
    }
    Ok(rotated)
}

/// Has the pods of a node made anew with the certificates that are there.
async fn roll(
    cluster: &Cluster,
    builder: &BuilderName,
    node: &NodeName,
    conflicts: Conflicts,
) -> Result<()> {
    undisturbed(cluster, node, async || {
        let there = version::now(cluster, node).await?;
        let (plan, found) = node_of(cluster, &there, builder).await?;
        // Somebody else may be about to write newer ones.
        let Some(pair) = &found.credentials else {
            return Ok(None);
        };
        let workload = node::wanted(&plan, &pair.daemon, Some(&there))?;
        let applied = version::apply(cluster, &workload, Some(&there), conflicts);
        Ok(applied.await?.map(drop))
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::create::{Made, create};
    use super::*;
    use crate::farm::testing::server;
    use crate::plan::Create;

    #[tokio::test]
    async fn all_certificates_are_new_and_fit() {
        let (cluster, objects) = server();
        let name: BuilderName = "demo".parse().unwrap();
        let mut plan = Create::by_default(Some(&name), Duration::ZERO).unwrap();
        plan.node.replicas = 2;
        create(&cluster, &plan).await.unwrap();
        let before = objects.lock().unwrap().clone();
        let rotated = rotate(&cluster, &name, None, Conflicts::Respect)
            .await
            .unwrap();
        assert_eq!(rotated, [plan.node.name.clone()]);
        let after = objects.lock().unwrap().clone();
        assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after) {
            assert_ne!(before, after);
        }
        // The pods have the new ones: nothing is left to mend.
        assert_eq!(create(&cluster, &plan).await.unwrap().1, Made::Unchanged);
    }
}
