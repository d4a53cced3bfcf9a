//! One builder as a document that programs read. Its field names are a promise.

use std::collections::BTreeMap;

use serde::Serialize;

use super::builder_document::{NodeItem, status};
use super::builder_list::{Inspected, endpoint};
use super::document::API_VERSION;
use crate::farm::Details;
use crate::model::{Builder, Daemon, Device, Effect, GcRule, Node, Quantity, Resource, Toleration};
use crate::plan::{NodePlan, Storage};

/// The document of a builder.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document<'a> {
    api_version: &'static str,
    kind: &'static str,
    name: &'a str,
    namespace: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    context: &'a str,
    driver: &'static str,
    made_by: &'static str,
    current: bool,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_activity: Option<String>,
    nodes: Vec<NodeDocument<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeDocument<'a> {
    #[serde(flatten)]
    node: NodeItem<'a>,
    endpoint: String,
    daemon_flags: &'a [String],
    #[serde(flatten)]
    settings: Option<Settings<'a>>,
    #[serde(flatten)]
    daemon: Option<DaemonItem<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Settings<'a> {
    mode: &'static str,
    cache: Cache,
    load_balance: &'static str,
    requests: BTreeMap<&'static str, String>,
    limits: BTreeMap<&'static str, String>,
    node_selector: &'a BTreeMap<String, String>,
    tolerations: Vec<TolerationItem<'a>>,
}

/// Where the cache is: one of `disk`, `memory` and `volume`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Cache {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    storage_class: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TolerationItem<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    operator: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    toleration_seconds: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DaemonItem<'a> {
    worker_labels: &'a BTreeMap<String, String>,
    gc_policy: Vec<GcItem<'a>>,
    devices: Vec<DeviceItem<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GcItem<'a> {
    all: bool,
    filters: &'a [String],
    keep_seconds: u64,
    reserved_bytes: u64,
    max_used_bytes: u64,
    min_free_bytes: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeviceItem<'a> {
    name: &'a str,
    allowed: bool,
    on_demand: bool,
    annotations: &'a BTreeMap<String, String>,
}

impl<'a> From<&'a Inspected<'a>> for Document<'a> {
    fn from(shown: &'a Inspected<'a>) -> Self {
        let builder = &shown.inspection.builder;
        let nodes = builder.nodes.iter().zip(&shown.inspection.details);
        Self {
            api_version: API_VERSION,
            kind: "Builder",
            name: builder.name.as_str(),
            namespace: &builder.namespace,
            context: shown.context,
            driver: "kubernetes",
            made_by: builder.maker.as_str(),
            current: shown.current,
            status: status(builder),
            last_activity: builder.last_activity().map(|last| last.to_string()),
            nodes: nodes
                .map(|(node, details)| of_node(builder, node, details))
                .collect(),
        }
    }
}

fn of_node<'a>(builder: &Builder, node: &'a Node, details: &'a Details) -> NodeDocument<'a> {
    NodeDocument {
        node: NodeItem::from(node),
        endpoint: endpoint(builder, node),
        daemon_flags: &details.arguments,
        settings: details.plan.as_ref().map(settings),
        daemon: node.daemon.as_ref().map(daemon),
    }
}

fn settings(plan: &NodePlan) -> Settings<'_> {
    let amounts = |amounts: &BTreeMap<Resource, Quantity>| {
        let amounts = amounts.iter();
        amounts
            .map(|(what, amount)| (what.as_str(), amount.to_string()))
            .collect()
    };
    Settings {
        mode: plan.mode.as_str(),
        cache: cache(&plan.storage),
        load_balance: plan.load_balance.as_str(),
        requests: amounts(&plan.pod.requests),
        limits: amounts(&plan.pod.limits),
        node_selector: &plan.pod.node_selector,
        tolerations: plan.pod.tolerations.iter().map(toleration).collect(),
    }
}

fn cache(storage: &Storage) -> Cache {
    let (kind, size) = match storage {
        Storage::Disk => ("disk", None),
        Storage::Memory(size) => ("memory", Some(size)),
        Storage::Volume { size, .. } => ("volume", Some(size)),
    };
    Cache {
        kind,
        size: size.map(Quantity::to_string),
        storage_class: storage.class().cloned(),
    }
}

fn toleration(toleration: &Toleration) -> TolerationItem<'_> {
    TolerationItem {
        key: toleration.key.as_deref(),
        operator: toleration.operator.as_str(),
        value: toleration.value.as_deref(),
        effect: toleration.effect.map(Effect::as_str),
        toleration_seconds: toleration.seconds,
    }
}

fn daemon(daemon: &Daemon) -> DaemonItem<'_> {
    DaemonItem {
        worker_labels: &daemon.labels,
        gc_policy: daemon.gc_policy.iter().map(gc_rule).collect(),
        devices: daemon.devices.iter().map(device).collect(),
    }
}

fn gc_rule(rule: &GcRule) -> GcItem<'_> {
    GcItem {
        all: rule.all,
        filters: &rule.filters,
        keep_seconds: rule.keep_for.as_secs(),
        reserved_bytes: rule.reserved_space,
        max_used_bytes: rule.max_used_space,
        min_free_bytes: rule.min_free_space,
    }
}

fn device(device: &Device) -> DeviceItem<'_> {
    DeviceItem {
        name: &device.name,
        allowed: device.is_allowed,
        on_demand: device.is_on_demand,
        annotations: &device.annotations,
    }
}
