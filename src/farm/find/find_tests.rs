use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::cluster::fake;
use crate::env::Env;
use crate::manifest::{Identity, workload};
use crate::plan::Create;

/// What the API server was asked, by path.
type Asked = Arc<Mutex<Vec<String>>>;

/// A cluster whose kube context is in namespace `team`, with builders at `namespace/name`. Listing
/// `closed` is forbidden.
fn cluster(builders: &[&str], closed: &[&str]) -> (Cluster, Asked) {
    let deployments: Vec<Value> = builders.iter().map(|place| deployment(place)).collect();
    let closed: Vec<String> = closed.iter().map(|path| (*path).to_owned()).collect();
    let asked = Asked::default();
    let kept = Arc::clone(&asked);
    let cluster = fake::cluster(move |request| {
        let path = request.uri().path().to_owned();
        kept.lock().unwrap().push(path.clone());
        let namespace = path
            .split_once("/namespaces/")
            .and_then(|(_, rest)| rest.split('/').next())
            .map(str::to_owned);
        let answer = if closed.contains(&namespace.clone().unwrap_or("*".to_owned())) {
            let text = "deployments.apps is forbidden: User \"me\" cannot list resource \
                \"deployments\" in API group \"apps\" at the cluster scope";
            fake::refusal(403, "Forbidden", text, "deployments")
        } else {
            let is_here = |object: &Value| {
                namespace.is_none()
                    || object["metadata"]["namespace"].as_str() == namespace.as_deref()
            };
            let items: Vec<&Value> = deployments
                .iter()
                .filter(|object| path.ends_with("/deployments") && is_here(object))
                .collect();
            (200, json!({"metadata": {}, "items": items}))
        };
        async move { answer }
    });
    (cluster, asked)
}

fn deployment(place: &str) -> Value {
    let (namespace, name) = place.split_once('/').unwrap();
    let name: BuilderName = name.parse().unwrap();
    let plan = Create::by_default(Some(&name), std::time::Duration::ZERO).unwrap();
    let identity = Identity::default();
    let crate::manifest::Workload::Deployment(mut made) = workload(&plan.node, &identity).unwrap()
    else {
        panic!("{place}");
    };
    made.metadata.namespace = Some(namespace.to_owned());
    serde_json::to_value(made).unwrap()
}

struct Machine(TempDir);

impl Machine {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn memory(&self) -> Memory {
        let folder = self.0.path().to_str().unwrap();
        let env = Env::from_variables([("KUBECTL_BUILDKIT_STATE", folder)]);
        Memory::of("https://fake", "fake", &env)
    }
}

fn name(text: &str) -> BuilderName {
    text.parse().unwrap()
}

/// Where the builder is found, as `namespace/name how`; or the error and its causes.
async fn look(cluster: &Cluster, wanted: Option<&str>, memory: &Memory) -> String {
    let wanted = wanted.map(name);
    match find(cluster, wanted.as_ref(), memory).await {
        Ok(found) => {
            let Builder {
                name, namespace, ..
            } = &found.builder;
            assert_eq!(found.cluster.namespace(), namespace);
            format!("{namespace}/{name} {:?}", found.whereabouts)
        }
        Err(error) => {
            let causes = error.causes().join("; ");
            format!("{error}: {causes}")
        }
    }
}

#[tokio::test]
async fn the_nearest_counts() {
    let all = [
        "team/a", "seen/a", "other/a", "seen/b", "other/b", "other/c",
    ];
    let (cluster, asked) = cluster(&all, &[]);
    let machine = Machine::new();
    for builder in ["a", "b"] {
        machine.memory().seen("seen", &name(builder));
    }
    let memory = machine.memory();
    for (wanted, place, is_everywhere) in [
        ("a", "team/a Expected", false),
        ("b", "seen/b Remembered", false),
        ("c", "other/c Searched", true),
    ] {
        assert_eq!(look(&cluster, Some(wanted), &memory).await, place);
        let asked = std::mem::take(&mut *asked.lock().unwrap());
        let everywhere = asked.iter().any(|path| !path.contains("/namespaces/"));
        assert_eq!(everywhere, is_everywhere, "{wanted}: {asked:?}");
    }
}

