//! The columns of a list of builders.

use super::builder_list::{List, endpoint, ready};
use super::platforms::{all, offered, shortened};
use super::table::{Fit, age};
use crate::model::{Builder, Maker, Node};

/// Groups of platforms that a shortened list shows.
const PLATFORM_GROUPS: usize = 4;

/// A column: its header and the cells of builders and nodes.
pub(super) struct Column {
    pub(super) header: &'static str,
    /// What becomes of it in a narrow terminal.
    pub(super) fit: Fit,
    builder: fn(&List<'_>, &Builder) -> String,
    node: fn(&List<'_>, &Builder, &Node) -> String,
}

impl Column {
    /// Whether it tells rows apart.
    pub(super) fn is_name(&self) -> bool {
        self.header == NAME.header
    }
}

fn empty(_: &List<'_>, _: &Builder) -> String {
    String::new()
}

const NAMESPACE: Column = Column {
    header: "NAMESPACE",
    fit: Fit::Kept,
    builder: |_, builder| builder.namespace.clone(),
    node: |_, builder, _| builder.namespace.clone(),
};

/// Beside the names of builders only: the rows stay as buildx shows them.
const WHERE: Column = Column {
    header: "NAMESPACE",
    fit: Fit::Kept,
    builder: |_, builder| builder.namespace.clone(),
    node: |_, _, _| String::new(),
};

const NAME: Column = Column {
    header: "NAME/NODE",
    fit: Fit::Kept,
    builder: |list, builder| {
        let star = if list.is_current(builder) { "*" } else { "" };
        format!("{}{star}", builder.name)
    },
    node: |_, _, node| format!(" \\_ {}", node.name),
};

const ENDPOINT: Column = Column {
    header: "DRIVER/ENDPOINT",
    fit: Fit::Spare(6),
    builder: |_, builder| match builder.maker {
        Maker::Ours => "kubernetes".to_owned(),
        Maker::Buildx => "kubernetes (buildx)".to_owned(),
    },
    node: |_, builder, node| format!(" \\_ {}", endpoint(builder, node)),
};

const STATUS: Column = Column {
    header: "STATUS",
    fit: Fit::Kept,
    builder: empty,
    node: |_, _, node| node.status().to_string(),
};

const READY: Column = Column {
    header: "READY",
    fit: Fit::Spare(1),
    builder: empty,
    node: |_, _, node| format!("{}/{}", ready(node), node.replicas),
};

const BUILDKIT: Column = Column {
    header: "BUILDKIT",
    fit: Fit::Spare(2),
    builder: empty,
    node: |_, _, node| {
        let version = node.daemon.as_ref().map(|daemon| daemon.version.clone());
        version.unwrap_or_default()
    },
};

const IMAGE: Column = Column {
    header: "IMAGE",
    fit: Fit::Spare(5),
    builder: empty,
    node: |_, _, node| node.image.clone(),
};

const AGE: Column = Column {
    header: "AGE",
    fit: Fit::Spare(4),
    builder: empty,
    node: |list, _, node| {
        let since = node.created.map(|created| list.now.duration_since(created));
        since.map_or_else(String::new, |since| age(since.as_secs()))
    },
};

const PLATFORMS: Column = Column {
    header: "PLATFORMS",
    fit: Fit::Spare(3),
    builder: empty,
    node: |list, _, node| {
        if list.no_trunc {
            all(&offered(node))
        } else {
            shortened(&offered(node), PLATFORM_GROUPS)
        }
    },
};

/// buildx's columns; platforms stay last, as they are the longest.
pub(super) fn columns(list: &List<'_>, wide: bool) -> Vec<Column> {
    let mut columns = Vec::new();
    if wide || list.namespace.is_none() {
        columns.push(NAMESPACE);
    }
    columns.extend([NAME, ENDPOINT, STATUS]);
    if wide {
        columns.push(READY);
    }
    columns.push(BUILDKIT);
    if wide {
        columns.extend([IMAGE, AGE]);
    } else if list.builders.iter().any(|b| list.is_elsewhere(b)) {
        columns.push(WHERE);
    }
    columns.push(PLATFORMS);
    columns
}

/// The names of the columns.
pub(super) fn header(columns: &[Column]) -> Vec<String> {
    let headers = columns.iter().map(|column| column.header.to_owned());
    headers.collect()
}

/// The rows of a builder: its own, and one for each node.
pub(super) fn builder_rows(
    list: &List<'_>,
    columns: &[Column],
    builder: &Builder,
) -> Vec<Vec<String>> {
    let own = columns.iter().map(|c| (c.builder)(list, builder)).collect();
    let nodes = builder.nodes.iter().map(|node| {
        let cells = columns.iter();
        cells.map(|c| (c.node)(list, builder, node)).collect()
    });
    std::iter::once(own).chain(nodes).collect()
}
