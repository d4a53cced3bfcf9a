//! Why a pod fits on no cluster node: the scheduler counts reasons, people need names.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Node, Pod, PodSpec, Taint, Toleration};
use kube::ResourceExt;

use crate::model::Quantity;

use super::message::between;

/// Taints that the cluster itself sets: nobody should tolerate them.
const ILLNESSES: &str = "node.kubernetes.io/";

/// Taints of nodes that run the cluster itself: better not for builds.
const RESERVED: &str = "node-role.kubernetes.io/";

/// What stands in a pod's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// The cluster has no nodes.
    NoNodes,
    /// No node has that label; the values that nodes have instead.
    Label(String, Vec<String>),
    /// No node has all of these labels.
    Labels(Vec<String>),
    /// Taints as `--toleration` takes them.
    Taints(Vec<String>),
    /// Nodes that take no pods, and why: the taint's key.
    Unwell(Vec<String>, String),
    /// A resource, how much is asked for, and the most that a node has if that is less.
    Resource {
        name: String,
        asked: Option<String>,
        most: Option<String>,
    },
}

/// What stands in the way of `pod`, of which the scheduler says `message`. Without `nodes`, which
/// not everybody may list, only what the message tells.
pub(super) fn obstacle(pod: &Pod, message: &str, nodes: Option<&[Node]>) -> Option<Obstacle> {
    let spec = pod.spec.as_ref()?;
    let by_nodes = nodes.and_then(|nodes| by_nodes(spec, message, nodes));
    by_nodes.or_else(|| by_message(spec, message))
}

fn by_nodes(spec: &PodSpec, message: &str, nodes: &[Node]) -> Option<Obstacle> {
    if nodes.is_empty() {
        return Some(Obstacle::NoNodes);
    }
    let fitting: Vec<&Node> = nodes
        .iter()
        .filter(|node| is_selected(spec, node))
        .collect();
    if fitting.is_empty() {
        return Some(missing_label(spec, nodes));
    }
    let open = |node: &&&Node| intolerable(spec, node).is_empty();
    let open: Vec<&Node> = fitting.iter().filter(open).copied().collect();
    if open.is_empty() {
        return taints(spec, &fitting);
    }
    resource(spec, message, &open)
}

/// The labels that the pod wants of its node.
fn wanted(spec: &PodSpec) -> impl Iterator<Item = (&String, &String)> {
    spec.node_selector.iter().flatten()
}

fn is_selected(spec: &PodSpec, node: &Node) -> bool {
    wanted(spec).all(|(key, value)| node.labels().get(key) == Some(value))
}

fn missing_label(spec: &PodSpec, nodes: &[Node]) -> Obstacle {
    for (key, value) in wanted(spec) {
        let values: BTreeSet<&String> = nodes
            .iter()
            .filter_map(|node| node.labels().get(key))
            .collect();
        if !values.contains(value) {
            let others = values.into_iter().map(|other| format!("{key}={other}"));
            return Obstacle::Label(label((key, value)), others.collect());
        }
    }
    Obstacle::Labels(wanted(spec).map(label).collect())
}

fn label((key, value): (&String, &String)) -> String {
    format!("{key}={value}")
}

fn is_of_cluster(taint: &str) -> bool {
    taint.starts_with(ILLNESSES) || taint.starts_with(RESERVED)
}

/// The taints of a node that keep the pod off it.
fn intolerable<'a>(spec: &PodSpec, node: &'a Node) -> Vec<&'a Taint> {
    let taints = node.spec.as_ref().and_then(|spec| spec.taints.as_deref());
    let tolerations = spec.tolerations.as_deref().unwrap_or_default();
    let is_hard = |taint: &&Taint| taint.effect != "PreferNoSchedule";
    let is_tolerated = |taint: &Taint| tolerations.iter().any(|one| tolerates(one, taint));
    taints
        .unwrap_or_default()
        .iter()
        .filter(is_hard)
        .filter(|taint| !is_tolerated(taint))
        .collect()
}

fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let exists = toleration.operator.as_deref() == Some("Exists");
    let key = given(&toleration.key);
    let effect = given(&toleration.effect);
    effect.is_none_or(|effect| effect == taint.effect)
        && key.map_or(exists, |key| key == taint.key)
        && (exists
            || toleration.value.as_deref().unwrap_or_default()
                == taint.value.as_deref().unwrap_or_default())
}

