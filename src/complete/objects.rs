//! Objects of a cluster as candidates.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::Node;
use k8s_openapi::api::node::v1::RuntimeClass;
use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::api::storage::v1::StorageClass;
use kube::ResourceExt as _;

use crate::memory::Remembered;
use crate::model::{Builder, Node as BuilderNode, Platform, ReplicaState};

use super::answer::Candidate;

/// More values in an explanation are no help.
const FEW: usize = 3;
const IS_DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";

/// Builders that are there.
pub(super) fn builders(there: &[Builder]) -> Vec<Candidate> {
    let candidate = |builder: &Builder| {
        let nodes = match &builder.nodes[..] {
            [node] => node.status().to_string(),
            nodes => format!("{} nodes", nodes.len()),
        };
        let help = format!("{nodes}, namespace {}", builder.namespace);
        Candidate::new(builder.name.as_str(), help)
    };
    there.iter().map(candidate).collect()
}

/// Builders that were seen.
pub(super) fn remembered(seen: &[Remembered]) -> Vec<Candidate> {
    let candidate = |seen: &Remembered| {
        let help = format!("seen in namespace {}", seen.namespace);
        Candidate::new(seen.name.as_str(), help)
    };
    seen.iter().map(candidate).collect()
}

/// Nodes of builders.
pub(super) fn builder_nodes(builders: &[Builder]) -> Vec<Candidate> {
    let of = |builder: &Builder| -> Vec<Candidate> {
        let candidate = |node: &BuilderNode| {
            let help = format!("{}, builder {}", node.status(), builder.name);
            Candidate::new(node.name.as_str(), help)
        };
        builder.nodes.iter().map(candidate).collect()
    };
    builders.iter().flat_map(of).collect()
}

/// Pods of builders.
pub(super) fn replicas(builders: &[Builder]) -> Vec<Candidate> {
    let nodes = builders.iter().flat_map(|builder| &builder.nodes);
    let of = |node: &BuilderNode| -> Vec<Candidate> {
        let pods = node.pods.iter().map(|pod| {
            let state = match &pod.state {
                ReplicaState::Ready => "ready",
                ReplicaState::Starting(_) => "starting",
                ReplicaState::Failing(why) => why,
                ReplicaState::Outdated => "about to be replaced",
                ReplicaState::Terminating => "about to go",
            };
            Candidate::new(&pod.name, format!("{state}, node {}", node.name))
        });
        pods.collect()
    };
    nodes.flat_map(of).collect()
}

/// Platforms that builders build for: those that were declared, else those that daemons detected.
pub(super) fn builder_platforms(builders: &[Builder]) -> Vec<Candidate> {
    let nodes = builders.iter().flat_map(|builder| &builder.nodes);
    let of = |node: &BuilderNode| -> Vec<Candidate> {
        let detected = node.daemon.as_ref().map(|daemon| &daemon.platforms[..]);
        let platforms = match &node.platforms[..] {
            [] => detected.unwrap_or_default(),
            declared => declared,
        };
        let help = format!("node {}", node.name);
        let candidate = |platform: &Platform| Candidate::new(platform.to_string(), &help);
        platforms.iter().map(candidate).collect()
    };
    nodes.flat_map(of).collect()
}

/// Platforms of the cluster's nodes.
pub(super) fn cluster_platforms(nodes: &[Node]) -> Vec<Candidate> {
    let mut platforms = BTreeMap::<String, Vec<String>>::new();
    for node in nodes {
        let label = |key: &str| node.labels().get(key);
        if let (Some(os), Some(arch)) = (label("kubernetes.io/os"), label("kubernetes.io/arch")) {
            let nodes = platforms.entry(format!("{os}/{arch}")).or_default();
            nodes.push(node.name_any());
        }
    }
    let all = platforms.into_iter();
    all.map(|(platform, nodes)| Candidate::new(platform, on(&nodes)))
        .collect()
}

/// Which nodes have something.
fn on(nodes: &[String]) -> String {
    match nodes {
        [node] => format!("cluster node {node}"),
        nodes => format!("{} cluster nodes", nodes.len()),
    }
}

/// Labels of the cluster's nodes: keys, or the values of the key that was typed.
pub(super) fn labels(nodes: &[Node], text: &str) -> Vec<Candidate> {
    let mut values = BTreeMap::<&str, BTreeMap<&str, Vec<String>>>::new();
    for node in nodes {
        for (key, value) in node.labels() {
            let holders = values.entry(key).or_default().entry(value).or_default();
            holders.push(node.name_any());
        }
    }
    if let Some((key, _)) = text.split_once('=') {
        let values = values.remove(key).unwrap_or_default().into_iter();
        let candidate = |(value, nodes): (_, Vec<String>)| Candidate {
            goes_on: false,
            ..Candidate::new(format!("{key}={value}"), on(&nodes))
        };
        return values.map(candidate).collect();
    }
    let candidate = |(key, values): (_, BTreeMap<&str, _>)| {
        let values: Vec<&str> = values.into_keys().collect();
        Candidate::new(format!("{key}="), few(&values))
    };
    values.into_iter().map(candidate).collect()
}

