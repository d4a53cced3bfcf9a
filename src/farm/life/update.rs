//! Changes the settings of nodes.

use crate::cluster::{Cluster, Conflicts};
use crate::error::{Error, Kind, Result};
use crate::manifest::{self, Workload};
use crate::model::NodeName;
use crate::plan::{Mode, NodePlan, Storage, Update};

use super::adopt;
use super::config;
use super::create::{Made, differences};
use super::node::{self, Found};
use super::secrets;
use super::targets::{ToUpdate, targets_of_update};
use super::version::{self, undisturbed};

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

/// What an update will change, before anything is written.
#[derive(Debug, Default)]
pub struct Changes {
    /// The nodes as they would be, and as they are.
    pub(super) nodes: Vec<(NodePlan, Found)>,
    /// What their user should know.
    pub notes: Vec<String>,
}

/// Makes the changes, which `update` asked for. What others change at the same time stays: the rest is
/// worked out again from that.
pub async fn update(
    cluster: &Cluster,
    update: &Update,
    changes: Changes,
    conflicts: Conflicts,
) -> Result<Vec<Updated>> {
    // First of all: only by that they are still known as one builder if this is killed.
    for (plan, _) in changes.nodes.iter().filter(|(_, found)| adopts(found)) {
        adopt::claim(cluster, &plan.name, &plan.builder).await?;
    }
    let mut done = Vec::new();
    for (plan, found) in changes.nodes {
        let name = plan.name.clone();
        let mut first = Some((plan, found));
        let updated = undisturbed(cluster, &name, async || {
            let (plan, found) = match first.take() {
                Some(first) => first,
                None => again(cluster, update, &name).await?,
            };
            let Some((updated, result)) = write(cluster, &plan, &found, conflicts).await? else {
                return Ok(None);
            };
            match update.kept_by_others(&plan, &result) {
                Some(kept) => Err(kept_by_others(&plan, &kept)),
                None => Ok(Some(updated)),
            }
        });
        done.push(Box::pin(updated).await?);
    }
    Ok(done)
}

fn adopts(found: &Found) -> bool {
    found.workload.as_ref().is_some_and(manifest::is_buildx)
}

/// What `update` will change. Whether it can be done is known then for all nodes.
pub async fn changes(cluster: &Cluster, update: &Update) -> Result<Changes> {
    let ToUpdate { ours, theirs } =
        targets_of_update(cluster, &update.builder, update.node.as_ref()).await?;
    let is_unfinished = |workload: &Workload| manifest::adopted_by(workload).is_some();
    if theirs.is_empty() && !ours.iter().any(is_unfinished) {
        update.refuse_nothing()?;
    }
    let mut changes = Changes::default();
    for there in &ours {
        changes.nodes.push(of_ours(cluster, update, there).await?);
    }
    if !theirs.is_empty() {
        changes.notes.push(format!(
            "builder {} was made by docker buildx: it becomes a builder of kubectl buildkit, \
             reached by port-forward with certificates of its own",
            update.builder
        ));
    }
    for there in &theirs {
        let (plan, found, of_config) = of_theirs(cluster, update, there).await?;
        changes.notes.extend(of_config);
        let of_node = adopt::notes(cluster, &plan, there).await?;
        changes.notes.extend(of_node);
        changes.nodes.push((plan, found));
    }
    Ok(changes)
}

/// What `update` will change of a node, by what is there now.
async fn again(cluster: &Cluster, update: &Update, node: &NodeName) -> Result<(NodePlan, Found)> {
    let there = version::now(cluster, node).await?;
    if manifest::is_buildx(&there) {
        let (plan, found, _) = of_theirs(cluster, update, &there).await?;
        return Ok((plan, found));
    }
    of_ours(cluster, update, &there).await
}

async fn of_ours(
    cluster: &Cluster,
    update: &Update,
    there: &Workload,
) -> Result<(NodePlan, Found)> {
    let is_replaced = update.replaces_config();
    let (before, live) = node::plan_of(cluster, there, &update.builder, is_replaced).await?;
    let plan = update.change(&before)?;
    refuse_other_storage(&before, &plan)?;
    let found = node::beside(cluster, &plan, there, live).await?;
    Ok((plan, found))
}

