//! `version`: which programs work together, in the shape of `kubectl version`.

use std::io::{self, Write};

use serde::Serialize;

use super::document::{API_VERSION, document};
use super::text::one_line;
use crate::cli::Shape;
use crate::model::{Builder, KubernetesVersion, Node};

/// What is known of versions.
#[derive(Debug, Clone, Copy)]
pub struct Versions<'a> {
    /// The version of this program.
    pub client: &'a str,
    /// The commit that it was built from, if that was told to the compiler.
    pub commit: Option<&'a str>,
    /// Operating system and processor that it was built for.
    pub platform: &'a str,
    /// What the API server says.
    pub server: Option<&'a KubernetesVersion>,
    /// The builders, with what their daemons say; none if they were not asked for.
    pub builders: Option<&'a [Builder]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    api_version: &'static str,
    kind: &'static str,
    client_version: Client<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_version: Option<Server<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    builders: Option<Vec<Item<'a>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Client<'a> {
    git_version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    git_commit: Option<&'a str>,
    platform: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Server<'a> {
    git_version: &'a str,
    platform: &'a str,
}

#[derive(Serialize)]
struct Item<'a> {
    name: &'a str,
    namespace: &'a str,
    nodes: Vec<NodeItem<'a>>,
}

#[derive(Serialize)]
struct NodeItem<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
}

/// Prints versions to `out`, which is standard output.
pub fn versions(versions: &Versions<'_>, shape: &Shape, mut out: impl Write) -> io::Result<()> {
    match shape {
        Shape::Text | Shape::Wide => out.write_all(text(versions).as_bytes())?,
        Shape::Document(form) => document(&Document::from(versions), form, true, &mut out)?,
    }
    out.flush()
}

fn text(versions: &Versions<'_>) -> String {
    let mut lines = vec![format!("Client Version: {}", versions.client)];
    if let Some(server) = versions.server {
        lines.push(format!("Server Version: {}", server.git_version));
    }
    for builder in versions.builders.unwrap_or_default() {
        let mut of_nodes: Vec<&str> = builder.nodes.iter().map(said).collect();
        of_nodes.dedup();
        let text = if let [one] = of_nodes.as_slice() {
            (*one).to_owned()
        } else {
            let nodes = builder.nodes.iter();
            let nodes: Vec<String> = nodes
                .map(|node| format!("{} {}", node.name, said(node)))
                .collect();
            nodes.join(", ")
        };
        lines.push(format!("BuildKit of {}: {text}", builder.name));
    }
    let lines = lines.iter().map(|line| one_line(line.as_bytes()) + "\n");
    lines.collect()
}

/// The version of a node's daemons, or why there is none.
fn said(node: &Node) -> &str {
    match version(node) {
        Some(version) => version,
        None if node.daemon.is_some() => "too old to tell",
        None => node.status().as_str(),
    }
}

fn version(node: &Node) -> Option<&str> {
    let version = node.daemon.as_ref()?.version.as_str();
    Some(version).filter(|version| !version.is_empty())
}

impl<'a> From<&Versions<'a>> for Document<'a> {
    fn from(versions: &Versions<'a>) -> Self {
        let item = |builder: &'a Builder| Item {
            name: builder.name.as_str(),
            namespace: &builder.namespace,
            nodes: builder.nodes.iter().map(node_item).collect(),
        };
        Self {
            api_version: API_VERSION,
            kind: "Version",
            client_version: Client {
                git_version: versions.client,
                git_commit: versions.commit,
                platform: versions.platform,
            },
            server_version: versions.server.map(|server| Server {
                git_version: &server.git_version,
                platform: &server.platform,
            }),
            builders: versions
                .builders
                .map(|builders| builders.iter().map(item).collect()),
        }
    }
}

fn node_item(node: &Node) -> NodeItem<'_> {
    NodeItem {
        name: node.name.as_str(),
        version: version(node),
    }
}
