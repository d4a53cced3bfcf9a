//! What is shown of builders.

use jiff::Timestamp;

use crate::model::{Builder, BuilderName, Node, Replica};

/// Builders and what matters for showing them.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// The builders, in the order in which they are shown.
    pub builders: &'a [Builder],
    /// The namespace that was asked about; none means all of them.
    pub namespace: Option<&'a str>,
    /// The namespace and name of the builder that builds use when none is named.
    pub current: Option<(&'a str, &'a BuilderName)>,
    /// Whether a table shows all platforms.
    pub no_trunc: bool,
    /// The time, for ages.
    pub now: Timestamp,
}

impl List<'_> {
    /// Whether builds use this one when none is named.
    pub(super) fn is_current(&self, builder: &Builder) -> bool {
        self.current == Some((builder.namespace.as_str(), &builder.name))
    }
}

/// How many replicas of the node take builds now.
pub(super) fn ready(node: &Node) -> usize {
    node.pods
        .iter()
        .filter(|pod| Replica::is_ready(pod))
        .count()
}