async fn of_theirs(
    cluster: &Cluster,
    update: &Update,
    there: &Workload,
) -> Result<(NodePlan, Found, Vec<String>)> {
    let (before, notes) = adopt::before(cluster, there, update).await?;
    let plan = update.change(&before)?;
    refuse_other_storage(&before, &plan)?;
    let live = config::live(cluster, &plan.name).await?;
    let found = node::beside(cluster, &plan, there, live).await?;
    Ok((plan, found, notes))
}

/// Claims of pods never change, and neither does whether they have any, or whose files are in them.
fn refuse_other_storage(before: &NodePlan, after: &NodePlan) -> Result<()> {
    let is_volume = |plan: &NodePlan| matches!(plan.storage, Storage::Volume { .. });
    let is_rootless = |plan: &NodePlan| plan.mode == Mode::Rootless;
    let (builder, node, storage) = (&before.builder, &before.name, &before.storage);
    let (problem, other) = if !is_volume(before) && !is_volume(after) {
        return Ok(());
    } else if before.storage != after.storage {
        let problem = format!("node {node} keeps its cache {storage}: that cannot change");
        (problem, "storage")
    } else if is_rootless(before) != is_rootless(after) {
        let whose = if is_rootless(before) {
            "with"
        } else {
            "without"
        };
        let problem = format!(
            "node {node} keeps its cache {storage}, as files of a daemon {whose} --rootless: \
             that cannot change"
        );
        (problem, "setting")
    } else {
        return Ok(());
    };
    Err(Error::usage(problem).hint(format!(
        "add a node with the other {other} (kubectl buildkit create --append --name {builder} …), \
         then remove this one: kubectl buildkit create --leave --name {builder} --node {node}"
    )))
}

