//! The nodes that a command is about.

use crate::cluster::Cluster;
use crate::error::{Error, Kind, Result};
use crate::farm::find::choose::find;
use crate::farm::find::name::unknown_builder;
use crate::farm::find::survey::builders;
use crate::farm::find::workload::{self, Scope};
use crate::manifest::{self, BUILDX_CANDIDATES, Workload};
use crate::model::{Builder, BuilderName, Maker, NodeName};

use super::buildx;

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

/// What an update is about.
pub(super) struct ToUpdate {
    /// Nodes of ours.
    pub(super) ours: Vec<Workload>,
    /// Nodes that buildx made, which are to be adopted.
    pub(super) theirs: Vec<Workload>,
}

/// The nodes that an update is about. Those of buildx's are adopted if there is nothing of ours with
/// that name, or if that has begun and was not brought to its end.
pub(super) async fn targets_of_update(
    cluster: &Cluster,
    builder: &BuilderName,
    node: Option<&NodeName>,
) -> Result<ToUpdate> {
    let ours = ours(cluster, builder).await?;
    let mut theirs = workload::list(cluster, BUILDX_CANDIDATES, Scope::Namespace).await?;
    theirs.retain(manifest::is_buildx);
    let of_buildx = manifest::builders(&theirs, &[]);
    if ours.is_empty() {
        let Some(meant) = find(&of_buildx, builder) else {
            return Err(Box::pin(no_such_builder(cluster, builder)).await);
        };
        refuse_parts(&meant, &of_buildx, node)?;
        theirs.retain(|workload| {
            let mut nodes = meant.nodes.iter();
            nodes.any(|node| node.name.as_str() == workload.name())
        });
    } else {
        theirs.retain(|workload| manifest::adopted_by(workload) == Some(builder.as_str()));
    }
    let all = only(ours.into_iter().chain(theirs).collect(), builder, node)?;
    let (theirs, ours) = all.into_iter().partition(manifest::is_buildx);
    Ok(ToUpdate { ours, theirs })
}

/// A builder that buildx made is adopted as a whole: its nodes have no other tie than their names.
fn refuse_parts(meant: &Builder, all: &[Builder], node: Option<&NodeName>) -> Result<()> {
    let Builder { name, nodes, .. } = meant;
    let is_part = |builder: &&Builder| builder.nodes.iter().any(|node| nodes.contains(node));
    let whole = all.iter().filter(is_part);
    let names: Vec<&str> = whole.map(|builder| builder.name.as_str()).collect();
    let is_whole = names == [name.as_str()] && (node.is_none() || nodes.len() == 1);
    if is_whole {
        return Ok(());
    }
    let problem = format!(
        "docker buildx made the builder {}: it becomes ours as a whole",
        names.join(", ")
    );
    let hint = format!("kubectl buildkit update {}", names.join(", or "));
    Err(Error::usage(problem).hint(hint))
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
    Error::usage(format!("builder {builder} was made by docker buildx")).hint(format!(
        "make it ours first: kubectl buildkit update {builder}"
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
