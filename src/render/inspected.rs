//! `inspect`: one builder in full. The names of lines that buildx has too are buildx's.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::amount::{bytes, duration};
use super::builder_list::{Inspected, endpoint, ends_soon, ready, renewal};
use super::document::document;
use super::inspected_document::Document;
use super::platforms::{all, offered};
use super::table::{age, table};
use super::text::{one_line, width};
use crate::cli::Shape;
use crate::farm::Details;
use crate::model::{
    Connection, Daemon, Device, GcRule, Node, Quantity, Replica, ReplicaState, Resource,
};
use crate::plan::{CONFIG_FILE, NodePlan, driver_options};

/// What is said of a pod.
const COLUMNS: [&str; 6] = [
    "Name",
    "Cluster node",
    "State",
    "Restarts",
    "Age",
    "BuildKit",
];

/// Prints the builder to `out`, which is standard output.
pub fn inspected(shown: &Inspected<'_>, shape: &Shape, mut out: impl Write) -> io::Result<()> {
    match shape {
        Shape::Text | Shape::Wide => out.write_all(text(shown).as_bytes())?,
        Shape::Document(form) => document(&Document::from(shown), form, true, &mut out)?,
    }
    out.flush()
}

/// Lines of a name and a value, whose values stand below each other.
#[derive(Default)]
struct Lines(Vec<(String, String)>);

impl Lines {
    /// Adds a line unless there is nothing to say.
    fn add(&mut self, name: &str, value: impl AsRef<str>) {
        let value = one_line(value.as_ref().as_bytes());
        if !value.is_empty() {
            self.0.push((one_line(name.as_bytes()), value));
        }
    }

    fn text(&self, indent: &str) -> String {
        let width = self.0.iter().map(|(name, _)| name.chars().count()).max();
        let width = width.unwrap_or(0) + 1;
        let mut text = String::new();
        for (name, value) in &self.0 {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{indent}{:width$} {value}", format!("{name}:"));
        }
        text
    }
}

fn text(shown: &Inspected<'_>) -> String {
    let builder = &shown.inspection.builder;
    let mut lines = Lines::default();
    lines.add("Name", builder.name.as_str());
    lines.add("Namespace", &builder.namespace);
    lines.add("Context", shown.context);
    lines.add("Driver", "kubernetes");
    if let Some(last) = builder.last_activity() {
        lines.add("Last Activity", last.to_string());
    }
    lines.add("Made by", builder.maker.as_str());
    lines.add("Current", if shown.current { "yes" } else { "no" });
    let mut text = lines.text("") + "\nNodes:\n";
    let nodes = builder.nodes.iter().zip(&shown.inspection.details);
    for (index, (node, details)) in nodes.enumerate() {
        if index > 0 {
            text.push('\n');
        }
        text.push_str(&head(shown, node, details));
        if let Some(daemon) = &node.daemon {
            text.push_str(&of_daemon(daemon));
        }
        text.push_str(&config(details));
        text.push_str(&pods(shown, node));
    }
    text
}

/// What stands in one line each.
fn head(shown: &Inspected<'_>, node: &Node, details: &Details) -> String {
    let builder = &shown.inspection.builder;
    let mut lines = Lines::default();
    lines.add("Name", node.name.as_str());
    lines.add("Endpoint", endpoint(builder, node));
    if let Some(plan) = &details.plan {
        lines.add("Driver Options", options(&builder.namespace, plan));
    }
    lines.add("Error", node.trouble.as_deref().unwrap_or_default());
    lines.add("Status", node.status().as_str());
    lines.add("BuildKit daemon flags", details.arguments.join(" "));
    if let Some(daemon) = &node.daemon {
        lines.add("BuildKit version", &daemon.version);
    }
    lines.add("Platforms", all(&offered(node)));
    lines.add("Image", &node.image);
    lines.add(
        "Replicas",
        format!("{}, {} ready", node.replicas, ready(node)),
    );
    if let Some(plan) = &details.plan {
        settings(&mut lines, plan);
    }
    lines.add("Certificate", certificate(shown, node));
    lines.text("")
}

fn options(namespace: &str, plan: &NodePlan) -> String {
    let namespace = ("namespace", namespace.to_owned());
    let options = std::iter::once(namespace).chain(driver_options(plan));
    let options: Vec<String> = options
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    options.join(" ")
}

fn settings(lines: &mut Lines, plan: &NodePlan) {
    lines.add("Mode", plan.mode.as_str());
    lines.add("Cache", plan.storage.to_string());
    let amounts = |amounts: &BTreeMap<Resource, Quantity>| {
        let items = amounts
            .iter()
            .map(|(what, amount)| format!("{}={amount}", what.as_str()));
        items.collect::<Vec<_>>().join(", ")
    };
    lines.add("Requests", amounts(&plan.pod.requests));
    lines.add("Limits", amounts(&plan.pod.limits));
    let selector = plan.pod.node_selector.iter();
    let selector: Vec<String> = selector
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    lines.add("Node selector", selector.join(", "));
    let tolerations = plan.pod.tolerations.iter();
    let tolerations: Vec<String> = tolerations
        .map(|one| one.as_taint().unwrap_or_else(|| one.to_string()))
        .collect();
    lines.add("Tolerations", tolerations.join(", "));
}

