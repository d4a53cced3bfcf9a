//! `ls`: builders as a table, a document or names.

use std::io::{self, Write};

use super::builder_columns::{Column, builder_rows, columns, header};
use super::builder_document::Document;
use super::builder_list::{List, ends_soon, renewal};
use super::document::document;
use super::table::{Fit, fitted, table};
use super::text::one_line;
use crate::cli::Shape;
use crate::model::{Node, ReplicaState};

/// Prints the list to `out`, which is standard output.
pub fn builders(list: &List<'_>, shape: &Shape, mut out: impl Write) -> io::Result<()> {
    match shape {
        Shape::Text | Shape::Wide if list.builders.is_empty() => {}
        Shape::Text | Shape::Wide => {
            let columns = columns(list, *shape == Shape::Wide);
            out.write_all(text(list, &columns).as_bytes())?;
        }
        Shape::Document(form) => {
            document(&Document::from(list), form, list.has_header, &mut out)?;
        }
    }
    out.flush()
}

fn text(list: &List<'_>, columns: &[Column]) -> String {
    let mut rows = vec![header(columns)];
    for builder in list.builders {
        rows.extend(builder_rows(list, columns, builder));
    }
    let fits: Vec<Fit> = columns.iter().map(|column| column.fit).collect();
    if let Some(width) = list.width.filter(|_| !list.no_trunc) {
        rows = fitted(&rows, &fits, width).1;
    }
    let header = rows.remove(0);
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    table(list.has_header.then_some(header.as_slice()), &rows)
}

/// Prints what is wrong with the builders to `out`, which is standard error; or that there are none.
pub fn troubles(list: &List<'_>, mut out: impl Write) -> io::Result<()> {
    if list.builders.is_empty() {
        let place = match list.namespace {
            Some(namespace) => format!("{namespace} namespace"),
            None => "any namespace".to_owned(),
        };
        return writeln!(
            out,
            "No builders found in {place}. Make one: kubectl buildkit create"
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

#[cfg(test)]
#[path = "builders_tests.rs"]
mod tests;
