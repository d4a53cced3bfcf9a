//! What is shown of builders.

use jiff::{SignedDuration, Timestamp};

use crate::farm::Inspection;
use crate::model::{Builder, BuilderName, Node, Replica};

/// How long before its end a certificate is worth a word.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Builders and what matters for showing them.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// The builders, in the order in which they are shown.
    pub builders: &'a [Builder],
    /// The namespace that was asked about; none means all of them. Builders of others are among them
    /// if this machine knows of them.
    pub namespace: Option<&'a str>,
    /// The namespace and name of the builder that builds use when none is named.
    pub current: Option<(&'a str, &'a BuilderName)>,
    /// Whether a table shows all platforms, however narrow the terminal is.
    pub no_trunc: bool,
    /// Whether a table names its columns.
    pub has_header: bool,
    /// The columns of the terminal that a table is printed on; none where there is no terminal.
    pub width: Option<usize>,
    /// The time, for ages.
    pub now: Timestamp,
}

/// A builder and what matters for showing it.
#[derive(Debug, Clone, Copy)]
pub struct Inspected<'a> {
    /// The builder.
    pub inspection: &'a Inspection,
    /// The kube context; empty if there is none.
    pub context: &'a str,
    /// Whether builds use it when none is named.
    pub current: bool,
    /// The columns of the terminal that it is printed on; none where there is no terminal.
    pub width: Option<usize>,
    /// The time, for ages.
    pub now: Timestamp,
}

impl List<'_> {
    /// Whether a builder is in a namespace that was not asked about.
    pub(super) fn is_elsewhere(&self, builder: &Builder) -> bool {
        self.namespace
            .is_some_and(|namespace| namespace != builder.namespace)
    }

    /// Whether builds use this one when none is named.
    pub(super) fn is_current(&self, builder: &Builder) -> bool {
        self.current == Some((builder.namespace.as_str(), &builder.name))
    }
}

/// The node's address as buildx writes it.
pub(super) fn endpoint(builder: &Builder, node: &Node) -> String {
    format!(
        "kubernetes:///{}?deployment={}&kubeconfig=",
        builder.name, node.name
    )
}

/// When a certificate ends, if that is soon enough to say so.
pub(super) fn ends_soon(node: &Node, now: Timestamp) -> Option<String> {
    let end = node.certificate_ends?;
    let left = end.duration_since(now);
    if left > SOON {
        return None;
    }
    let day = end.strftime("%Y-%m-%d");
    Some(match left.as_hours() / 24 {
        _ if left.is_negative() => format!("ended on {day}"),
        0 => format!("ends on {day}, within a day"),
        1 => format!("ends on {day}, in 1 day"),
        days => format!("ends on {day}, in {days} days"),
    })
}

/// The command that renews a builder's certificates.
pub(super) fn renewal(builder: &Builder) -> String {
    let Builder {
        name, namespace, ..
    } = builder;
    format!("kubectl buildkit rotate-certs {name} -n {namespace}")
}

/// How many replicas of the node take builds now.
pub(super) fn ready(node: &Node) -> usize {
    node.pods
        .iter()
        .filter(|pod| Replica::is_ready(pod))
        .count()
}
