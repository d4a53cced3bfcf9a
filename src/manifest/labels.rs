//! The labels that tie everything of a builder together.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::model::{BuilderName, Maker, NodeName};

pub(super) const NAME: &str = "app.kubernetes.io/name";
pub(super) const PART_OF: &str = "app.kubernetes.io/part-of";
pub(super) const INSTANCE: &str = "app.kubernetes.io/instance";
pub(super) const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// Annotation with the platforms that the user declared.
pub(super) const PLATFORMS: &str = "buildkit.kubectl/platforms";
/// Annotation with the way in which builds share the pods; absent if it is the default.
pub(super) const LOAD_BALANCE: &str = "buildkit.kubectl/loadbalance";
/// Annotation with the seconds that the builder may take to come up, if its user said so.
pub const TIMEOUT: &str = "buildkit.kubectl/timeout";
/// Annotation of a node whose builds go to the local docker if they have no output.
pub(super) const DEFAULT_LOAD: &str = "buildkit.kubectl/default-load";
/// Annotation with the patches of the pod template, as a JSON list.
pub(super) const PATCHES: &str = "buildkit.kubectl/patches";
/// Annotation with the pods' spec before the patches, as JSON: an update begins with that.
pub(super) const UNPATCHED: &str = "buildkit.kubectl/unpatched";
/// Annotation with the replicas that a node had before it was stopped.
pub const STOPPED_FROM: &str = "buildkit.kubectl/replicas";
/// Annotation that changes so that a controller tries again at once to make pods.
pub(super) const TRIED: &str = "buildkit.kubectl/tried";
/// Annotation with the name of the builder for which a node of buildx's is adopted, until that is done.
pub const ADOPTED_BY: &str = "buildkit.kubectl/adopted-by";
/// Annotation with the names of the `ConfigMap`s that such a node needs no more once it is adopted.
pub const LEFT_OVER: &str = "buildkit.kubectl/left-over";
/// Annotation of the pods with a checksum of their certificates' authority: new ones roll the pods,
/// as the daemon reads them only once.
pub const CHECKSUM: &str = "buildkit.kubectl/certificates";
/// Annotation of the pods with a checksum of the daemon's configuration, which it too reads only once.
pub const CONFIG: &str = "buildkit.kubectl/config";
/// The label with the name of a node of buildx's.
pub(super) const APP: &str = "app";
/// buildx's annotation with the platforms that its user declared.
pub(super) const BUILDX_PLATFORMS: &str = "buildx.docker.com/platform";
pub(super) const BUILDKITD: &str = "buildkitd";
pub(super) const MANAGER: &str = "kubectl-buildkit";

/// Selects the objects of all builders.
pub const ALL_BUILDERS: &str =
    "app.kubernetes.io/name=buildkitd,app.kubernetes.io/managed-by=kubectl-buildkit";

/// Selects the workloads that buildx may have made: it marks nothing as its own.
pub const BUILDX_CANDIDATES: &str = "app,app.kubernetes.io/managed-by!=kubectl-buildkit";

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

/// Selects all that belongs to a builder, or to one node of it.
pub fn selector(builder: &BuilderName, node: Option<&NodeName>) -> String {
    let all = format!("{ALL_BUILDERS},{PART_OF}={builder}");
    match node {
        Some(node) => format!("{all},{INSTANCE}={node}"),
        None => all,
    }
}

/// A patch that changes nothing but that the object is new to its controller.
pub fn try_again(token: &str) -> Value {
    json!({"metadata": {"annotations": {TRIED: token}}})
}

/// Selects the pods of a node.
pub fn node_selector(node: &NodeName, maker: Maker) -> String {
    match maker {
        Maker::Ours => format!("{NAME}={BUILDKITD},{INSTANCE}={node}"),
        Maker::Buildx => format!("{APP}={node}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::is_ours;

    #[test]
    fn no_user_can_replace_a_label_of_ours() {
        let builder: BuilderName = "a".parse().unwrap();
        let node = builder.node(0);
        let keys = [labels(&builder, &node), pod_selector(&node)];
        assert!(keys.iter().flat_map(BTreeMap::keys).all(|key| is_ours(key)));
    }
}
