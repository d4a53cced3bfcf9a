use clap::Parser as _;
use serde_json::{Value, json};

use super::super::create::{Made, create};
use super::super::gone::Removal;
use super::super::remove::remove;
use super::super::rotate::rotate;
use super::super::trial::{self, Judge};
use super::super::update::{changes, update};
use super::*;
use crate::cli::{Cli, Command};
use crate::cluster::Conflicts;
use crate::farm::testing::{Always, Objects, names, server};
use crate::plan::Create;

const DEPLOYMENT: &str = include_str!("../../../tests/fixtures/buildx/deployment.yaml");
const ROOTLESS: &str = include_str!("../../../tests/fixtures/buildx/rootless.yaml");
const STATEFUL_SET: &str = include_str!("../../../tests/fixtures/buildx/stateful-set.yaml");
const CONFIG: &str = include_str!("../../../tests/fixtures/buildx/config.yaml");
const CERTIFICATES: &str = include_str!("../../../tests/fixtures/buildx/certificates.yaml");

/// Adds an object as buildx makes it.
fn add(objects: &Objects, folder: &str, text: &str) {
    let mut object: Value = serde_saphyr::from_str(text).unwrap();
    object["metadata"]["namespace"] = "team".into();
    object["metadata"]["managedFields"] = json!([{
        "manager": "buildx", "operation": "Update", "apiVersion": "apps/v1",
        "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {}}
    }]);
    let name = object["metadata"]["name"].as_str().unwrap();
    let path = format!("/{folder}/{name}").replace("NAMESPACE", "namespaces/team");
    objects.lock().unwrap().push((path, object));
}

/// A builder `kube` of two nodes, one with a configuration.
fn kube() -> (Cluster, Objects) {
    let (cluster, objects) = server();
    add(&objects, "api/v1/NAMESPACE/configmaps", CONFIG);
    add(&objects, "api/v1/NAMESPACE/configmaps", CERTIFICATES);
    add(&objects, "apis/apps/v1/NAMESPACE/deployments", DEPLOYMENT);
    add(&objects, "apis/apps/v1/NAMESPACE/deployments", ROOTLESS);
    (cluster, objects)
}

fn wanted(words: &str) -> Update {
    let line = format!("kubectl-buildkit update {words}");
    match Cli::parse_from(line.split_whitespace()).command {
        Command::Update(args) => Update::new(&args, &Always("debug = false")).unwrap(),
        other => panic!("{other:?}"),
    }
}

async fn updated(cluster: &Cluster, words: &str) -> Result<Vec<Made>> {
    let wanted = wanted(words);
    let changes = changes(cluster, &wanted).await?;
    let updated = update(cluster, &wanted, changes, Conflicts::Respect).await?;
    Ok(updated.into_iter().map(|one| one.made).collect())
}

fn object(objects: &Objects, end: &str) -> Value {
    let objects = objects.lock().unwrap();
    let found = objects.iter().find(|(path, _)| path.ends_with(end));
    found.unwrap().1.clone()
}

const ALL: [&str; 7] = [
    "kube0",
    "kube0-client",
    "kube0-config",
    "kube0-daemon",
    "kube1",
    "kube1-client",
    "kube1-daemon",
];

fn sorted(objects: &Objects) -> Vec<String> {
    let mut names = names(objects);
    names.sort();
    names
}

#[tokio::test]
async fn a_builder_of_buildx_becomes_ours() {
    let (cluster, objects) = kube();
    let adopted = updated(&cluster, "kube").await.unwrap();
    assert_eq!(adopted, [Made::Adopted, Made::Adopted]);
    assert_eq!(sorted(&objects), ALL);
    let first = object(&objects, "/deployments/kube0");
    assert_eq!(
        first["spec"]["selector"],
        json!({"matchLabels": {"app": "kube0"}})
    );
    assert_eq!(
        first["metadata"]["annotations"],
        json!({"buildkit.kubectl/platforms": "linux/amd64,linux/386"})
    );
    let labels = &first["spec"]["template"]["metadata"]["labels"];
    assert_eq!(labels["app"], "kube0");
    assert_eq!(labels["app.kubernetes.io/part-of"], "kube");
    let container = &first["spec"]["template"]["spec"]["containers"][0];
    assert!(container["livenessProbe"].is_null());
    let config = object(&objects, "/secrets/kube0-config");
    assert!(config["data"]["buildkitd.toml"].is_string());
    let second = object(&objects, "/deployments/kube1");
    let pod = &second["spec"]["template"];
    assert_eq!(pod["metadata"]["labels"]["team"], "ci");
    let mounts = &pod["spec"]["containers"][0]["volumeMounts"];
    assert_eq!(mounts[1]["mountPath"], "/home/user/.local/share/buildkit");

    // From now on it is like any other.
    let before = objects.lock().unwrap().clone();
    let again = updated(&cluster, "kube").await.unwrap_err();
    assert_eq!(again.to_string(), "nothing to update: no setting is given");
    let unchanged = updated(&cluster, "kube --node kube0 --replicas 1").await;
    assert_eq!(unchanged.unwrap(), [Made::Unchanged]);
    assert_eq!(*objects.lock().unwrap(), before);
    let node = updated(&cluster, "kube --node kube1 --env A=1").await;
    assert_eq!(node.unwrap(), [Made::Configured]);
    let builder = "kube".parse().unwrap();
    let rotated = rotate(&cluster, &builder, None, Conflicts::Respect).await;
    assert_eq!(rotated.unwrap().len(), 2);
    assert_eq!(sorted(&objects), ALL);
    let what = Removal {
        builder: &builder,
        node: None,
        keep_state: false,
        wait: None,
    };
    assert!(remove(&cluster, what).await.unwrap());
    assert_eq!(names(&objects), [] as [&str; 0]);
}