/// Keys of labels of the cluster's nodes.
pub(super) fn label_keys(nodes: &[Node]) -> Vec<Candidate> {
    let keys = labels(nodes, "").into_iter();
    keys.map(|candidate| Candidate::new(candidate.value.trim_end_matches('='), candidate.help))
        .collect()
}

fn few(values: &[&str]) -> String {
    let shown = values[..values.len().min(FEW)].join(", ");
    let rest = if values.len() > FEW { ", …" } else { "" };
    format!("{shown}{rest}")
}

/// Taints of the cluster's nodes, as kubectl writes them.
pub(super) fn taints(nodes: &[Node]) -> Vec<Candidate> {
    let mut holders = BTreeMap::<String, Vec<String>>::new();
    for node in nodes {
        let spec = node.spec.as_ref();
        let taints = spec.and_then(|spec| spec.taints.as_ref()).into_iter();
        let taints: BTreeSet<String> = taints
            .flatten()
            .map(|taint| {
                let value = taint.value.as_deref().filter(|value| !value.is_empty());
                let value = value.map(|value| format!("={value}")).unwrap_or_default();
                format!("{}{value}:{}", taint.key, taint.effect)
            })
            .collect();
        for taint in taints {
            holders.entry(taint).or_default().push(node.name_any());
        }
    }
    let all = holders.into_iter();
    all.map(|(taint, nodes)| Candidate::new(taint, on(&nodes)))
        .collect()
}

/// Storage classes.
pub(super) fn storage_classes(classes: &[StorageClass]) -> Vec<Candidate> {
    let candidate = |class: &StorageClass| {
        let is_default = class
            .annotations()
            .get(IS_DEFAULT)
            .is_some_and(|word| word == "true");
        let mark = if is_default { ", the default" } else { "" };
        Candidate::new(class.name_any(), format!("{}{mark}", class.provisioner))
    };
    classes.iter().map(candidate).collect()
}

/// Priority classes.
pub(super) fn priority_classes(classes: &[PriorityClass]) -> Vec<Candidate> {
    let candidate =
        |class: &PriorityClass| Candidate::new(class.name_any(), format!("{}", class.value));
    classes.iter().map(candidate).collect()
}

/// Runtime classes.
pub(super) fn runtime_classes(classes: &[RuntimeClass]) -> Vec<Candidate> {
    let candidate = |class: &RuntimeClass| {
        Candidate::new(class.name_any(), format!("handler {}", class.handler))
    };
    classes.iter().map(candidate).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn nodes() -> Vec<Node> {
        let node = |name: &str, arch: &str, disk: &str| {
            json!({"metadata": {"name": name, "labels": {
                    "kubernetes.io/os": "linux", "kubernetes.io/arch": arch, "disk": disk, "role": ""}},
                "spec": {"taints": [
                    {"key": "dedicated", "value": "builds", "effect": "NoSchedule"},
                    {"key": format!("only-{name}"), "effect": "NoExecute"}]}})
        };
        let all = [
            node("a", "amd64", "ssd"),
            node("b", "amd64", "hdd"),
            node("c", "arm64", "ssd"),
        ];
        all.into_iter()
            .map(|node| serde_json::from_value(node).unwrap())
            .collect()
    }

    fn shown(candidates: Vec<Candidate>) -> String {
        let lines = candidates.into_iter().map(|candidate| {
            let more = if candidate.goes_on { "…" } else { "" };
            format!("{}{more} ({})", candidate.value, candidate.help)
        });
        lines.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn what_nodes_are_like() {
        let nodes = nodes();
        assert_eq!(
            shown(labels(&nodes, "di")),
            "disk=… (hdd, ssd); kubernetes.io/arch=… (amd64, arm64); kubernetes.io/os=… (linux); role=… ()"
        );
        assert_eq!(
            shown(labels(&nodes, "disk=s")),
            "disk=hdd (cluster node b); disk=ssd (2 cluster nodes)"
        );
        assert_eq!(shown(labels(&nodes, "role=")), "role= (3 cluster nodes)");
        assert_eq!(shown(labels(&nodes, "other=")), "");
        assert!(shown(label_keys(&nodes)).starts_with("disk (hdd, ssd); "));
        assert_eq!(
            shown(cluster_platforms(&nodes)),
            "linux/amd64 (2 cluster nodes); linux/arm64 (cluster node c)"
        );
        assert_eq!(
            shown(taints(&nodes[..2])),
            "dedicated=builds:NoSchedule (2 cluster nodes); \
             only-a:NoExecute (cluster node a); only-b:NoExecute (cluster node b)"
        );
    }
}
