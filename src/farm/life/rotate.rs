//! New certificates for nodes that are there.

use crate::cluster::{Cluster, Conflicts, Written};
use crate::error::Result;
use crate::farm::find::workload;
use crate::model::{BuilderName, NodeName};
use crate::plan::NodePlan;

use super::node;
use super::targets::targets;

/// The nodes that get new certificates, as they are.
pub(super) async fn plans(
    cluster: &Cluster,
    builder: &BuilderName,
    named: Option<&NodeName>,
) -> Result<Vec<NodePlan>> {
    let mut plans = Vec::new();
    for workload in targets(cluster, builder, named).await? {
        plans.push(node::plan_of(cluster, &workload, builder).await?);
    }
    Ok(plans)
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
    for plan in plans(cluster, builder, node).await? {
        // What belongs to somebody else is refused before anything is overwritten.
        let found = node::find(cluster, &plan).await?;
        let there = found.workload.as_ref();
        let pair = node::made()?;
        let workload = node::wanted(&plan, &pair.daemon, there)?;
        workload::apply(cluster, &workload, Written::DryRun, conflicts).await?;
        let pair = Box::pin(node::write_secrets(cluster, &plan, pair)).await?;
        let workload = node::wanted(&plan, &pair.daemon, there)?;
        workload::apply(cluster, &workload, Written::Really, conflicts).await?;
        rotated.push(plan.name);
    }
    Ok(rotated)
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
