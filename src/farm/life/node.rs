//! What is there of a node, what it would become, and how that is written.

use k8s_openapi::api::core::v1::Secret;
use serde_json::Value;

use crate::cluster::{Cluster, Conflicts, Written};
use crate::error::{Error, Kind, Result};
use crate::farm::find::workload;
use crate::manifest::{self, Credentials, Difference, Identity, Workload};
use crate::model::{BuilderName, NodeName};
use crate::plan::NodePlan;

use super::certificates;
use super::config::{self, Config};
use super::owner::{of_buildx, refuse_foreign};
use super::secrets::Secrets;
use super::targets::unreadable;
use super::version::{disturbed, gone};

/// What is there of a node.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Its workload, if it is there.
    pub(super) workload: Option<Workload>,
    /// Its Secrets.
    pub(super) secrets: Secrets,
    /// The certificates in them, if both sides are there and accept each other.
    pub(super) credentials: Option<Credentials>,
    /// The configuration of its daemons.
    pub(super) config: Config,
}

impl Found {
    /// Whether all beside the workload is what is wanted.
    pub(super) fn is_whole(&self) -> bool {
        self.credentials.is_some() && self.config.is_same()
    }
}

/// Looks for what `plan` is about. What belongs to somebody else is refused.
pub(super) async fn find(cluster: &Cluster, plan: &NodePlan) -> Result<Found> {
    // A patch that fits nothing is known before anything is written.
    manifest::workload(plan, &Identity::default())?;
    // Boxed: several requests at once are large, and builds wait for them.
    let (there, mut secrets, mut live) = Box::pin(async {
        tokio::try_join!(
            workload::get(cluster, plan.name.as_str()),
            Secrets::read(cluster, plan),
            config::live(cluster, &plan.name)
        )
    })
    .await?;
    if let Some(there) = &there
        && (secrets.credentials().is_none() || (manifest::has_config(there) && live.is_none()))
    {
        // Whoever makes a node writes these before its workload: we may have looked too early.
        (secrets, live) = Box::pin(async {
            tokio::try_join!(
                Secrets::read(cluster, plan),
                config::live(cluster, &plan.name)
            )
        })
        .await?;
    }
    match &there {
        Some(there) if manifest::is_buildx(there) => return Err(of_buildx(there, plan)),
        Some(there) => refuse_foreign(there.metadata(), there.kind(), plan)?,
        None => {}
    }
    found(plan, there, secrets, live)
}

/// The same where `plan` was made of `there` and of the configuration `live`. What is written has to
/// be meant for these, and not for what somebody else made of them since.
pub(super) async fn beside(
    cluster: &Cluster,
    plan: &NodePlan,
    there: &Workload,
    live: Option<Secret>,
) -> Result<Found> {
    manifest::workload(plan, &Identity::default())?;
    let secrets = Secrets::read(cluster, plan).await?;
    found(plan, Some(there.clone()), secrets, live)
}

fn found(
    plan: &NodePlan,
    there: Option<Workload>,
    secrets: Secrets,
    live: Option<Secret>,
) -> Result<Found> {
    if let Some(live) = &live {
        refuse_foreign(&live.metadata, "secret", plan)?;
    }
    let config = Config {
        live,
        wanted: manifest::config_secret(plan),
        is_mounted: there.as_ref().is_none_or(manifest::has_config),
    };
    Ok(Found {
        workload: there,
        credentials: secrets.credentials(),
        secrets,
        config,
    })
}

/// The plan of which `workload` is made, and the Secret with the configuration of its daemons. One
/// that `is_replaced` need not be there.
pub(super) async fn plan_of(
    cluster: &Cluster,
    workload: &Workload,
    builder: &BuilderName,
    is_replaced: bool,
) -> Result<(NodePlan, Option<Secret>)> {
    let name = NodeName::existing(workload.name()).map_err(|_| unreadable(workload))?;
    let live = config::live(cluster, &name).await?;
    let kept = live.as_ref().filter(|_| !is_replaced);
    let plan = manifest::plan(workload, kept, builder.clone());
    let plan = plan.ok_or_else(|| unreadable(workload))?;
    if manifest::has_config(workload) && live.is_none() && !is_replaced {
        return Err(lost_config(&plan));
    }
    Ok((plan, live))
}

fn lost_config(plan: &NodePlan) -> Error {
    let NodePlan { builder, name, .. } = plan;
    let secret = manifest::config_secret_name(name);
    let problem = format!("secret {secret:?}, with the configuration of node {name}, is gone");
    Error::new(Kind::NotReady, problem).hint(format!(
        "give it again: kubectl buildkit update {builder} --node {name} --buildkitd-config FILE"
    ))
}

/// New certificates.
pub(super) fn made() -> Result<Credentials> {
    certificates::make()
        .map_err(|error| Error::new(Kind::NotReady, error.to_string()).because(error))
}

/// What runs the pods of a node, in place of `there`: the labels by which pods are found stay.
pub(super) fn wanted(
    plan: &NodePlan,
    daemon: &Identity,
    there: Option<&Workload>,
) -> Result<Workload> {
    let ours = manifest::workload(plan, daemon)?;
    let Some(there) = there else { return Ok(ours) };
    let ours = ours.with_selector_of(there);
    match ours.missed_label() {
        None => Ok(ours),
        Some((key, value)) => Err(label_that_stays(there, key, value)),
    }
}

