//! `ls`: builders as a table, a document or names.

use std::io::{self, Write};

use super::builder_document::Document;
use super::builder_list::{List, endpoint, ends_soon, ready, renewal};
use super::platforms::{all, offered, shortened};
use super::table::{age, table};
use super::text::one_line;
use crate::model::{Builder, Maker, Node, OutputFormat, ReplicaState};

/// Groups of platforms that a shortened list shows.
const PLATFORM_GROUPS: usize = 4;

/// Prints the list to `out`, which is standard output.
pub fn builders(list: &List<'_>, format: OutputFormat, mut out: impl Write) -> io::Result<()> {
    match format {
        OutputFormat::Table | OutputFormat::Wide if list.builders.is_empty() => {}
        OutputFormat::Table | OutputFormat::Wide => {
            let columns = columns(list, format == OutputFormat::Wide);
            out.write_all(rows(list, &columns).as_bytes())?;
        }
        OutputFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &Document::from(list))?;
            writeln!(out)?;
        }
        OutputFormat::Yaml => {
            let text = serde_saphyr::to_string(&Document::from(list)).map_err(io::Error::other)?;
            writeln!(out, "{}", text.trim_end())?;
        }
        // The bare name, not `builder/NAME`: a builder is no object of the API server, and every
        // command of ours takes the bare name, so `ls -o name | xargs kubectl buildkit rm` works.
        OutputFormat::Name => {
            for builder in list.builders {
                writeln!(out, "{}", builder.name)?;
            }
        }
    }
    out.flush()
}

/// Prints what is wrong with the builders to `out`, which is standard error; or that there are none.
pub fn troubles(list: &List<'_>, mut out: impl Write) -> io::Result<()> {
    if list.builders.is_empty() {
        let place = match list.namespace {
            Some(namespace) => format!("namespace {namespace:?}"),
            None => "any namespace".to_owned(),
        };
        return writeln!(
            out,
            "No builders in {place}. Make one: kubectl buildkit create"
        );
    }
    let nodes = list.builders.iter().flat_map(|builder| {
        let nodes = builder.nodes.iter();
        nodes.map(move |node| (builder, node))
    });
    let lines: Vec<String> = nodes
        .flat_map(|(builder, node)| {
            let name = if list.namespace.is_none() || list.is_elsewhere(builder) {
                format!("{}/{}", builder.namespace, node.name)
            } else {
                node.name.to_string()
            };
            let certificate = ends_soon(node, list.now)
                .map(|end| format!("its certificate {end}; to renew it: {}", renewal(builder)));
            node_troubles(node)
                .into_iter()
                .chain(certificate)
                .map(move |line| format!("{name}: {line}"))
        })
        .collect();
    if !lines.is_empty() {
        writeln!(out)?;
    }
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// Pods that cannot come up, and why the daemon could not be asked.
fn node_troubles(node: &Node) -> Vec<String> {
    let failing = node.pods.iter().filter_map(|pod| match &pod.state {
        ReplicaState::Failing(reason) => Some(format!(
            "pod {}: {}",
            pod.name,
            one_line(reason.trim().as_bytes())
        )),
        _ => None,
    });
    let trouble = node.trouble.iter().map(|t| one_line(t.trim().as_bytes()));
    failing.chain(trouble).collect()
}

/// A column: its header and the cells of builders and nodes.
struct Column {
    header: &'static str,
    builder: fn(&List<'_>, &Builder) -> String,
    node: fn(&List<'_>, &Builder, &Node) -> String,
}

fn empty(_: &List<'_>, _: &Builder) -> String {
    String::new()
}

const NAMESPACE: Column = Column {
    header: "NAMESPACE",
    builder: |_, builder| builder.namespace.clone(),
    node: |_, builder, _| builder.namespace.clone(),
};

/// Beside the names of builders only: the rows stay as buildx shows them.
const WHERE: Column = Column {
    header: "NAMESPACE",
    builder: |_, builder| builder.namespace.clone(),
    node: |_, _, _| String::new(),
};

const NAME: Column = Column {
    header: "NAME/NODE",
    builder: |list, builder| {
        let star = if list.is_current(builder) { "*" } else { "" };
        format!("{}{star}", builder.name)
    },
    node: |_, _, node| format!(" \\_ {}", node.name),
};

const ENDPOINT: Column = Column {
    header: "DRIVER/ENDPOINT",
    builder: |_, builder| match builder.maker {
        Maker::Ours => "kubernetes".to_owned(),
        Maker::Buildx => "kubernetes (buildx)".to_owned(),
    },
    node: |_, builder, node| format!(" \\_ {}", endpoint(builder, node)),
};

const STATUS: Column = Column {
    header: "STATUS",
    builder: empty,
    node: |_, _, node| node.status().to_string(),
};

const READY: Column = Column {
    header: "READY",
    builder: empty,
    node: |_, _, node| format!("{}/{}", ready(node), node.replicas),
};

const BUILDKIT: Column = Column {
    header: "BUILDKIT",
    builder: empty,
    node: |_, _, node| {
        let version = node.daemon.as_ref().map(|daemon| daemon.version.clone());
        version.unwrap_or_default()
    },
};

const IMAGE: Column = Column {
    header: "IMAGE",
    builder: empty,
    node: |_, _, node| node.image.clone(),
};

const AGE: Column = Column {
    header: "AGE",
    builder: empty,
    node: |list, _, node| {
        let since = node.created.map(|created| list.now.duration_since(created));
        since.map_or_else(String::new, |since| age(since.as_secs()))
    },
};

const PLATFORMS: Column = Column {
    header: "PLATFORMS",
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
fn columns(list: &List<'_>, wide: bool) -> Vec<Column> {
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

fn rows(list: &List<'_>, columns: &[Column]) -> String {
    let header: Vec<&str> = columns.iter().map(|column| column.header).collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for builder in list.builders {
        rows.push(columns.iter().map(|c| (c.builder)(list, builder)).collect());
        rows.extend(builder.nodes.iter().map(|node| {
            let cells = columns.iter();
            cells.map(|c| (c.node)(list, builder, node)).collect()
        }));
    }
    table(&header, &rows)
}

#[cfg(test)]
#[path = "builders_tests.rs"]
mod tests;
