//! The labels that tie everything of a builder together.

use std::collections::BTreeMap;

use crate::model::{BuilderName, NodeName};

pub(super) const NAME: &str = "app.kubernetes.io/name";
pub(super) const PART_OF: &str = "app.kubernetes.io/part-of";
pub(super) const INSTANCE: &str = "app.kubernetes.io/instance";
pub(super) const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
pub(super) const BUILDKITD: &str = "buildkitd";
pub(super) const MANAGER: &str = "kubectl-buildkit";

/// Selects the objects of all builders.
pub const ALL_BUILDERS: &str =
    "app.kubernetes.io/name=buildkitd,app.kubernetes.io/managed-by=kubectl-buildkit";

/// The labels of everything that belongs to a node.
pub fn labels(builder: &BuilderName, node: &NodeName) -> BTreeMap<String, String> {
    BTreeMap::from([
        (NAME.to_owned(), BUILDKITD.to_owned()),
        (PART_OF.to_owned(), builder.to_string()),
        (INSTANCE.to_owned(), node.to_string()),
        (MANAGED_BY.to_owned(), MANAGER.to_owned()),
    ])
}

/// The labels by which a Deployment finds its pods. They can never change, so they are the fewest
/// that do: the node's name is unique in its namespace, and a node may move to another builder.
pub(super) fn pod_selector(node: &NodeName) -> BTreeMap<String, String> {
    BTreeMap::from([
        (NAME.to_owned(), BUILDKITD.to_owned()),
        (INSTANCE.to_owned(), node.to_string()),
    ])
}

/// Selects all that belongs to a builder.
pub fn builder_selector(builder: &BuilderName) -> String {
    format!("{ALL_BUILDERS},{PART_OF}={builder}")
}

/// Selects all that belongs to a node.
pub fn node_selector(node: &NodeName) -> String {
    format!("{NAME}={BUILDKITD},{INSTANCE}={node}")
}