fn label_that_stays(there: &Workload, key: &str, value: &str) -> Error {
    let (kind, name) = (there.kind(), there.name());
    Error::usage(format!(
        "the label {key}={value} of node {name} cannot change"
    ))
    .because(format!(
        "its {kind} finds its pods by it, and that is so for ever"
    ))
    .hint("leave the label as it is, or make another builder")
}

/// What an apply would change, by the server's own word.
pub(super) async fn drift(
    cluster: &Cluster,
    plan: &NodePlan,
    mut there: Workload,
    daemon: &Identity,
) -> Result<Vec<Difference>> {
    let ours = wanted(plan, daemon, Some(&there))?;
    if ours.kind() != there.kind() {
        return Ok(vec![Difference {
            path: "kind".to_owned(),
            is: there.kind().into(),
            wanted: ours.kind().into(),
        }]);
    }
    for pause in cluster.pauses() {
        let wanted = workload::apply(cluster, &ours, Written::DryRun, Conflicts::Force).await?;
        let differences = manifest::differences(&json(&there)?, &json(&wanted)?);
        // Controllers write to a new workload: only two views of the same version compare.
        let same = there.metadata().resource_version == wanted.metadata().resource_version;
        if differences.is_empty() || same {
            return Ok(differences);
        }
        there = match workload::get(cluster, plan.name.as_str()).await? {
            Some(newer) => newer,
            None => return Err(gone(&plan.name)),
        };
        tokio::time::sleep(pause).await;
    }
    Err(disturbed(&plan.name))
}

/// A workload as JSON.
pub(super) fn json(workload: &Workload) -> Result<Value> {
    let value = match workload {
        Workload::Deployment(deployment) => serde_json::to_value(deployment),
        Workload::StatefulSet(set) => serde_json::to_value(set),
    };
    value.map_err(|error| {
        Error::new(Kind::Cluster, "the cluster sent an unreadable object").because(error)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use clap::Parser as _;
    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::json;

    use super::super::create::create;
    use super::*;
    use crate::cli::{Cli, Command};
    use crate::cluster::fake;
    use crate::farm::testing::{Always, server};
    use crate::plan::Create;

    fn plan() -> NodePlan {
        let name = "demo".parse().unwrap();
        Create::by_default(Some(&name), Duration::ZERO)
            .unwrap()
            .node
    }

    /// Kubernetes' own controllers annotate a Deployment a moment after it was made.
    #[tokio::test]
    async fn what_a_controller_writes_meanwhile_is_no_other_setting() {
        let there = |version: &str| {
            let mut there = json(&manifest::workload(&plan(), &identity()).unwrap()).unwrap();
            there["metadata"]["resourceVersion"] = json!(version);
            if version == "2" {
                there["metadata"]["annotations"] = json!({"revision": "1"});
            }
            there
        };
        let gets = Arc::new(Mutex::new(0));
        let cluster = fake::cluster(move |request| {
            let is_set = request.uri().path().contains("/statefulsets/");
            let version = if is_set {
                String::new()
            } else if request.method() == "GET" {
                let mut gets = gets.lock().unwrap();
                *gets += 1;
                gets.to_string()
            } else {
                "2".to_owned()
            };
            let answer = if is_set {
                fake::refusal(404, "NotFound", "not found", "")
            } else {
                (200, there(&version))
            };
            async move { answer }
        });
        let there = cluster.get::<Deployment>("demo0").await.unwrap().unwrap();
        let differences = drift(&cluster, &plan(), there.into(), &identity())
            .await
            .unwrap();
        assert_eq!(differences, []);
    }

    /// Somebody makes the node while it is looked for.
    #[tokio::test]
    async fn secrets_that_are_older_than_the_workload_are_not_missed() {
        let (cluster, objects) = server();
        create(&cluster, &whole()).await.unwrap();
        let objects = objects.lock().unwrap().clone();
        let missed = Arc::new(Mutex::new(Vec::new()));
        let cluster = fake::cluster(move |request| {
            let path = request.uri().path().to_owned();
            let mut missed = missed.lock().unwrap();
            let is_early = path.contains("/secrets/") && !missed.contains(&path);
            let found = objects.iter().find(|(at, _)| *at == path && !is_early);
            let answer = match found {
                Some((_, object)) => (200, object.clone()),
                None => fake::refusal(404, "NotFound", "not found", ""),
            };
            missed.push(path);
            async move { answer }
        });
        let found = find(&cluster, &whole().node).await.unwrap();
        assert!(found.workload.is_some() && found.is_whole(), "{found:?}");
    }

    /// A node with a configuration.
    fn whole() -> Create {
        let words = ["kubectl-buildkit", "create", "demo", "--config", "x.toml"];
        let Command::Create(args) = Cli::parse_from(words).command else {
            panic!("{words:?}");
        };
        Create::new(&args, &Always("debug = true")).unwrap()
    }

    fn identity() -> Identity {
        Identity::default()
    }
}