#[tokio::test]
async fn what_will_change_is_said_and_shown_before() {
    let (cluster, objects) = kube();
    let before = objects.lock().unwrap().clone();
    let changes = changes(&cluster, &wanted("kube --replicas 2"))
        .await
        .unwrap();
    insta::assert_snapshot!(changes.notes.join("\n"));
    for judge in [Judge::Client, Judge::Server] {
        let trials = trial::update(&cluster, &changes, judge).await.unwrap();
        let shown = trials.iter().map(|trial| {
            let mark = match (&trial.live, &trial.result) {
                (None, _) => '+',
                (_, None) => '-',
                _ => '~',
            };
            let object = trial.result.as_ref().or(trial.live.as_ref()).unwrap();
            format!("{mark}{}", object["metadata"]["name"].as_str().unwrap())
        });
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                "+kube0-daemon",
                "+kube0-client",
                "+kube0-config",
                "~kube0",
                "-kube0-config",
                "-kube0-config-1",
                "+kube1-daemon",
                "+kube1-client",
                "~kube1",
            ]
        );
        let result = trials[3].result.as_ref().unwrap();
        assert_eq!(result["spec"]["replicas"], 2);
    }
    assert_eq!(*objects.lock().unwrap(), before);
}

#[tokio::test]
async fn what_was_killed_is_completed() {
    let builder: BuilderName = "kube".parse().unwrap();
    let nodes: Vec<NodeName> = (0..2).map(|index| builder.node(index)).collect();
    // After the notes: it still is what buildx made.
    let (cluster, objects) = kube();
    for node in &nodes {
        claim(&cluster, node, &builder).await.unwrap();
    }
    assert!(manifest::is_buildx(
        &workload::get(&cluster, "kube0").await.unwrap().unwrap()
    ));
    let claimed = objects.lock().unwrap().clone();
    assert_eq!(updated(&cluster, "kube").await.unwrap().len(), 2);
    assert_eq!(sorted(&objects), ALL);

    // After the first node: the second one is still known as the builder's.
    let first = object(&objects, "/deployments/kube0");
    let secrets = objects.lock().unwrap().clone();
    let secrets = secrets
        .into_iter()
        .filter(|(path, _)| path.contains("kube0-"));
    let mut half: Vec<_> = claimed.clone();
    half.extend(secrets);
    half.iter_mut()
        .filter(|(path, _)| path.ends_with("/kube0"))
        .for_each(|(_, object)| {
            // With the notes that are there until its ConfigMaps are gone.
            let annotations = object["metadata"]["annotations"].clone();
            *object = first.clone();
            object["metadata"]["annotations"] = annotations;
        });
    half.retain(|(path, _)| !path.contains("configmaps") || path.ends_with("kube0-config-1"));
    *objects.lock().unwrap() = half.clone();
    let completed = updated(&cluster, "kube").await.unwrap();
    assert_eq!(completed.last(), Some(&Made::Adopted));
    assert_eq!(sorted(&objects), ALL);
    assert!(updated(&cluster, "kube").await.is_err());

    // What was not completed is removed as a whole.
    *objects.lock().unwrap() = half;
    let what = Removal {
        builder: &builder,
        node: Some(&nodes[0]),
        keep_state: false,
        wait: None,
    };
    assert!(remove(&cluster, what).await.unwrap());
    assert_eq!(names(&objects), ["kube1"]);
}

fn told(what: &str, error: &Error) -> String {
    let causes = error.causes().join("\n");
    let hint = error.hint_text().unwrap_or_default();
    format!("{what}\n  {error}\n  {causes}\n  {hint}\n")
}

