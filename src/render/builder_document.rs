//! Builders as a document that programs read. Its field names are a promise.

use serde::Serialize;

use super::builder_list::{List, ready};
use super::document::API_VERSION;
use super::platforms::offered;
use crate::model::{Builder, Connection, Node, Replica, ReplicaState};

/// The state of what is gone.
pub(super) const REMOVED: &str = "removed";

/// The document of a list of builders.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document<'a> {
    api_version: &'static str,
    kind: &'static str,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item<'a> {
    api_version: &'static str,
    kind: &'static str,
    name: &'a str,
    namespace: &'a str,
    made_by: &'static str,
    current: bool,
    status: &'static str,
    nodes: Vec<NodeItem<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NodeItem<'a> {
    name: &'a str,
    status: &'static str,
    image: &'a str,
    replicas: u32,
    ready_replicas: usize,
    platforms: Vec<PlatformItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    connection: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_ends: Option<String>,
    pods: Vec<PodItem<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

#[derive(Serialize)]
struct PlatformItem {
    platform: String,
    declared: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PodItem<'a> {
    name: &'a str,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster_node: Option<&'a str>,
    restarts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_activity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

impl Item<'_> {
    /// The same, of a builder that is gone.
    pub(super) fn removed(mut self) -> Self {
        self.status = REMOVED;
        self.nodes.iter_mut().for_each(|node| node.status = REMOVED);
        self
    }
}

impl<'a> From<&'a List<'a>> for Document<'a> {
    fn from(list: &'a List<'a>) -> Self {
        let items = list.builders.iter();
        Self {
            api_version: API_VERSION,
            kind: "BuilderList",
            items: items.map(|builder| item(list, builder)).collect(),
        }
    }
}

pub(super) fn item<'a>(list: &List<'_>, builder: &'a Builder) -> Item<'a> {
    Item {
        api_version: API_VERSION,
        kind: "Builder",
        name: builder.name.as_str(),
        namespace: &builder.namespace,
        made_by: builder.maker.as_str(),
        current: list.is_current(builder),
        status: status(builder),
        nodes: builder.nodes.iter().map(NodeItem::from).collect(),
    }
}

/// The builder's state: its nodes' if they agree, else the one that matters most.
pub(super) fn status(builder: &Builder) -> &'static str {
    let order = ["error", "starting", "running", "stopped"];
    let has = |word: &&str| builder.nodes.iter().any(|n| n.status().as_str() == *word);
    order.into_iter().find(has).unwrap_or("stopped")
}

impl<'a> From<&'a Node> for NodeItem<'a> {
    fn from(node: &'a Node) -> Self {
        let version = node.daemon.as_ref().map(|daemon| daemon.version.as_str());
        let platforms = offered(node).into_iter().map(|one| PlatformItem {
            platform: one.platform.to_string(),
            declared: one.declared,
        });
        Self {
            name: node.name.as_str(),
            status: node.status().as_str(),
            image: &node.image,
            replicas: node.replicas,
            ready_replicas: ready(node),
            platforms: platforms.collect(),
            version: version.filter(|version| !version.is_empty()),
            connection: match node.connection {
                Connection::Tls { .. } => "tls",
                Connection::Socket => "socket",
            },
            created: node.created.map(|created| created.to_string()),
            certificate_ends: node.certificate_ends.map(|end| end.to_string()),
            pods: node.pods.iter().map(PodItem::from).collect(),
            error: node.trouble.as_deref(),
        }
    }
}

impl<'a> From<&'a Replica> for PodItem<'a> {
    fn from(pod: &'a Replica) -> Self {
        let (state, reason) = match &pod.state {
            ReplicaState::Ready => ("ready", None),
            ReplicaState::Starting(reason) => ("starting", Some(reason.as_str())),
            ReplicaState::Failing(reason) => ("failing", Some(reason.as_str())),
            ReplicaState::Outdated => ("outdated", None),
            ReplicaState::Terminating => ("terminating", None),
        };
        Self {
            name: &pod.name,
            state,
            reason: reason.filter(|reason| !reason.is_empty()),
            cluster_node: pod.cluster_node.as_deref(),
            restarts: pod.restarts,
            created: pod.created.map(|created| created.to_string()),
            version: pod.version.as_deref().filter(|version| !version.is_empty()),
            last_activity: pod.last_activity.map(|last| last.to_string()),
            error: pod.trouble.as_deref(),
        }
    }
}
