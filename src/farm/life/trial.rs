//! What a command would change, without changing it.

use k8s_openapi::api::apps::v1::ReplicaSet;
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod, Secret};
use serde::Serialize;
use serde_json::Value;

use crate::cluster::{Cluster, Conflicts, Object, Written};
use crate::error::{Error, Kind, Result};
use crate::farm::find::workload::{self, Scope};
use crate::manifest::{self, Credentials};
use crate::model::{BuilderName, NodeName};
use crate::plan::{Create, NodePlan};

use super::adopt;
use super::buildx;
use super::config::Config;
use super::create::{as_it_is, differences, refuse_other_settings, resolve};
use super::gone::Removal;
use super::node::{self, Found};
use super::remove::find;
use super::rotate::nodes;
use super::scale::{Scale, patch, write};
use super::targets::targets_of_any;
use super::update::Changes;

/// Who says what would become of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judge {
    /// This program: what it would send.
    Client,
    /// The API server, defaults and admission included.
    Server,
}

/// An object as it is and as it would be.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// As it is; none if it is not there.
    pub live: Option<Value>,
    /// As it would be; none if it would go.
    pub result: Option<Value>,
}

/// What `create` would send, as far as that is known without a cluster.
pub fn create_offline(plan: &NodePlan, namespace: Option<&str>) -> Result<Vec<Trial>> {
    let credentials = node::made()?;
    let mut objects = Vec::new();
    for secret in manifest::secrets(plan, &credentials) {
        objects.push(json(&secret)?);
    }
    if let Some(config) = manifest::config_secret(plan) {
        objects.push(json(&config)?);
    }
    objects.push(node::json(&manifest::workload(plan, &credentials.daemon)?)?);
    let trials = objects.into_iter().map(|mut object| {
        if let Some(namespace) = namespace {
            object["metadata"]["namespace"] = namespace.into();
        }
        Trial {
            live: None,
            result: Some(object),
        }
    });
    Ok(trials.collect())
}

/// What `create` would change.
pub async fn create(cluster: &Cluster, plan: &Create, judge: Judge) -> Result<Vec<Trial>> {
    let plan = resolve(cluster, plan).await?;
    let found = node::find(cluster, &plan).await?;
    let plan = as_it_is(&plan, &found);
    let different = differences(cluster, &plan, &found).await?;
    refuse_other_settings(&plan, &found, &different)?;
    node_trials(cluster, &plan, &found, judge).await
}

/// What `update` would change.
pub async fn update(cluster: &Cluster, changes: &Changes, judge: Judge) -> Result<Vec<Trial>> {
    let mut trials = Vec::new();
    for (plan, found) in &changes.nodes {
        trials.extend(node_trials(cluster, plan, found, judge).await?);
    }
    Ok(trials)
}

/// What `scale`, `stop` and `start` would change.
pub async fn scale(
    cluster: &Cluster,
    builder: &BuilderName,
    node: Option<&NodeName>,
    to: Scale,
    judge: Judge,
) -> Result<Vec<Trial>> {
    let mut trials = Vec::new();
    for workload in targets_of_any(cluster, builder, node).await?.1 {
        let live = node::json(&workload)?;
        let result = match (patch(&workload, to), judge) {
            (None, _) => live.clone(),
            (Some(change), Judge::Client) => {
                let mut changed = live.clone();
                json_patch::merge(&mut changed, &change);
                changed
            }
            (Some(change), Judge::Server) => {
                let written = write(cluster, &workload, &change, Written::DryRun);
                node::json(&written.await?)?
            }
        };
        trials.push(Trial {
            live: Some(live),
            result: Some(result),
        });
    }
    Ok(trials)
}

/// What `rotate-certs` would change.
pub async fn rotate(
    cluster: &Cluster,
    builder: &BuilderName,
    node: Option<&NodeName>,
    judge: Judge,
) -> Result<Vec<Trial>> {
    let mut trials = Vec::new();
    for (plan, found) in nodes(cluster, builder, node).await? {
        let found = Found {
            credentials: None,
            ..found
        };
        trials.extend(node_trials(cluster, &plan, &found, judge).await?);
    }
    Ok(trials)
}

/// What `rm` would remove; nothing if the builder is not there.
pub async fn remove(cluster: &Cluster, what: Removal<'_>) -> Result<Vec<Trial>> {
    let found = find(cluster, what).await?;
    let mut objects = Vec::new();
    for workload in &found.workloads {
        objects.push(node::json(workload)?);
    }
    objects.extend(all::<ReplicaSet>(&found.sets)?);
    objects.extend(all::<Pod>(&found.pods)?);
    objects.extend(all::<Secret>(&found.secrets)?);
    objects.extend(all::<ConfigMap>(&found.config_maps)?);
    objects.extend(all::<PersistentVolumeClaim>(&found.claims)?);
    if found.is_empty() {
        for node in Box::pin(buildx::find(cluster, what)).await? {
            objects.extend(all::<ConfigMap>(&node.config_maps)?);
            objects.extend(all::<PersistentVolumeClaim>(&node.claims)?);
            objects.push(node::json(&node.workload)?);
        }
    }
    let trials = objects.into_iter().map(|live| Trial {
        live: Some(live),
        result: None,
    });
    Ok(trials.collect())
}