#[tokio::test]
async fn what_cannot_be_adopted_is_refused_with_a_way_out() {
    let (cluster, objects) = kube();
    add(
        &objects,
        "apis/apps/v1/NAMESPACE/statefulsets",
        STATEFUL_SET,
    );
    let before = objects.lock().unwrap().clone();
    let mut seen = String::new();
    for words in [
        "kube0",
        "kube --node kube1",
        "builder-amd64",
        "kube --unset labels",
        "kube --label team=other",
        "kube --storage 1Gi",
    ] {
        let error = updated(&cluster, words).await.unwrap_err();
        seen += &told(words, &error);
    }
    let name = "kube".parse().unwrap();
    let plan = Create::by_default(Some(&name), std::time::Duration::ZERO).unwrap();
    let error = create(&cluster, &plan).await.unwrap_err();
    seen += &told("create", &error);
    let rotated = rotate(&cluster, &name, None, Conflicts::Respect).await;
    seen += &told("rotate", &rotated.unwrap_err());
    insta::assert_snapshot!(seen);
    assert_eq!(*objects.lock().unwrap(), before);
}

#[tokio::test]
async fn a_configuration_that_cannot_be_read_is_no_dead_end() {
    let (cluster, objects) = kube();
    let broken = CONFIG.replace("debug = true", "root = '/x'");
    objects.lock().unwrap().remove(0);
    add(&objects, "api/v1/NAMESPACE/configmaps", &broken);
    let error = updated(&cluster, "kube").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the configuration of node kube0 cannot be taken over"
    );
    assert!(error.causes()[0].contains("root"), "{:?}", error.causes());
    // Nor is one that is lost dropped.
    objects
        .lock()
        .unwrap()
        .retain(|(path, _)| !path.ends_with("/configmaps/kube0-config"));
    let error = updated(&cluster, "kube").await.unwrap_err();
    assert_eq!(error.causes(), ["configmap \"kube0-config\" is gone"]);
    let adopted = updated(&cluster, "kube --unset buildkitd-config").await;
    assert_eq!(adopted.unwrap(), [Made::Adopted, Made::Adopted]);
    assert_eq!(
        sorted(&objects),
        ALL.into_iter()
            .filter(|name| *name != "kube0-config")
            .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn the_same_create_afterwards_changes_nothing() {
    let (cluster, objects) = server();
    add(&objects, "apis/apps/v1/NAMESPACE/deployments", ROOTLESS);
    assert_eq!(updated(&cluster, "kube1").await.unwrap(), [Made::Adopted]);
    let line = "kubectl-buildkit create kube1 --node kube1 --rootless";
    let Command::Create(args) = Cli::parse_from(line.split_whitespace()).command else {
        panic!("{line}");
    };
    let plan = Create::new(&args, &Always("")).unwrap();
    assert_eq!(create(&cluster, &plan).await.unwrap().1, Made::Unchanged);
}

#[tokio::test]
async fn what_buildx_writes_in_other_places_is_taken_over() {
    let (cluster, objects) = kube();
    let mut deployment: Value = serde_saphyr::from_str(DEPLOYMENT).unwrap();
    let app_armor = "container.apparmor.security.beta.kubernetes.io/buildkitd";
    for annotations in [
        "/metadata/annotations",
        "/spec/template/metadata/annotations",
    ] {
        let annotations = deployment.pointer_mut(annotations).unwrap();
        annotations[app_armor] = json!("unconfined");
        annotations["example.com/mine"] = json!("1");
    }
    let pod = deployment.pointer_mut("/spec/template/spec").unwrap();
    pod["containers"][0]["securityContext"] = json!({});
    pod["containers"][0]["args"] = json!([
        "--debug",
        "--allow-insecure-entitlement=network.host",
        "--oci-worker-no-process-sandbox"
    ]);
    pod["initContainers"] =
        json!([{"name": "qemu", "image": "binfmt", "args": ["--install", "all"]}]);
    let memory =
        json!({"name": "buildkit-memory", "emptyDir": {"medium": "Memory", "sizeLimit": "2Gi"}});
    pod["volumes"].as_array_mut().unwrap().push(memory);
    objects
        .lock()
        .unwrap()
        .retain(|(path, _)| !path.contains("/deployments/"));
    let text = serde_saphyr::to_string(&deployment).unwrap();
    add(&objects, "apis/apps/v1/NAMESPACE/deployments", &text);

    let changes = changes(&cluster, &wanted("kube")).await.unwrap();
    let note = "node kube0 is rootless, where buildx's daemons do not read their configuration: \
                it will count from now on";
    assert!(
        changes.notes.iter().any(|one| one == note),
        "{:?}",
        changes.notes
    );
    let (plan, _) = &changes.nodes[0];
    let line = "kubectl-buildkit create kube --rootless --memory-cache 2Gi --qemu --qemu-image binfmt \
                --image moby/buildkit:buildx-stable-1 --annotation example.com/mine=1 --label app=kube0 \
                --buildkitd-flags=--debug --buildkitd-config x --platform linux/amd64,linux/386";
    let Command::Create(args) = Cli::parse_from(line.split_whitespace()).command else {
        panic!("{line}");
    };
    let same = Create::new(&args, &Always("debug = true")).unwrap();
    assert_eq!(*plan, same.node);
}
