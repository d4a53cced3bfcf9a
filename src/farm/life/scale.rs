//! How many pods a node has.

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use serde_json::{Value, json};

use crate::cluster::{Cluster, Written};
use crate::error::Result;
use crate::manifest::{STOPPED_FROM, Workload};
use crate::model::{BuilderName, Maker, NodeName};

use super::targets::targets_of_any;
use super::version::{self, undisturbed};

/// How many pods are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// So many.
    To(i32),
    /// None, until `Start`.
    Stop,
    /// As many as before `Stop`; one if that is not known.
    Start,
}

/// How many pods a node had and has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scaled {
    /// The node.
    pub node: NodeName,
    /// Who made it.
    pub maker: Maker,
    /// Before.
    pub from: i32,
    /// Now.
    pub to: i32,
}

/// Changes how many pods the nodes of a builder have, or only the one that is named. Builds in pods
/// that are too many go on until they are done.
pub async fn scale(
    cluster: &Cluster,
    builder: &BuilderName,
    node: Option<&NodeName>,
    scale: Scale,
) -> Result<Vec<Scaled>> {
    let mut done = Vec::new();
    let (maker, workloads) = targets_of_any(cluster, builder, node).await?;
    for workload in workloads {
        let Ok(node) = NodeName::existing(workload.name()) else {
            continue;
        };
        let (from, to) = Box::pin(scale_one(cluster, &node, workload, scale)).await?;
        done.push(Scaled {
            node,
            maker,
            from,
            to,
        });
    }
    Ok(done)
}

/// How many pods there were and are. What follows from the number before is wrong if somebody else
/// changes it at the same time.
async fn scale_one(
    cluster: &Cluster,
    node: &NodeName,
    there: Workload,
    scale: Scale,
) -> Result<(i32, i32)> {
    let mut first = Some(there);
    undisturbed(cluster, node, async || {
        let there = match first.take() {
            Some(there) => there,
            None => version::now(cluster, node).await?,
        };
        let counts = (there.replicas(), wanted(&there, scale));
        let Some(patch) = patch(&there, scale) else {
            return Ok(Some(counts));
        };
        let merged = version::merge(cluster, &there, &patch).await?;
        Ok(merged.map(|_| counts))
    })
    .await
}

fn before_stop(workload: &Workload) -> Option<i32> {
    workload.annotation(STOPPED_FROM)?.parse().ok()
}

fn wanted(workload: &Workload, scale: Scale) -> i32 {
    match (scale, workload.replicas()) {
        (Scale::To(count), _) => count,
        (Scale::Stop, _) => 0,
        (Scale::Start, 0) => before_stop(workload).unwrap_or(1).max(1),
        (Scale::Start, running) => running,
    }
}

/// What has to change, if anything: only what this is about, whoever wrote the rest.
pub(in crate::farm) fn patch(workload: &Workload, scale: Scale) -> Option<Value> {
    let (from, to) = (workload.replicas(), wanted(workload, scale));
    let note = match scale {
        Scale::Stop if from == 0 => return None,
        Scale::Stop => json!(from.to_string()),
        Scale::To(_) | Scale::Start => Value::Null,
    };
    let is_noted = workload.annotation(STOPPED_FROM).is_some();
    if from == to && !is_noted {
        return None;
    }
    Some(json!({
        "metadata": {"annotations": {STOPPED_FROM: note}},
        "spec": {"replicas": to},
    }))
}

/// Merges `patch` into the workload; what is there afterwards.
pub(in crate::farm) async fn write(
    cluster: &Cluster,
    workload: &Workload,
    patch: &Value,
    written: Written,
) -> Result<Workload> {
    let name = workload.name();
    Ok(match workload {
        Workload::Deployment(_) => cluster
            .merge::<Deployment>(name, patch, written)
            .await?
            .into(),
        Workload::StatefulSet(_) => cluster
            .merge::<StatefulSet>(name, patch, written)
            .await?
            .into(),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::create::{Made, create};
    use super::*;
    use crate::farm::testing::{Objects, server};
    use crate::plan::Create;

    async fn counts(cluster: &Cluster, to: Scale) -> (i32, i32) {
        let name = "demo".parse().unwrap();
        let scaled = scale(cluster, &name, None, to).await.unwrap();
        (scaled[0].from, scaled[0].to)
    }

    fn replicas(objects: &Objects) -> Value {
        objects.lock().unwrap()[2].1["spec"]["replicas"].clone()
    }

    #[tokio::test]
    async fn what_was_stopped_starts_as_it_was() {
        let (cluster, objects) = server();
        let mut plan = Create::by_default(Some(&"demo".parse().unwrap()), Duration::ZERO).unwrap();
        plan.node.replicas = 3;
        create(&cluster, &plan).await.unwrap();
        let made = objects.lock().unwrap().clone();
        assert_eq!(counts(&cluster, Scale::Start).await, (3, 3));
        assert_eq!(*objects.lock().unwrap(), made);
        assert_eq!(counts(&cluster, Scale::Stop).await, (3, 0));
        assert_eq!(replicas(&objects), 0);
        assert_eq!(counts(&cluster, Scale::Stop).await, (0, 0));
        // Who creates it again does not start it.
        assert_eq!(create(&cluster, &plan).await.unwrap().1, Made::Unchanged);
        assert_eq!(replicas(&objects), 0);
        assert_eq!(counts(&cluster, Scale::Start).await, (0, 3));
        assert_eq!(replicas(&objects), 3);
        assert_eq!(create(&cluster, &plan).await.unwrap().1, Made::Unchanged);
        assert_eq!(counts(&cluster, Scale::To(0)).await, (3, 0));
        assert_eq!(counts(&cluster, Scale::Start).await, (0, 1));
    }
}
