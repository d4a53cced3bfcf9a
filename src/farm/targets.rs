//! The nodes that a command is about.

use crate::cluster::Cluster;
use crate::error::{Error, Kind, Result};
use crate::manifest::{self, Workload};
use crate::model::{BuilderName, NodeName};

use super::name::unknown_builder;
use super::survey::builders;
use super::workload::{self, Scope};

/// The nodes of `builder`, or only the one that `node` names. None is an error.
pub(super) async fn targets(
    cluster: &Cluster,
    builder: &BuilderName,
    node: Option<&NodeName>,
) -> Result<Vec<Workload>> {
    let labels = manifest::selector(builder, None);
    let mut there = workload::list(cluster, &labels, Scope::Namespace).await?;
    if there.is_empty() {
        let others = builders(cluster, Scope::Namespace).await?;
        return Err(unknown_builder(cluster, &[builder], &others));
    }
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
