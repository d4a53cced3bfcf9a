//! Builders as the cluster shows them, and the words for their state.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;

use super::{BuilderName, Daemon, Listen, LoadBalance, NodeName, Platform};

/// A named set of nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Builder {
    /// The name, unique in its namespace.
    pub name: BuilderName,
    /// The namespace of all its objects.
    pub namespace: String,
    /// Who made it.
    pub maker: Maker,
    /// Its nodes, by name.
    pub nodes: Vec<Node>,
}

impl Builder {
    /// When its newest build began or ended, by the word of those daemons that were asked.
    pub fn last_activity(&self) -> Option<Timestamp> {
        let pods = self.nodes.iter().flat_map(|node| &node.pods);
        pods.filter_map(|pod| pod.last_activity).max()
    }
}

/// Who made a builder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Maker {
    /// This program, or who applied what it would have made.
    Ours,
    /// docker buildx, with its Kubernetes driver.
    Buildx,
}

impl Maker {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ours => "kubectl-buildkit",
            Self::Buildx => "buildx",
        }
    }
}

/// One Deployment of buildkitd pods that all build for the same platforms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The name of the node and of its Deployment.
    pub name: NodeName,
    /// Platforms that the user declared, in the order given.
    pub platforms: Vec<Platform>,
    /// The image of the daemon.
    pub image: String,
    /// How many replicas are wanted.
    pub replicas: u32,
    /// How its daemons are reached.
    pub connection: Connection,
    /// The address of its daemons' socket, if their arguments name one; else the image knows it.
    pub socket: Option<String>,
    /// Which replica takes a build.
    pub load_balance: LoadBalance,
    /// Whether a build without output goes to the local docker.
    pub default_load: bool,
    /// How long it may take to come up, if its user said so.
    pub timeout: Option<Duration>,
    /// Its pods, by name.
    pub pods: Vec<Replica>,
    /// When the node was made.
    pub created: Option<Timestamp>,
    /// When its clients' certificate ends, if that is known.
    pub certificate_ends: Option<Timestamp>,
    /// What its daemon says of itself; absent if nobody asked or none is ready.
    pub daemon: Option<Daemon>,
    /// Why its daemon could not be asked.
    pub trouble: Option<String>,
}

/// How a node's daemons are reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connection {
    /// A mutually authenticated port.
    Tls {
        /// Where in the pod it listens.
        listen: Listen,
        /// The port inside the pod.
        port: u16,
        /// The Secret with the client's certificate and key.
        secret: String,
    },
    /// Only the daemon's socket, by a command in its container: a node that something else made.
    Socket,
}

/// One pod of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replica {
    /// The pod's name.
    pub name: String,
    /// Unique among all pods that ever were.
    pub uid: String,
    /// What it can do now.
    pub state: ReplicaState,
    /// The pod's own address, once it has one.
    pub address: Option<IpAddr>,
    /// The cluster node that it runs on, once it has one.
    pub cluster_node: Option<String>,
    /// How often its daemon was started again.
    pub restarts: u32,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// The version of its daemon; absent if that was not asked or did not say.
    pub version: Option<String>,
    /// When its daemon's newest build began or ended; absent if that was not asked.
    pub last_activity: Option<Timestamp>,
    /// Why its daemon could not be asked.
    pub trouble: Option<String>,
}

/// What a replica can do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplicaState {
    /// It takes builds.
    Ready,
    /// It comes up; the text says how far it is.
    Starting(String),
    /// It cannot come up without help; the text is Kubernetes' own reason.
    Failing(String),
    /// It has other certificates than its node has by now, and is about to be replaced.
    Outdated,
    /// It is about to go.
    Terminating,
}

impl Replica {
    /// A replica of which no more is known.
    pub fn new(name: impl Into<String>, uid: impl Into<String>, state: ReplicaState) -> Self {
        Self {
            name: name.into(),
            uid: uid.into(),
            state,
            address: None,
            cluster_node: None,
            restarts: 0,
            created: None,
            version: None,
            last_activity: None,
            trouble: None,
        }
    }

    /// Whether it takes builds now.
    pub fn is_ready(&self) -> bool {
        self.state == ReplicaState::Ready
    }
}

/// A node's state in one word, as `ls` shows it: buildx's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeStatus {
    /// At least one replica takes builds.
    Running,
    /// Replicas are wanted; none is ready yet, none is failing.
    Starting,
    /// No replica is wanted.
    Stopped,
    /// No replica is ready and at least one cannot come up.
    Error,
}

impl NodeStatus {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Starting => "starting",
            Self::Stopped => "stopped",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for NodeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Node {
    /// The state in one word.
    pub fn status(&self) -> NodeStatus {
        if self.pods.iter().any(Replica::is_ready) {
            NodeStatus::Running
        } else if self.replicas == 0 {
            NodeStatus::Stopped
        } else if self.failure().is_some() {
            NodeStatus::Error
        } else {
            NodeStatus::Starting
        }
    }

    /// The first pod that cannot come up, and why.
    pub fn failure(&self) -> Option<(&Replica, &str)> {
        self.pods.iter().find_map(|pod| match &pod.state {
            ReplicaState::Failing(reason) => Some((pod, reason.as_str())),
            _ => None,
        })
    }
}
