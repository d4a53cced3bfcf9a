//! The nodes that a command is about.

use crate::cluster::Cluster;
use crate::error::{Error, Kind, Result};
use crate::manifest::{self, Workload};
use crate::model::{BuilderName, Maker, NodeName};

use super::buildx;
use super::choose::find;
use super::name::unknown_builder;
use super::survey::builders;
use super::workload::{self, Scope};

/// The nodes of `builder`, or only the one that `node` names. None is an error, and so are those that
/// buildx made: most commands write what only nodes of ours have.
pub(super) async fn targets(
    cluster: &Cluster,
    builder: &BuilderName,
    node: Option<&NodeName>,
) -> Result<Vec<Workload>> {
    let there = ours(cluster, builder).await?;
    if there.is_empty() {
        return Err(Box::pin(no_such_builder(cluster, builder)).await);
    }
    only(there, builder, node)
}

/// The same, and those that buildx made if there is nothing of ours with that name.
pub(super) async fn targets_of_any(
    cluster: &Cluster,
    builder: &BuilderName,
    node: Option<&NodeName>,
) -> Result<(Maker, Vec<Workload>)> {
    let there = ours(cluster, builder).await?;
    if !there.is_empty() {
        return Ok((Maker::Ours, only(there, builder, node)?));
    }
    let there = buildx::workloads(cluster, builder).await?;
    if there.is_empty() {
        return Err(Box::pin(no_such_builder(cluster, builder)).await);
    }
    Ok((Maker::Buildx, only(there, builder, node)?))
}

async fn ours(cluster: &Cluster, builder: &BuilderName) -> Result<Vec<Workload>> {
    let labels = manifest::selector(builder, None);
    workload::list(cluster, &labels, Scope::Namespace).await
}

/// Those that are meant, by name.
fn only(
    mut there: Vec<Workload>,
    builder: &BuilderName,
    node: Option<&NodeName>,
) -> Result<Vec<Workload>> {
    there.sort_by(|a, b| a.name().cmp(b.name()));
    let Some(node) = node else {
        return Ok(there);
    };
    let names: Vec<String> = there.iter().map(|one| one.name().to_owned()).collect();
    there.retain(|workload| workload.name() == node.as_str());
    if there.is_empty() {
        return Err(no_such_node(builder, node, &names));
    }
    Ok(there)
}

async fn no_such_builder(cluster: &Cluster, builder: &BuilderName) -> Error {
    let others = match builders(cluster, Scope::Namespace).await {
        Ok(others) => others,
        Err(error) => return error,
    };
    if find(&others, builder).is_none() {
        return unknown_builder(cluster, &[builder], &others);
    }
    Error::usage(format!(
        "builder {builder} was made by docker buildx: its settings cannot be changed"
    ))
    .hint(format!(
        "make another in its place: kubectl buildkit rm {builder}, then kubectl buildkit create {builder}"
    ))
}

/// A builder has no node of that name.
pub(super) fn no_such_node(builder: &BuilderName, node: &NodeName, there: &[String]) -> Error {
    Error::new(
        Kind::NotFound,
        format!("builder {builder} has no node {node}"),
    )
    .hint(format!("its nodes: {}", there.join(", ")))
}

/// What cannot be read as a node of ours.
pub(super) fn unreadable(workload: &Workload) -> Error {
    Error::new(
        Kind::NotReady,
        format!(
            "{} {:?} has no container that could be a daemon",
            workload.kind(),
            workload.name()
        ),
    )
    .hint("remove the builder and create it again")
}