#[tokio::test]
async fn a_namespace_that_was_asked_for_is_the_only_one() {
    let (cluster, asked) = cluster(&["team/a", "seen/a"], &[]);
    let machine = Machine::new();
    machine.memory().choose("seen", &name("a")).unwrap();
    let given = cluster.in_namespace("empty");
    let error = look(&given, Some("a"), &machine.memory()).await;
    assert_eq!(error, "no builder a in namespace \"empty\": ");
    let error = look(&given, None, &machine.memory()).await;
    assert_eq!(error, "no builder in namespace \"empty\": ");
    let asked = asked.lock().unwrap();
    assert!(
        asked.iter().all(|path| path.contains("/empty/")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn two_of_one_name_are_both_shown() {
    let (cluster, _) = cluster(&["one/a", "two/a"], &[]);
    let memory = Machine::new().memory();
    let error = look(&cluster, Some("a"), &memory).await;
    assert_eq!(
        error,
        "there are several builders a: in the namespaces one, two: "
    );
}

#[tokio::test]
async fn what_is_nowhere_is_said_to_be_nowhere() {
    let machine = Machine::new();
    machine.memory().seen("seen", &name("a"));
    let (open, _) = cluster(&["team/b", "other/c"], &[]);
    assert_eq!(
        look(&open, Some("a"), &machine.memory()).await,
        "no builder a in namespace \"team\": nor in any other namespace"
    );
    assert_eq!(machine.memory().namespace_of(&name("a")), None);
    machine.memory().seen("seen", &name("a"));
    let (closed, _) = cluster(&["team/b"], &["*", "seen"]);
    let error = look(&closed, Some("a"), &machine.memory()).await;
    assert!(
        error.contains("other namespaces cannot be searched: forbidden"),
        "{error}"
    );
    assert!(error.contains("with -n"), "{error}");
    let seen = machine.memory().namespace_of(&name("a"));
    assert_eq!(
        seen.as_deref(),
        Some("seen"),
        "nobody knows that it is gone"
    );
}

#[tokio::test]
async fn who_sees_only_the_builders_namespace_finds_it_there() {
    let (cluster, _) = cluster(&["seen/a"], &["*", "team"]);
    let machine = Machine::new();
    let error = look(&cluster, Some("a"), &machine.memory()).await;
    assert!(error.starts_with("forbidden"), "{error}");
    machine.memory().seen("seen", &name("a"));
    let place = look(&cluster, Some("a"), &machine.memory()).await;
    assert_eq!(place, "seen/a Remembered");
}

#[tokio::test]
async fn the_chosen_one_is_meant_where_none_is_named() {
    let (cluster, _) = cluster(&["team/a", "team/b", "seen/b", "seen/c"], &[]);
    let machine = Machine::new();
    let error = look(&cluster, None, &machine.memory()).await;
    assert!(error.starts_with("several builders"), "{error}");
    machine.memory().choose("seen", &name("b")).unwrap();
    let place = look(&cluster, None, &machine.memory()).await;
    assert_eq!(place, "seen/b Chosen");
    let given = cluster.in_namespace("seen");
    let place = look(&given, None, &machine.memory()).await;
    assert_eq!(place, "seen/b Expected");
    let named = look(&cluster, Some("b"), &machine.memory()).await;
    assert_eq!(named, "team/b Expected");
    machine.memory().choose("seen", &name("gone")).unwrap();
    let error = look(&cluster, None, &machine.memory()).await;
    assert!(error.contains("is not there any more"), "{error}");
}

#[tokio::test]
async fn what_was_found_is_remembered() {
    let (cluster, _) = cluster(&["other/a"], &[]);
    let machine = Machine::new();
    let found = find(&cluster, Some(&name("a")), &machine.memory())
        .await
        .unwrap();
    assert_eq!(found.note().unwrap(), "builder a is in namespace \"other\"");
    found.remember(&machine.memory());
    let place = look(&cluster, Some("a"), &machine.memory()).await;
    assert_eq!(place, "other/a Remembered");
    let haunts: Vec<String> = haunts(&cluster, &name("a"), &machine.memory())
        .iter()
        .map(|cluster| cluster.namespace().to_owned())
        .collect();
    assert_eq!(haunts, ["team", "other"]);
}
