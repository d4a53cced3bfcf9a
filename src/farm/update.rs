//! Changes the settings of nodes.

use crate::cluster::{Cluster, Conflicts, Written};
use crate::error::{Error, Kind, Result};
use crate::manifest::{self, Difference, Workload};
use crate::model::NodeName;
use crate::plan::{NodePlan, Storage, Update};

use super::create::{Made, differences};
use super::node::{self, Found};
use super::targets::{targets, unreadable};
use super::workload;

/// What became of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    /// The node.
    pub node: NodeName,
    /// What was done.
    pub made: Made,
    /// Whether its pods are replaced.
    pub rolls: bool,
}

/// Changes the nodes that `update` is about. Whether it can be done is known for all of them before
/// anything is written.
pub async fn update(
    cluster: &Cluster,
    update: &Update,
    conflicts: Conflicts,
) -> Result<Vec<Updated>> {
    let mut done = Vec::new();
    for (plan, found) in Box::pin(changes(cluster, update)).await? {
        let result = Box::pin(write(cluster, &plan, found, conflicts)).await?;
        if let Some(kept) = update.kept_by_others(&plan, &result.1) {
            return Err(kept_by_others(&plan, &kept));
        }
        done.push(result.0);
    }
    Ok(done)
}

/// The nodes as they would be, and as they are.
pub(super) async fn changes(cluster: &Cluster, update: &Update) -> Result<Vec<(NodePlan, Found)>> {
    let there = targets(cluster, &update.builder, update.node.as_ref()).await?;
    let mut changes = Vec::new();
    for workload in &there {
        let before = plan_of(workload, update)?;
        let plan = update.change(&before)?;
        refuse_other_storage(&before, &plan)?;
        let found = node::find(cluster, &plan).await?;
        changes.push((plan, found));
    }
    Ok(changes)
}

fn plan_of(workload: &Workload, update: &Update) -> Result<NodePlan> {
    manifest::plan(workload, update.builder.clone()).ok_or_else(|| unreadable(workload))
}

/// Claims of pods never change, and neither does whether they have any.
fn refuse_other_storage(before: &NodePlan, after: &NodePlan) -> Result<()> {
    let is_volume = |plan: &NodePlan| matches!(plan.storage, Storage::Volume { .. });
    let touches_volumes = is_volume(before) || is_volume(after);
    if before.storage == after.storage || !touches_volumes {
        return Ok(());
    }
    let (builder, node) = (&before.builder, &before.name);
    Err(Error::usage(format!(
        "node {node} keeps its cache {}: that cannot change",
        before.storage
    ))
    .hint(format!(
        "add a node with the other storage (kubectl buildkit create --append --name {builder} …), \
         then remove this one: kubectl buildkit create --leave --name {builder} --node {node}"
    )))
}

async fn write(
    cluster: &Cluster,
    plan: &NodePlan,
    found: Found,
    conflicts: Conflicts,
) -> Result<(Updated, NodePlan)> {
    let differences = differences(cluster, plan, &found).await?;
    let updated = |made| Updated {
        node: plan.name.clone(),
        made,
        rolls: made == Made::Configured && rolls(&differences),
    };
    if found.credentials.is_some() && differences.is_empty() {
        return Ok((updated(Made::Unchanged), plan.clone()));
    }
    let credentials = match found.credentials {
        Some(pair) => pair,
        None => Box::pin(node::write_secrets(cluster, plan, node::made()?)).await?,
    };
    let workload = manifest::workload(plan, &credentials.daemon);
    let written = workload::apply(cluster, &workload, Written::Really, conflicts).await?;
    let result = manifest::plan(&written, plan.builder.clone());
    Ok((
        updated(Made::Configured),
        result.unwrap_or_else(|| plan.clone()),
    ))
}

/// Whether pods are replaced: only when what they are made from changes.
pub(super) fn rolls(differences: &[Difference]) -> bool {
    let mut paths = differences.iter().map(|difference| &difference.path);
    paths.any(|path| path.starts_with("spec.template"))
}

fn kept_by_others(plan: &NodePlan, kept: &[String]) -> Error {
    let name = &plan.name;
    Error::new(
        Kind::Cluster,
        format!(
            "node {name} still has {}: somebody else set it too",
            kept.join(", ")
        ),
    )
    .hint(format!(
        "take it back there, for instance in the file that was applied; \
         kubectl get deployment {name} -o yaml --show-managed-fields names who"
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::Parser as _;
    use serde_json::json;

    use super::super::create::create;
    use super::super::testing::{names, server};
    use super::*;
    use crate::cli::{Cli, Command};
    use crate::plan::Create;

    fn change(words: &str) -> Update {
        let line = format!("kubectl-buildkit update demo {words}");
        match Cli::parse_from(line.split_whitespace()).command {
            Command::Update(args) => Update::new(&args).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    fn plan() -> Create {
        let name = "demo".parse().unwrap();
        Create::by_default(Some(&name), Duration::ZERO).unwrap()
    }

    async fn changed(cluster: &Cluster, words: &str) -> Result<(Made, bool)> {
        let updated = update(cluster, &change(words), Conflicts::Respect).await?;
        Ok((updated[0].made, updated[0].rolls))
    }

    #[tokio::test]
    async fn pods_roll_only_if_what_they_are_made_from_changes() {
        let (cluster, objects) = server();
        create(&cluster, &plan()).await.unwrap();
        for (words, expected) in [
            ("--replicas 1", (Made::Unchanged, false)),
            ("--replicas 3", (Made::Configured, false)),
            (
                "--timeout 5m --loadbalance random",
                (Made::Configured, false),
            ),
            ("--env A=1", (Made::Configured, true)),
            ("--env B=2", (Made::Configured, true)),
            ("--unset env.A", (Made::Configured, true)),
            ("--unset env.A", (Made::Unchanged, false)),
        ] {
            assert_eq!(changed(&cluster, words).await.unwrap(), expected, "{words}");
        }
        assert_eq!(names(&objects).len(), 3);
        let deployment = &objects.lock().unwrap()[2].1;
        assert_eq!(deployment["spec"]["replicas"], 3);
        let env = &deployment["spec"]["template"]["spec"]["containers"][0]["env"];
        assert_eq!(*env, json!([{"name": "B", "value": "2"}]));
    }

    #[tokio::test]
    async fn what_was_killed_half_way_is_completed() {
        let (cluster, objects) = server();
        create(&cluster, &plan()).await.unwrap();
        objects.lock().unwrap().remove(0);
        let expected = (Made::Configured, true);
        assert_eq!(changed(&cluster, "--replicas 2").await.unwrap(), expected);
        assert_eq!(names(&objects).len(), 3);
    }

    #[tokio::test]
    async fn what_cannot_change_is_refused_with_a_way_out() {
        let (cluster, objects) = server();
        create(&cluster, &plan()).await.unwrap();
        let before = objects.lock().unwrap().clone();
        for (words, message) in [
            (
                "--storage 2Gi",
                "node demo0 keeps its cache on the cluster node: that cannot change",
            ),
            (
                "--storage-class fast",
                "storage class \"fast\" is given, but no volume is asked for",
            ),
            (
                "--node other --replicas 2",
                "builder demo has no node other",
            ),
        ] {
            let error = changed(&cluster, words).await.unwrap_err();
            assert_eq!(error.to_string(), message);
        }
        assert_eq!(*objects.lock().unwrap(), before);
    }
}