/// All nodes that fit are tainted: what opens the one with the fewest taints that people set.
fn taints(spec: &PodSpec, fitting: &[&Node]) -> Option<Obstacle> {
    let is_ill = |taints: &[&Taint]| taints.iter().any(|taint| taint.key.starts_with(ILLNESSES));
    let taints = fitting.iter().map(|node| intolerable(spec, node));
    let fewest = taints
        .clone()
        .filter(|taints| !is_ill(taints))
        .min_by_key(|taints| {
            let is_reserved = taints.iter().any(|taint| is_of_cluster(&taint.key));
            (is_reserved, taints.len())
        });
    if let Some(fewest) = fewest {
        let spelled = fewest.into_iter().map(|taint| {
            let value = taint.value.as_deref().unwrap_or_default();
            let effect = Some(taint.effect.as_str());
            spelled(&taint.key, value, effect)
        });
        return Some(Obstacle::Taints(spelled.collect()));
    }
    let illness = taints
        .flatten()
        .find(|taint| taint.key.starts_with(ILLNESSES))?;
    let names = fitting.iter().map(|node| node.name_any());
    Some(Obstacle::Unwell(names.collect(), illness.key.clone()))
}

/// A taint as kubectl and `--toleration` spell it.
fn spelled(key: &str, value: &str, effect: Option<&str>) -> String {
    let mut text = key.to_owned();
    for (mark, part) in [('=', value), (':', effect.unwrap_or_default())] {
        if !part.is_empty() {
            text.push(mark);
            text.push_str(part);
        }
    }
    text
}

fn resource(spec: &PodSpec, message: &str, open: &[&Node]) -> Option<Obstacle> {
    let name = between(&format!("{message} "), "Insufficient ", " ")
        .map(|name| name.trim_end_matches(['.', ',']).to_owned())?;
    let asked = asked(spec, &name);
    let amount = |text: &str| text.parse::<Quantity>().map(|q| q.amount()).ok();
    let has = open.iter().filter_map(|node| {
        let allocatable = node.status.as_ref()?.allocatable.as_ref()?;
        let text = allocatable.get(&name)?.0.clone();
        Some((amount(&text)?, text))
    });
    let most = has.max_by(|(a, _), (b, _)| a.total_cmp(b));
    let is_less = |most: &f64| {
        let asked = asked.as_deref().and_then(amount);
        asked.is_some_and(|asked| asked > *most)
    };
    let most = most.filter(|(most, _)| is_less(most)).map(|(_, text)| text);
    Some(Obstacle::Resource { name, asked, most })
}

/// How much of a resource the pod's container asks for, in the spelling that it was given in.
fn asked(spec: &PodSpec, name: &str) -> Option<String> {
    let requests = spec.containers.iter().filter_map(|container| {
        let requests = container.resources.as_ref()?.requests.as_ref()?;
        requests.get(name).map(|quantity| quantity.0.clone())
    });
    let requests: Vec<String> = requests.collect();
    match &requests[..] {
        [one] => Some(one.clone()),
        _ => None,
    }
}

fn by_message(spec: &PodSpec, message: &str) -> Option<Obstacle> {
    if let Some(resource) = resource(spec, message, &[]) {
        return Some(resource);
    }
    let taints: Vec<(&str, &str)> = message
        .split("untolerated taint {")
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(taint, _)| taint.split_once(':').unwrap_or((taint, "")))
        .map(|(key, value)| (key.trim(), value.trim()))
        .collect();
    let of_people = taints.iter().find(|(key, _)| !is_of_cluster(key));
    if let Some((key, value)) = of_people {
        return Some(Obstacle::Taints(vec![spelled(key, value, None)]));
    }
    let labels: Vec<String> = wanted(spec).map(label).collect();
    if message.contains("node affinity/selector") && !labels.is_empty() {
        return Some(Obstacle::Labels(labels));
    }
    let (key, value) = taints.first()?;
    Some(if key.starts_with(ILLNESSES) {
        Obstacle::Unwell(Vec::new(), (*key).to_owned())
    } else {
        Obstacle::Taints(vec![spelled(key, value, None)])
    })
}

#[cfg(test)]
#[path = "obstacle_tests.rs"]
mod tests;
