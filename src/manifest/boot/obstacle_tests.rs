use serde_json::{Value, json};

use super::*;

fn node(name: &str, labels: &Value, taints: &Value) -> Node {
    serde_json::from_value(json!({
        "metadata": {"name": name, "labels": labels}, "spec": {"taints": taints},
        "status": {"allocatable": {"cpu": "2", "memory": "4Gi"}}
    }))
    .unwrap()
}

fn pod(selector: &Value, tolerations: &Value, cpu: &str) -> Pod {
    serde_json::from_value(json!({
        "spec": {"nodeSelector": selector, "tolerations": tolerations, "containers": [
            {"name": "buildkitd", "resources": {"requests": {"cpu": cpu}}}]}
    }))
    .unwrap()
}

fn taint(key: &str, value: &str, effect: &str) -> Value {
    json!({"key": key, "value": value, "effect": effect})
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// A node with a soft taint, one with two hard ones, and one that is closed.
fn nodes() -> [Node; 3] {
    let soft = taint("soft", "", "PreferNoSchedule");
    let builds = taint("dedicated", "builds", "NoSchedule");
    let spot = taint("spot", "", "NoExecute");
    let cordoned = taint("node.kubernetes.io/unschedulable", "", "NoSchedule");
    let tainted = json!({"disk": "ssd", "zone": "y"});
    [
        node("a", &json!({"disk": "hdd", "zone": "x"}), &json!([soft])),
        node("b", &tainted, &json!([builds, spot])),
        node("c", &json!({"disk": "nvme"}), &json!([cordoned, builds])),
    ]
}

#[track_caller]
fn stands(selector: &Value, tolerations: &Value, cpu: &str, expected: Obstacle) {
    let message = "0/3 nodes are available: 1 Insufficient cpu.";
    let pod = pod(selector, tolerations, cpu);
    assert_eq!(obstacle(&pod, message, Some(&nodes())), Some(expected));
}

#[test]
fn labels_that_no_node_has() {
    let stands = |selector: Value, expected| stands(&selector, &json!([]), "1", expected);
    let others = names(&["disk=hdd", "disk=nvme", "disk=ssd"]);
    stands(
        json!({"disk": "tape"}),
        Obstacle::Label("disk=tape".into(), others),
    );
    stands(
        json!({"gpu": ""}),
        Obstacle::Label("gpu=".into(), Vec::new()),
    );
    stands(
        json!({"disk": "ssd", "zone": "x"}),
        Obstacle::Labels(names(&["disk=ssd", "zone=x"])),
    );
}

#[test]
fn taints_that_the_pod_does_not_tolerate() {
    let stands = |disk: &str, tolerations: Value, expected| {
        stands(&json!({"disk": disk}), &tolerations, "1", expected);
    };
    let both = names(&["dedicated=builds:NoSchedule", "spot:NoExecute"]);
    stands("ssd", json!([]), Obstacle::Taints(both));
    stands(
        "ssd",
        json!([{"key": "spot", "operator": "Exists"}]),
        Obstacle::Taints(names(&["dedicated=builds:NoSchedule"])),
    );
    let cordoned = "node.kubernetes.io/unschedulable".to_owned();
    stands("nvme", json!([]), Obstacle::Unwell(names(&["c"]), cordoned));
}

#[test]
fn resources_that_no_node_has() {
    for (asked, most) in [("64", Some("2")), ("1500m", None)] {
        let obstacle = Obstacle::Resource {
            name: "cpu".into(),
            asked: Some(asked.into()),
            most: most.map(str::to_owned),
        };
        stands(&json!({}), &json!([]), asked, obstacle);
    }
}

#[test]
fn what_nodes_do_not_explain() {
    let pod = pod(&json!({}), &json!([]), "1");
    assert_eq!(obstacle(&pod, "", Some(&[])), Some(Obstacle::NoNodes));
    let message = "1 node(s) had another reason";
    assert_eq!(obstacle(&pod, message, Some(&nodes())), None);
}

#[test]
fn tolerations_as_kubernetes_reads_them() {
    let taint: Taint = serde_json::from_value(taint("a", "b", "NoSchedule")).unwrap();
    for (toleration, expected) in [
        (json!({"operator": "Exists"}), true),
        (json!({"key": "a", "operator": "Exists"}), true),
        (
            json!({"key": "a", "operator": "Exists", "effect": "NoExecute"}),
            false,
        ),
        (
            json!({"key": "a", "value": "b", "effect": "NoSchedule"}),
            true,
        ),
        (
            json!({"key": "a", "operator": "Equal", "value": "c"}),
            false,
        ),
        (json!({"key": "c", "operator": "Exists"}), false),
    ] {
        let toleration: Toleration = serde_json::from_value(toleration).unwrap();
        assert_eq!(tolerates(&toleration, &taint), expected, "{toleration:?}");
    }
}

/// For those who may not list nodes.
#[test]
fn what_the_scheduler_says() {
    let selected = pod(&json!({"disk": "tape"}), &json!([]), "64");
    for (message, expected) in [
        (
            "1 node(s) had untolerated taint {dedicated: builds}, 1 node(s) didn't match",
            Some(Obstacle::Taints(names(&["dedicated=builds"]))),
        ),
        (
            "1 node(s) had untolerated taint {spot: }.",
            Some(Obstacle::Taints(names(&["spot"]))),
        ),
        (
            "1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.",
            Some(Obstacle::Unwell(
                Vec::new(),
                "node.kubernetes.io/not-ready".into(),
            )),
        ),
        (
            "1 node(s) didn't match Pod's node affinity/selector.",
            Some(Obstacle::Labels(names(&["disk=tape"]))),
        ),
        (
            "0/1 nodes are available: 1 Insufficient cpu.",
            Some(Obstacle::Resource {
                name: "cpu".into(),
                asked: Some("64".into()),
                most: None,
            }),
        ),
        (
            "1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, \
             3 node(s) didn't match Pod's node affinity/selector.",
            Some(Obstacle::Labels(names(&["disk=tape"]))),
        ),
        ("1 Too many pods.", None),
    ] {
        assert_eq!(obstacle(&selected, message, None), expected, "{message}");
    }
}