/// The objects of a builder, or of one node, as they are now.
pub async fn objects(
    cluster: &Cluster,
    builder: &BuilderName,
    node: Option<&NodeName>,
) -> Result<Vec<Trial>> {
    let labels = manifest::selector(builder, node);
    let (secrets, mut workloads) = tokio::try_join!(
        cluster.list::<Secret>(&labels),
        workload::list(cluster, &labels, Scope::Namespace)
    )?;
    if workloads.is_empty() {
        workloads = targets_of_any(cluster, builder, node).await?.1;
    }
    let mut objects = all::<Secret>(&secrets)?;
    for workload in &workloads {
        objects.push(node::json(workload)?);
    }
    let trials = objects.into_iter().map(|object| Trial {
        live: None,
        result: Some(object),
    });
    Ok(trials.collect())
}

async fn node_trials(
    cluster: &Cluster,
    plan: &NodePlan,
    found: &Found,
    judge: Judge,
) -> Result<Vec<Trial>> {
    let mut trials = Vec::new();
    let credentials = if let Some(pair) = &found.credentials {
        pair.clone()
    } else {
        let pair = node::made()?;
        trials.extend(secret_trials(cluster, plan, &pair, judge).await?);
        pair
    };
    trials.extend(config_trial(cluster, &found.config, judge).await?);
    let there = found.workload.as_ref();
    let workload = node::wanted(plan, &credentials.daemon, there)?;
    let result = match (judge, there) {
        (Judge::Client, _) => node::json(&workload)?,
        (Judge::Server, Some(there)) if manifest::is_buildx(there) => {
            node::json(&adopt::result(cluster, there, &workload).await?)?
        }
        (Judge::Server, _) => {
            let applied = workload::apply(cluster, &workload, Written::DryRun, Conflicts::Force);
            node::json(&applied.await?)?
        }
    };
    trials.push(Trial {
        live: there.map(node::json).transpose()?,
        result: Some(result),
    });
    if let Some(there) = there {
        let gone = all::<ConfigMap>(&buildx::config_maps(cluster, there).await?)?;
        trials.extend(gone.into_iter().map(|live| Trial {
            live: Some(live),
            result: None,
        }));
    }
    Ok(trials)
}

/// What would become of the configuration, if anything.
async fn config_trial(cluster: &Cluster, config: &Config, judge: Judge) -> Result<Option<Trial>> {
    if config.is_same() {
        return Ok(None);
    }
    let result = match (&config.wanted, judge) {
        (None, _) => None,
        (Some(wanted), Judge::Client) => Some(json(wanted)?),
        (Some(wanted), Judge::Server) => {
            let applied = cluster.apply(wanted, Written::DryRun, Conflicts::Force);
            Some(json(&applied.await?)?)
        }
    };
    Ok(Some(Trial {
        live: config.live.as_ref().map(json).transpose()?,
        result,
    }))
}

async fn secret_trials(
    cluster: &Cluster,
    plan: &NodePlan,
    credentials: &Credentials,
    judge: Judge,
) -> Result<Vec<Trial>> {
    let mut trials = Vec::new();
    for secret in manifest::secrets(plan, credentials) {
        let name = secret.metadata.name.clone().unwrap_or_default();
        let live = cluster.get::<Secret>(&name).await?;
        let result = match judge {
            Judge::Client => secret,
            Judge::Server => {
                let applied = cluster.apply(&secret, Written::DryRun, Conflicts::Force);
                applied.await?
            }
        };
        trials.push(Trial {
            live: live.as_ref().map(json).transpose()?,
            result: Some(json(&result)?),
        });
    }
    Ok(trials)
}

fn all<K: Object>(objects: &[K]) -> Result<Vec<Value>> {
    objects.iter().map(json).collect()
}

fn json(object: &impl Serialize) -> Result<Value> {
    serde_json::to_value(object).map_err(|error| {
        Error::new(Kind::Cluster, "the cluster sent an unreadable object").because(error)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::farm::testing::server;

    #[tokio::test]
    async fn nothing_is_written() {
        let (cluster, objects) = server();
        let name: BuilderName = "demo".parse().unwrap();
        let plan = Create::by_default(Some(&name), Duration::ZERO).unwrap();
        for judge in [Judge::Client, Judge::Server] {
            let trials = create(&cluster, &plan, judge).await.unwrap();
            assert_eq!(trials.len(), 3);
            assert!(objects.lock().unwrap().is_empty());
        }
        super::super::create::create(&cluster, &plan).await.unwrap();
        let before = objects.lock().unwrap().clone();
        for judge in [Judge::Client, Judge::Server] {
            let trials = scale(&cluster, &name, None, Scale::Stop, judge)
                .await
                .unwrap();
            let replicas =
                |object: &Option<Value>| object.as_ref().unwrap()["spec"]["replicas"].clone();
            assert_eq!(replicas(&trials[0].live), 1);
            assert_eq!(replicas(&trials[0].result), 0);
            let trials = create(&cluster, &plan, judge).await.unwrap();
            assert_eq!(trials.len(), 1);
        }
        let what = Removal {
            builder: &name,
            node: None,
            keep_state: false,
            wait: None,
        };
        assert_eq!(remove(&cluster, what).await.unwrap().len(), 3);
        assert_eq!(*objects.lock().unwrap(), before);
    }
}
