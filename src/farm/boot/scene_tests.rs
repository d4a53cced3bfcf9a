use serde_json::{Value, json};

use super::*;

fn told(kind: &str, name: &str, reason: &str, message: &str, is_old: bool) -> Told<Event> {
    let object = serde_json::from_value(json!({
        "metadata": {}, "reason": reason, "message": message,
        "involvedObject": {"kind": kind, "name": name}
    }))
    .unwrap();
    Told { object, is_old }
}

fn deployment(conditions: &Value) -> Workload {
    let deployment: k8s_openapi::api::apps::v1::Deployment = serde_json::from_value(json!({
        "metadata": {"name": "demo0"},
        "spec": {"replicas": 1, "selector": {}, "template": {}},
        "status": {"updatedReplicas": 1, "conditions": conditions}
    }))
    .unwrap();
    deployment.into()
}

fn refused() -> Workload {
    deployment(
        &json!([{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
        "message": "pods \"demo0-a\" is forbidden: no"}]),
    )
}

fn pod(status: &Value) -> (String, Pod) {
    let pod = serde_json::from_value(json!({
        "metadata": {"name": "demo0-a"}, "spec": {"containers": [], "nodeName": "n1"},
        "status": status
    }))
    .unwrap();
    ("demo0-a".to_owned(), pod)
}

fn awaited<'a>(builder: &'a BuilderName, node: &'a NodeName) -> Await<'a> {
    Await {
        builder,
        node,
        maker: Maker::Ours,
        enough: Enough::All,
        timeout: Duration::ZERO,
    }
}

/// A scene of builder `demo`.
macro_rules! scene {
    ($scene:ident) => {
        let (builder, node) = ("demo".parse().unwrap(), "demo0".parse().unwrap());
        let mut $scene = Scene::new(awaited(&builder, &node));
    };
}

#[tokio::test]
async fn each_thing_is_told_once() {
    scene!(scene);
    assert_eq!(scene.changes(), []);
    scene.workload = Some(deployment(&json!([])));
    scene.pods = [pod(&json!({}))].into();
    let text = |changes: Vec<Boot>| format!("{changes:?}");
    let first = text(scene.changes());
    assert!(first.contains("Waiting"), "{first}");
    assert!(first.contains("scheduled on n1"), "{first}");
    assert_eq!(scene.changes(), []);
    let pulling = told("Pod", "demo0-a", "Pulling", "Pulling image \"a:1\"", false);
    scene.hear(&pulling);
    let second = text(scene.changes());
    assert!(second.contains("pulling image"), "{second}");
    scene.hear(&pulling);
    assert_eq!(scene.changes(), []);
    assert_eq!(scene.laggard(), Some(("demo0-a", "pulling image \"a:1\"")));
    scene.pods.clear();
    let pod = "demo0-a".to_owned();
    assert_eq!(scene.changes(), [Boot::Gone { pod }]);
    assert_eq!(scene.laggard(), None);
}

#[tokio::test]
async fn a_new_refusal_ends_the_wait() {
    scene!(scene);
    scene.workload = Some(deployment(&json!([])));
    assert_eq!(scene.judge(), Verdict::Waiting(None));
    scene.workload = Some(refused());
    assert!(matches!(scene.judge(), Verdict::Failed(_)));
    assert_eq!(scene.retry(), None);
    let told: Vec<String> = scene.changes().iter().map(|c| format!("{c:?}")).collect();
    assert!(told[1].contains("no pod can be made: no"), "{told:?}");
}