/// What was done, and the settings that there are then; None if somebody else was faster.
async fn write(
    cluster: &Cluster,
    plan: &NodePlan,
    found: &Found,
    conflicts: Conflicts,
) -> Result<Option<(Updated, NodePlan)>> {
    let adopts = adopts(found);
    let differences = if adopts {
        Vec::new()
    } else {
        differences(cluster, plan, found).await?
    };
    let updated = |made| Updated {
        node: plan.name.clone(),
        made,
        rolls: made == Made::Configured && manifest::rolls(&differences),
    };
    if let (Some(there), false) = (&found.workload, adopts)
        && found.is_whole()
        && differences.is_empty()
    {
        adopt::finish(cluster, there).await?;
        return Ok(Some((updated(Made::Unchanged), plan.clone())));
    }
    if !found.config.write(cluster, conflicts).await? {
        return Ok(None);
    }
    let credentials = if let Some(pair) = &found.credentials {
        pair.clone()
    } else {
        let pair = node::made()?;
        Box::pin(secrets::write(cluster, plan, &found.secrets, &pair)).await?
    };
    let there = found.workload.as_ref();
    let workload = node::wanted(plan, &credentials.daemon, there)?;
    let applied = version::apply(cluster, &workload, there, conflicts).await?;
    let Some(written) = applied else {
        return Ok(None);
    };
    found.config.remove(cluster).await?;
    adopt::finish(cluster, &written).await?;
    let config = found.config.wanted.as_ref();
    let result = manifest::plan(&written, config, plan.builder.clone());
    let made = if adopts {
        Made::Adopted
    } else {
        Made::Configured
    };
    let result = result.unwrap_or_else(|| plan.clone());
    Ok(Some((updated(made), result)))
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
    use super::*;
    use crate::cli::{Cli, Command};
    use crate::farm::testing::{Always, Objects, names, server};
    use crate::plan::Create;

    const CONFIG: &str = "log.level = 'debug'\nworker.oci.gc = false";

    fn change(words: &str) -> Update {
        let line = format!("kubectl-buildkit update demo {words}");
        match Cli::parse_from(line.split_whitespace()).command {
            Command::Update(args) => Update::new(&args, &Always(CONFIG)).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    fn plan() -> Create {
        let name = "demo".parse().unwrap();
        Create::by_default(Some(&name), Duration::ZERO).unwrap()
    }

    async fn changed(cluster: &Cluster, words: &str) -> Result<(Made, bool)> {
        let wanted = change(words);
        let changes = changes(cluster, &wanted).await?;
        let updated = update(cluster, &wanted, changes, Conflicts::Respect).await?;
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

    /// The Deployment's volumes and arguments that are about configuration.
    fn configured(objects: &Objects) -> (bool, Vec<String>) {
        let objects = objects.lock().unwrap();
        let (_, deployment) = objects
            .iter()
            .find(|(path, _)| path.ends_with("/demo0"))
            .unwrap();
        let pod = &deployment["spec"]["template"]["spec"];
        let volumes = pod["volumes"].as_array().unwrap();
        let arguments = pod["containers"][0]["args"].as_array().unwrap();
        let arguments = arguments.iter().filter_map(|word| word.as_str());
        let chosen = arguments.filter(|word| word.contains("config") || word.contains("oci-"));
        (
            volumes.iter().any(|volume| volume["name"] == "config"),
            chosen.map(str::to_owned).collect(),
        )
    }

    #[tokio::test]
    async fn configuration_and_flags_come_stay_and_go() {
        let (cluster, objects) = server();
        create(&cluster, &plan()).await.unwrap();
        let rolls = (Made::Configured, true);
        let config = "--config=/etc/kubectl-buildkit/buildkitd.toml";
        let keeps = "--oci-worker-gc-keepstorage=8000";
        let host = "--oci-worker-net=host";
        for (words, volume, arguments) in [
            ("--limits ephemeral-storage=10G", false, vec![keeps]),
            ("--buildkitd-config x", true, vec![config]),
            ("--env A=1", true, vec![config]),
            (
                "--buildkitd-flags=--oci-worker-net=host",
                true,
                vec![config, host],
            ),
            ("--env B=1", true, vec![config, host]),
            ("--unset buildkitd-config", false, vec![keeps, host]),
            ("--buildkitd-flags=", false, vec![keeps]),
            ("--unset limits.ephemeral-storage", false, vec![]),
        ] {
            assert_eq!(changed(&cluster, words).await.unwrap(), rolls, "{words}");
            let again = changed(&cluster, words).await.unwrap();
            assert_eq!(again, (Made::Unchanged, false), "{words}");
            let (is_mounted, given) = configured(&objects);
            assert_eq!(
                (is_mounted, given),
                (volume, arguments.into_iter().map(str::to_owned).collect()),
                "{words}"
            );
            let secret = names(&objects).contains(&"demo0-config".to_owned());
            assert_eq!(secret, volume, "{words}");
        }
    }

    #[tokio::test]
    async fn a_lost_configuration_is_not_dropped() {
        let (cluster, objects) = server();
        create(&cluster, &plan()).await.unwrap();
        changed(&cluster, "--buildkitd-config x").await.unwrap();
        objects
            .lock()
            .unwrap()
            .retain(|(path, _)| !path.ends_with("-config"));
        let error = changed(&cluster, "--replicas 2").await.unwrap_err();
        let message = "secret \"demo0-config\", with the configuration of node demo0, is gone";
        assert_eq!(error.to_string(), message);
        let mended = changed(&cluster, "--buildkitd-config x").await.unwrap();
        assert_eq!(mended, (Made::Configured, false));
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

    #[tokio::test]
    async fn volumes_stay_with_the_user_that_wrote_to_them() {
        for (mode, words, whose) in [
            (Mode::Rootless, "--rootless=false", "with"),
            (Mode::Privileged, "--rootless", "without"),
        ] {
            let (cluster, _) = server();
            let mut plan = plan();
            plan.node.mode = mode;
            plan.node.storage = Storage::Volume {
                size: "2Gi".parse().unwrap(),
                class: None,
            };
            create(&cluster, &plan).await.unwrap();
            let error = changed(&cluster, words).await.unwrap_err();
            let message = format!(
                "node demo0 keeps its cache on volumes of 2Gi, as files of a daemon {whose} \
                 --rootless: that cannot change"
            );
            assert_eq!(error.to_string(), message);
        }
    }
}
