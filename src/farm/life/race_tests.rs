//! Two who change the same builder at the same moment.

use clap::Parser as _;
use futures::future::join_all;
use serde_json::{Value, json};

use super::create::{Made, create};
use super::gone::Removal;
use super::remove::remove;
use super::rotate::rotate;
use super::scale::{Scale, scale};
use super::update::{Updated, changes, update};
use crate::cli::{Cli, Command};
use crate::cluster::{Cluster, Conflicts};
use crate::error::{Kind, Result};
use crate::farm::testing::{Always, Objects, busy_server, names, server};
use crate::model::BuilderName;
use crate::plan::{Create, Update};

fn demo() -> BuilderName {
    "demo".parse().unwrap()
}

fn plan(words: &str) -> Create {
    let line = format!("kubectl-buildkit create demo {words}");
    match Cli::parse_from(line.split_whitespace()).command {
        Command::Create(args) => Create::new(&args, &Always("debug = true")).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn wanted(words: &str) -> Update {
    let line = format!("kubectl-buildkit update demo {words}");
    match Cli::parse_from(line.split_whitespace()).command {
        Command::Update(args) => Update::new(&args, &Always("debug = true")).unwrap(),
        other => panic!("{other:?}"),
    }
}

async fn updated(cluster: &Cluster, words: &str) -> Result<Vec<Updated>> {
    let wanted = wanted(words);
    let changes = Box::pin(changes(cluster, &wanted)).await?;
    Box::pin(update(cluster, &wanted, changes, Conflicts::Respect)).await
}

/// Makes an update of which all was read before `meanwhile` happens.
async fn late_update(
    cluster: &Cluster,
    words: &str,
    meanwhile: impl Future<Output = ()>,
) -> Result<Vec<Updated>> {
    let wanted = wanted(words);
    let changes = Box::pin(changes(cluster, &wanted)).await.unwrap();
    Box::pin(meanwhile).await;
    Box::pin(update(cluster, &wanted, changes, Conflicts::Respect)).await
}

fn object(objects: &Objects, name: &str) -> Value {
    let objects = objects.lock().unwrap();
    let mut all = objects.iter();
    all.find(|(path, _)| path.rsplit('/').next() == Some(name))
        .map(|(_, object)| object.clone())
        .unwrap_or_default()
}

fn variables(objects: &Objects) -> Vec<String> {
    let deployment = object(objects, "demo0");
    let env = &deployment["spec"]["template"]["spec"]["containers"][0]["env"];
    let env = env.as_array().into_iter().flatten();
    let mut names: Vec<_> = env
        .map(|one| one["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn of_two_updates_neither_is_lost() {
    let (cluster, objects) = server();
    create(&cluster, &plan("")).await.unwrap();
    let other = Box::pin(async { drop(updated(&cluster, "--env A=1").await.unwrap()) });
    late_update(&cluster, "--env B=2", other).await.unwrap();
    assert_eq!(variables(&objects), ["A", "B"]);
}

#[tokio::test]
async fn many_updates_at_once_are_all_there() {
    let (cluster, objects) = server();
    create(&cluster, &plan("")).await.unwrap();
    let words: Vec<String> = (1..=8).map(|number| format!("--env A{number}=1")).collect();
    let all = words.iter().map(|words| updated(&cluster, words));
    for result in join_all(all).await {
        assert_eq!(result.unwrap()[0].made, Made::Configured);
    }
    assert_eq!(
        variables(&objects),
        ["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8"]
    );
}

#[tokio::test]
async fn an_update_does_not_undo_a_scale() {
    let (cluster, objects) = server();
    create(&cluster, &plan("")).await.unwrap();
    let other =
        Box::pin(async { drop(scale(&cluster, &demo(), None, Scale::To(3)).await.unwrap()) });
    late_update(&cluster, "--env A=1", other).await.unwrap();
    assert_eq!(variables(&objects), ["A"]);
    assert_eq!(object(&objects, "demo0")["spec"]["replicas"], 3);
}

#[tokio::test]
async fn new_certificates_and_new_settings_are_both_there() {
    let (cluster, objects) = server();
    create(&cluster, &plan("")).await.unwrap();
    let before = object(&objects, "demo0-daemon");
    let name = demo();
    let (rotated, updated) = tokio::join!(
        rotate(&cluster, &name, None, Conflicts::Respect),
        updated(&cluster, "--env A=1")
    );
    rotated.unwrap();
    updated.unwrap();
    assert_eq!(variables(&objects), ["A"]);
    assert_ne!(object(&objects, "demo0-daemon"), before);
    // The pods have the certificates that are there: nothing is left to mend.
    let again = create(&cluster, &plan("--env A=1")).await.unwrap();
    assert_eq!(again.1, Made::Unchanged);
}

/// What a controller writes is no change of settings, so nothing has to be worked out again.
#[tokio::test]
async fn a_new_status_stops_no_update() {
    let (cluster, objects) = server();
    create(&cluster, &plan("")).await.unwrap();
    let other = Box::pin(async {
        let mut objects = objects.lock().unwrap();
        objects[2].1["status"] = json!({"readyReplicas": 1});
        objects[2].1["metadata"]["resourceVersion"] = json!("2000");
    });
    late_update(&cluster, "--env A=1", other).await.unwrap();
    assert_eq!(variables(&objects), ["A"]);
}

#[tokio::test]
async fn a_configuration_that_others_took_back_is_given_again() {
    let (cluster, objects) = server();
    create(&cluster, &plan("--buildkitd-config x"))
        .await
        .unwrap();
    let other = Box::pin(async {
        drop(updated(&cluster, "--unset buildkitd-config").await.unwrap());
    });
    late_update(&cluster, "--env A=1 --buildkitd-config x", other)
        .await
        .unwrap();
    assert_eq!(variables(&objects), ["A"]);
    assert_ne!(object(&objects, "demo0-config"), Value::Null);
    let again = plan("--env A=1 --buildkitd-config x");
    let again = create(&cluster, &again).await.unwrap();
    assert_eq!(again.1, Made::Unchanged);
}

#[tokio::test]
async fn what_was_removed_meanwhile_stays_removed() {
    let (cluster, objects) = server();
    create(&cluster, &plan("")).await.unwrap();
    let name = demo();
    let removal = Removal {
        builder: &name,
        node: None,
        keep_state: false,
        wait: None,
    };
    let other = Box::pin(async { assert!(remove(&cluster, removal).await.unwrap()) });
    let error = late_update(&cluster, "--env A=1", other).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert_eq!(error.to_string(), "node demo0 is gone");
    assert_eq!(names(&objects), Vec::<String>::new());
}

#[tokio::test]
async fn who_is_disturbed_each_time_gives_up() {
    let (cluster, _) = busy_server();
    create(&cluster, &plan("")).await.unwrap();
    let error = updated(&cluster, "--env A=1").await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotReady);
    assert_eq!(
        error.to_string(),
        "somebody else changed node demo0 during each of 20 tries"
    );
}

#[tokio::test]
async fn of_many_who_create_one_does() {
    let (cluster, objects) = server();
    let plan = plan("");
    let all = (0..6).map(|_| create(&cluster, &plan));
    let mut made: Vec<Made> = Vec::new();
    for result in join_all(all).await {
        made.push(result.unwrap().1);
    }
    let created = made.iter().filter(|made| **made == Made::Created);
    assert_eq!(created.count(), 1, "{made:?}");
    assert!(!made.contains(&Made::Configured), "{made:?}");
    assert_eq!(names(&objects).len(), 3);
    assert_eq!(create(&cluster, &plan).await.unwrap().1, Made::Unchanged);
}

#[tokio::test]
async fn of_two_who_create_with_other_settings_one_is_told() {
    let (cluster, objects) = server();
    let (one, two) = (plan("--env A=1"), plan("--env B=1"));
    let results = tokio::join!(create(&cluster, &one), create(&cluster, &two));
    let results = [results.0, results.1];
    let refused: Vec<String> = results
        .iter()
        .filter_map(|result| Some(result.as_ref().err()?.to_string()))
        .collect();
    let message = "node demo0 of builder demo is there with other settings";
    assert_eq!(refused, [message]);
    assert_eq!(variables(&objects).len(), 1);
}
