use jiff::Timestamp;

use super::*;
use crate::cli::Columns;
use crate::manifest::{self, Identity};
use crate::model::{Replica, ReplicaState};
use crate::plan::Create;

fn builder(name: &str, pods: &[(&str, ReplicaState)]) -> Builder {
    let identity = Identity::default();
    let name = name.parse().unwrap();
    let plan = Create::by_default(Some(&name), std::time::Duration::ZERO).unwrap();
    let workload = manifest::workload(&plan.node, &identity).unwrap();
    let mut builder = manifest::builders(&[workload], &[]).remove(0);
    builder.namespace = "builds".to_owned();
    let pods = pods.iter();
    let pods = pods.map(|(name, state)| Replica::new(*name, *name, state.clone()));
    builder.nodes[0].pods = pods.collect();
    builder
}

/// What is printed of these changes, each by itself after the first ones.
fn printed(shape: &Shape, width: Option<usize>) -> String {
    let starting = builder("demo", &[("x", ReplicaState::Starting("Pending".into()))]);
    let ready = builder("demo", &[("x", ReplicaState::Ready)]);
    let long = builder("a-builder-with-a-long-name", &[]);
    let list = List {
        builders: &[],
        namespace: Some("builds"),
        current: None,
        no_trunc: false,
        has_header: true,
        width,
        now: Timestamp::from_second(1_700_000_000).unwrap(),
    };
    let change = |before, after| Change { before, after };
    let steps = [
        change(None, None),
        change(None, Some(&starting)),
        change(Some(&starting), Some(&ready)),
        change(Some(&ready), Some(&ready)),
        change(None, Some(&long)),
        change(Some(&ready), None),
    ];
    let mut watched = Watched::default();
    let mut out = Vec::new();
    for step in steps {
        watched.print(&list, &[step], shape, &mut out).unwrap();
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn rows_that_changed_stand_below_each_other() {
    let piped = printed(&Shape::Text, None);
    let narrow = printed(&Shape::Text, Some(40));
    insta::assert_snapshot!(format!("{piped}\n{narrow}"));
}

#[test]
fn documents_follow_each_other() {
    let yaml = printed(&Shape::Document(Document::Yaml), None);
    let parts: Vec<&str> = yaml.split("---\n").collect();
    assert_eq!(parts.len(), 5);
    assert!(parts[4].contains("status: removed"), "{yaml}");
    let names = printed(&Shape::Document(Document::Name), None);
    assert_eq!(names.lines().next(), Some("demo"));
    let columns = Columns::from_spec("NAME:.name,STATUS:.status").unwrap();
    let columns = printed(&Shape::Document(Document::Columns(columns)), None);
    let lines: Vec<&str> = columns.lines().collect();
    assert_eq!(lines[..2], ["NAME   STATUS", "demo   starting"]);
    let json = printed(&Shape::Document(Document::Json), None);
    let documents = serde_json::Deserializer::from_str(&json).into_iter::<serde_json::Value>();
    let states: Vec<String> = documents
        .map(|one| one.unwrap()["status"].to_string())
        .collect();
    let expected = ["starting", "running", "running", "starting", "removed"];
    assert_eq!(states, expected.map(|state| format!("{state:?}")));
}