fn certificate(shown: &Inspected<'_>, node: &Node) -> String {
    let builder = &shown.inspection.builder;
    match (node.certificate_ends, &node.connection) {
        (_, Connection::Socket) => String::new(),
        (None, Connection::Tls { secret, .. }) => {
            format!("unknown: the secret {secret} cannot be read")
        }
        (Some(end), _) => {
            if let Some(soon) = ends_soon(node, shown.now) {
                return format!("{soon}; to renew it: {}", renewal(builder));
            }
            let days = end.duration_since(shown.now).as_hours() / 24;
            format!("until {}, {days} days", end.strftime("%Y-%m-%d"))
        }
    }
}

fn section(text: &mut String, title: &str, lines: &str) {
    // Writing to a string cannot fail.
    let _ = write!(text, "{title}:\n{lines}");
}

fn of_daemon(daemon: &Daemon) -> String {
    let mut text = String::new();
    if !daemon.labels.is_empty() {
        let mut lines = Lines::default();
        for (name, value) in &daemon.labels {
            lines.add(name, value);
        }
        section(&mut text, "Labels", &lines.text(" "));
    }
    if !daemon.devices.is_empty() {
        let devices: String = daemon.devices.iter().map(device).collect();
        section(&mut text, "Devices", &devices);
    }
    for (number, rule) in daemon.gc_policy.iter().enumerate() {
        section(
            &mut text,
            &format!("GC Policy rule#{number}"),
            &gc_rule(rule),
        );
    }
    text
}

fn device(device: &Device) -> String {
    let mut lines = Lines::default();
    lines.add("Name", &device.name);
    if device.is_on_demand {
        lines.add("On-Demand", "true");
    } else {
        lines.add("Automatically allowed", device.is_allowed.to_string());
    }
    let mut text = lines.text(" ");
    if !device.annotations.is_empty() {
        let mut lines = Lines::default();
        for (name, value) in &device.annotations {
            lines.add(name, value);
        }
        section(&mut text, " Annotations", &lines.text("  "));
    }
    text
}

fn gc_rule(rule: &GcRule) -> String {
    let mut lines = Lines::default();
    lines.add("All", rule.all.to_string());
    lines.add("Filters", rule.filters.join(" "));
    if !rule.keep_for.is_zero() {
        lines.add("Keep Duration", duration(rule.keep_for));
    }
    for (name, count) in [
        ("Reserved Space", rule.reserved_space),
        ("Max Used Space", rule.max_used_space),
        ("Min Free Space", rule.min_free_space),
    ] {
        if count > 0 {
            lines.add(name, bytes(count));
        }
    }
    lines.text(" ")
}

/// The daemon's configuration. The files that it names are keys and certificates: they stay unseen.
fn config(details: &Details) -> String {
    let plan = details.plan.as_ref();
    let config = plan.and_then(|plan| plan.daemon.config.as_ref());
    let Some(content) = config.and_then(|config| config.files().get(CONFIG_FILE)) else {
        return String::new();
    };
    let content = String::from_utf8_lossy(content);
    let lines = content
        .lines()
        .map(|line| format!(" > {}\n", one_line(line.as_bytes())));
    format!("File#{CONFIG_FILE}:\n{}", lines.collect::<String>())
}

/// The pods as a table; one below the other where the terminal is too narrow for it: nothing is left out.
fn pods(shown: &Inspected<'_>, node: &Node) -> String {
    if node.pods.is_empty() {
        return String::new();
    }
    let row = |pod: &Replica| {
        let since = pod.created.map(|created| shown.now.duration_since(created));
        vec![
            pod.name.clone(),
            pod.cluster_node.clone().unwrap_or_default(),
            state(pod),
            pod.restarts.to_string(),
            since.map_or_else(String::new, |since| age(since.as_secs())),
            pod.version.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = node.pods.iter().map(row).collect();
    let header = COLUMNS.map(str::to_uppercase);
    let header = header.each_ref().map(String::as_str);
    let table = table(Some(&header), &rows);
    let columns = shown.width.unwrap_or(usize::MAX);
    if table.lines().all(|line| width(line) < columns) {
        let lines = table.lines().map(|line| format!(" {line}\n"));
        return format!("Pods:\n{}", lines.collect::<String>());
    }
    let blocks = rows.iter().map(|row| {
        let mut lines = Lines::default();
        for (name, value) in COLUMNS.iter().zip(row).skip(1) {
            lines.add(name, value);
        }
        format!(" {}:\n{}", row[0], lines.text("  "))
    });
    format!("Pods:\n{}", blocks.collect::<String>())
}

fn state(pod: &Replica) -> String {
    let with = |word: &str, reason: &str| {
        let reason = reason.trim();
        if reason.is_empty() {
            word.to_owned()
        } else {
            format!("{word}: {reason}")
        }
    };
    match &pod.state {
        ReplicaState::Ready => with("ready", pod.trouble.as_deref().unwrap_or_default()),
        ReplicaState::Starting(reason) => with("starting", reason),
        ReplicaState::Failing(reason) => with("failing", reason),
        ReplicaState::Terminating => "terminating".to_owned(),
        ReplicaState::Outdated => "outdated".to_owned(),
    }
}

#[cfg(test)]
#[path = "inspected_tests.rs"]
mod tests;
