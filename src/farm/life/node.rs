//! What is there of a node, what it would become, and how that is written.

use k8s_openapi::api::core::v1::Secret;
use kube::api::ObjectMeta;
use serde_json::Value;

use crate::cluster::{Cluster, Conflicts, Written};
use crate::error::{Error, Kind, Result};
use crate::farm::find::workload;
use crate::manifest::{self, Credentials, Difference, Identity, Workload};
use crate::model::BuilderName;
use crate::plan::NodePlan;

use super::certificates;
use super::config::{self, Config};
use super::targets::unreadable;

/// How often something is tried again that somebody else changes at the same time.
const TRIES: usize = 5;

/// What is there of a node.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Its workload, if it is there.
    pub(super) workload: Option<Workload>,
    /// Its certificates, if both sides are there and accept each other.
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
    let found = look(cluster, plan).await?;
    match &found.workload {
        Some(there) if manifest::is_buildx(there) => Err(of_buildx(there, plan)),
        Some(there) => {
            refuse_foreign(there.metadata(), there.kind(), plan)?;
            Ok(found)
        }
        None => Ok(found),
    }
}

/// The same, whoever made the workload.
pub(super) async fn look(cluster: &Cluster, plan: &NodePlan) -> Result<Found> {
    // A patch that fits nothing is known before anything is written.
    manifest::workload(plan, &Identity::default())?;
    let name = plan.name.as_str();
    // Boxed: several requests at once are large, and builds wait for them.
    let (there, credentials, live) = Box::pin(async {
        tokio::try_join!(
            workload::get(cluster, name),
            pair(cluster, plan),
            config::live(cluster, plan)
        )
    })
    .await?;
    if let Some(live) = &live {
        refuse_foreign(&live.metadata, "secret", plan)?;
    }
    let wanted = manifest::config_secret(plan);
    Ok(Found {
        workload: there,
        credentials,
        config: Config { live, wanted },
    })
}

/// The plan of which `workload` is made, with the configuration of its daemons.
pub(super) async fn plan_of(
    cluster: &Cluster,
    workload: &Workload,
    builder: &BuilderName,
) -> Result<NodePlan> {
    let read = |config: Option<&Secret>| {
        manifest::plan(workload, config, builder.clone()).ok_or_else(|| unreadable(workload))
    };
    let without = read(None)?;
    if !manifest::has_config(workload) {
        return Ok(without);
    }
    match config::live(cluster, &without).await? {
        Some(secret) => read(Some(&secret)),
        None => Err(lost_config(&without)),
    }
}

fn lost_config(plan: &NodePlan) -> Error {
    let NodePlan { builder, name, .. } = plan;
    let secret = manifest::config_secret_name(name);
    let problem = format!("secret {secret:?}, with the configuration of node {name}, is gone");
    Error::new(Kind::NotReady, problem).hint(format!(
        "give it again: kubectl buildkit update {builder} --node {name} --buildkitd-config FILE"
    ))
}

/// The node's certificates, if both sides are there and accept each other.
async fn pair(cluster: &Cluster, plan: &NodePlan) -> Result<Option<Credentials>> {
    let daemon = manifest::daemon_secret_name(&plan.name);
    let client = manifest::client_secret_name(&plan.name);
    let (daemon, client) = tokio::try_join!(
        cluster.get::<Secret>(&daemon),
        cluster.get::<Secret>(&client)
    )?;
    for secret in [&daemon, &client].into_iter().flatten() {
        refuse_foreign(&secret.metadata, "secret", plan)?;
    }
    let read = |secret: Option<Secret>| secret.and_then(manifest::credentials);
    let (Some(daemon), Some(client)) = (read(daemon), read(client)) else {
        return Ok(None);
    };
    Ok(certificates::belong_together(&daemon, &client).then_some(Credentials { daemon, client }))
}

/// New certificates.
pub(super) fn made() -> Result<Credentials> {
    certificates::make()
        .map_err(|error| Error::new(Kind::NotReady, error.to_string()).because(error))
}

/// Writes both Secrets and reads them again: if somebody else wrote at the same time, the halves of
/// two pairs may be there.
pub(super) async fn write_secrets(
    cluster: &Cluster,
    plan: &NodePlan,
    mut credentials: Credentials,
) -> Result<Credentials> {
    for _ in 0..TRIES {
        for secret in manifest::secrets(plan, &credentials) {
            // Half a pair is no use to anybody, whoever wrote it.
            cluster
                .apply(&secret, Written::Really, Conflicts::Force)
                .await?;
        }
        if let Some(pair) = pair(cluster, plan).await? {
            return Ok(pair);
        }
        credentials = made()?;
    }
    Err(Error::new(
        Kind::NotReady,
        format!("the secrets of node {} change all the time", plan.name),
    )
    .hint("somebody else creates the same builder; try again"))
}

fn refuse_foreign(metadata: &ObjectMeta, kind: &str, plan: &NodePlan) -> Result<()> {
    if manifest::builder_name(metadata).as_ref() == Some(&plan.builder) {
        return Ok(());
    }
    let name = metadata.name.as_deref().unwrap_or_default();
    let owner = match manifest::builder_name(metadata) {
        Some(other) => format!("belongs to {other}"),
        None => "belongs to no builder".to_owned(),
    };
    Err(
        Error::usage(format!("{kind} {name:?} is there already and {owner}"))
            .hint("choose another name for the builder"),
    )
}

fn of_buildx(there: &Workload, plan: &NodePlan) -> Error {
    let (kind, name) = (there.kind(), there.name());
    let NodePlan { builder, .. } = plan;
    let numbered = name.strip_prefix(builder.as_str()).unwrap_or_default();
    let builder = if numbered.parse::<u32>().is_ok() {
        builder.as_str()
    } else {
        name
    };
    Error::usage(format!("{kind} {name:?} was made by docker buildx")).hint(format!(
        "make it ours: kubectl buildkit update {builder}; or choose another name for the builder"
    ))
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
    for _ in 1..TRIES {
        let wanted = workload::apply(cluster, &ours, Written::DryRun, Conflicts::Force).await?;
        let differences = manifest::differences(&json(&there)?, &json(&wanted)?);
        // Controllers write to a new workload: only two views of the same version compare.
        let same = there.metadata().resource_version == wanted.metadata().resource_version;
        if differences.is_empty() || same {
            return Ok(differences);
        }
        there = match workload::get(cluster, plan.name.as_str()).await? {
            Some(newer) => newer,
            None => break,
        };
    }
    Err(Error::new(
        Kind::NotReady,
        format!("{} {:?} changes all the time", ours.kind(), ours.name()),
    )
    .hint("something else writes to it; try again"))
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

    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::json;

    use super::*;
    use crate::cluster::fake;
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

    fn identity() -> Identity {
        Identity {
            authority: Vec::new(),
            certificate: Vec::new(),
            key: Vec::new(),
        }
    }
}