/// Its cause may have been mended since.
#[tokio::test]
async fn an_old_refusal_is_doubted_until_it_is_said_again_or_stays() {
    scene!(scene);
    scene.workload = Some(refused());
    assert!(matches!(scene.judge(), Verdict::Waiting(Some(_))));
    assert_eq!(scene.retry(), Some(Retry::Pods(Box::new(refused()))));
    assert_eq!(scene.retry(), None);
    scene.hear(&told(
        "ReplicaSet",
        "demo0-a",
        "FailedCreate",
        "pods \"demo0-c\" is forbidden: no",
        true,
    ));
    assert!(matches!(scene.judge(), Verdict::Waiting(Some(_))));
    assert!(scene.deadline().is_some());
    assert_eq!(scene.alarm(), Some(Alarm::Believe));
    assert!(matches!(scene.judge(), Verdict::Failed(_)));

    scene!(scene);
    scene.workload = Some(refused());
    assert!(matches!(scene.judge(), Verdict::Waiting(Some(_))));
    let again = "pods \"demo0-b\" is forbidden: still no";
    scene.hear(&told("ReplicaSet", "demo0-a", "FailedCreate", again, false));
    let Verdict::Failed(why) = scene.judge() else {
        panic!();
    };
    assert_eq!(why.trouble.message, again);
}

#[tokio::test]
async fn a_trouble_that_lasts_is_told_once() {
    scene!(scene);
    scene.workload = Some(deployment(&json!([])));
    scene.pods = [pod(
        &json!({"conditions": [{"type": "PodScheduled", "status": "False",
        "reason": "Unschedulable", "message": "0/1 nodes"}]}),
    )]
    .into();
    assert!(matches!(scene.judge(), Verdict::Waiting(Some(_))));
    let deadline = scene.deadline();
    assert!(deadline.is_some());
    scene.judge();
    assert_eq!(scene.deadline(), deadline);
    assert_eq!(scene.alarm(), Some(Alarm::Tell));
    scene.judge();
    assert_eq!(scene.deadline(), None);
    scene.pods = [pod(&json!({}))].into();
    scene.judge();
    assert_eq!((scene.why.clone(), scene.deadline()), (None, None));
}

fn without_image(uid: &str) -> (String, Pod) {
    let (name, mut pod) = pod(&json!({"phase": "Pending", "containerStatuses": [{
        "name": "buildkitd", "image": "", "imageID": "", "ready": false, "restartCount": 0,
        "state": {"waiting": {"reason": "ErrImagePull", "message": "not found"}}}]}));
    pod.metadata.uid = Some(uid.into());
    (name, pod)
}

/// It may have been pushed since.
#[tokio::test]
async fn a_pod_whose_image_was_missing_before_is_made_anew() {
    scene!(scene);
    scene.workload = Some(deployment(&json!([])));
    scene.judge();
    let (name, old) = without_image("u1");
    scene.pods = [(name.clone(), old.clone())].into();
    assert!(matches!(scene.judge(), Verdict::Waiting(Some(_))));
    assert_eq!(scene.retry(), Some(Retry::Pod(Box::new(old))));
    assert_eq!(scene.retry(), None);
    scene.pods = [without_image("u2")].into();
    assert!(matches!(scene.judge(), Verdict::Failed(_)));

    scene!(scene);
    scene.workload = Some(deployment(&json!([])));
    scene.pods = [pod(&json!({}))].into();
    scene.judge();
    scene.pods = [without_image("u1")].into();
    assert!(matches!(scene.judge(), Verdict::Failed(_)));
    assert_eq!(scene.retry(), None);
}

#[tokio::test]
async fn the_version_of_the_pods_is_looked_up_once() {
    scene!(scene);
    let mut workload = deployment(&json!([]));
    assert_eq!(scene.unknown_version(), None);
    if let Workload::Deployment(deployment) = &mut workload {
        let revision = ("deployment.kubernetes.io/revision".into(), "2".into());
        deployment.metadata.annotations = Some([revision].into());
    }
    scene.workload = Some(workload);
    scene.pods = [pod(&json!({}))].into();
    scene.judge();
    scene.pods = [without_image("u1")].into();
    assert!(matches!(scene.judge(), Verdict::Failed(_)));
    let (_, revision) = scene.unknown_version().unwrap();
    assert_eq!(revision, "2");
    scene.learn(revision, Some("other".into()));
    assert_eq!(scene.unknown_version(), None);
    assert_eq!(scene.judge(), Verdict::Waiting(None));
}
