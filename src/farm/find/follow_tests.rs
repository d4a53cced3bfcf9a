use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::cluster::fake;
use crate::manifest::Identity;
use crate::plan::Create;

fn deployment(name: &str) -> Value {
    let identity = Identity::default();
    let plan = Create::by_default(Some(&name.parse().unwrap()), Duration::ZERO).unwrap();
    let Workload::Deployment(deployment) = manifest::workload(&plan.node, &identity).unwrap()
    else {
        panic!("no deployment");
    };
    let mut deployment = serde_json::to_value(deployment).unwrap();
    deployment["metadata"]["namespace"] = "team".into();
    deployment
}

fn list(items: &[Value]) -> (u16, Value) {
    (
        200,
        json!({"metadata": {"resourceVersion": "1"}, "items": items}),
    )
}

async fn names(follow: &mut Follow) -> Vec<String> {
    match follow.next().await.unwrap() {
        Sight::Builders(all) => all.iter().map(|one| one.name.to_string()).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_watch_that_is_too_old_begins_again() {
    let lists = Arc::new(AtomicUsize::new(0));
    let cluster = fake::cluster(move |request| {
        let lists = Arc::clone(&lists);
        async move {
            let text = request.uri().to_string();
            let is_ours = text.contains("/deployments?") && text.contains("kubernetes.io%2Fname");
            match (is_ours, text.contains("watch=true")) {
                (false, false) => list(&[]),
                (true, false) => match lists.fetch_add(1, Ordering::Relaxed) {
                    0 => list(&[deployment("a")]),
                    _ => list(&[deployment("b"), deployment("c")]),
                },
                (true, true) if lists.load(Ordering::Relaxed) == 1 => {
                    let (_, status) = fake::refusal(410, "Expired", "too old", "deployments");
                    (200, json!({"type": "ERROR", "object": status}))
                }
                (_, true) => std::future::pending().await,
            }
        }
    });
    let mut follow = Follow::new(&cluster, Scope::Namespace, &[], "");
    assert_eq!(names(&mut follow).await, ["a"]);
    assert_eq!(names(&mut follow).await, ["b", "c"]);
}

#[tokio::test]
async fn only_the_namespace_that_was_asked_for_must_be_seen() {
    let cluster = fake::cluster(|request| async move {
        let text = request.uri().to_string();
        if text.contains("/namespaces/closed/") {
            return fake::refusal(403, "Forbidden", "no", "deployments");
        }
        if text.contains("watch=true") {
            return std::future::pending().await;
        }
        list(&[])
    });
    let others = ["closed".to_owned()];
    let mut follow = Follow::new(&cluster, Scope::Namespace, &others, "");
    let mut unseen = Vec::new();
    loop {
        match follow.next().await.unwrap() {
            Sight::Unseen(namespace, _) => unseen.push(namespace),
            Sight::Builders(all) => break assert!(all.is_empty()),
            Sight::Unreachable(error) => panic!("{error}"),
        }
    }
    assert_eq!(unseen, ["closed"]);
    let closed = cluster.in_namespace("closed");
    let refused = Follow::new(&closed, Scope::Namespace, &[], "").next().await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn pods_of_buildx_are_watched_by_the_names_of_its_builders() {
    let text = include_str!("../../../tests/fixtures/buildx/deployment.yaml");
    let made: Value = serde_saphyr::from_str(text).unwrap();
    let pods = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&pods);
    let cluster = fake::cluster(move |request| {
        let text = request.uri().to_string();
        if text.contains("/pods?") && !text.contains("watch=true") {
            seen.lock()
                .unwrap()
                .push(text.contains("app+in+") || text.contains("app%20in"));
        }
        let is_theirs = text.contains("/deployments?labelSelector=app%2C")
            || text.contains("/deployments?&labelSelector=app%2C");
        let items = if is_theirs {
            vec![made.clone()]
        } else {
            Vec::new()
        };
        async move {
            if text.contains("watch=true") {
                return std::future::pending().await;
            }
            list(&items)
        }
    });
    let mut follow = Follow::new(&cluster, Scope::Namespace, &[], "");
    assert_eq!(names(&mut follow).await.len(), 1);
    let mut pods = pods.lock().unwrap().clone();
    pods.sort_unstable();
    assert_eq!(pods, [false, true]);
}
