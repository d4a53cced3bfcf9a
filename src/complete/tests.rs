//! Lines as they are typed, with a cluster that answers, one that does not, and none.

use std::future::pending;
use std::path::Path;
use std::time::Duration;

use clap::CommandFactory as _;
use serde_json::{Value, json};

use super::*;
use crate::cli::Cli;
use crate::cluster::{Cluster, fake};
use crate::manifest::{self, Identity};
use crate::memory::Memory;
use crate::plan::Create;

/// A line with a folder as the current one, and perhaps a cluster.
async fn ask(line: &str, folder: &Path, cluster: Option<Cluster>) -> Answer {
    let mut root = Cli::command();
    root.build();
    let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    let line = Line::read(&root, &words);
    let state = folder.join("state");
    let mut env = Env::from_variables([
        ("KUBECTL_BUILDKIT_STATE", state.to_str().unwrap()),
        ("A_VARIABLE", "secret"),
    ]);
    folder.clone_into(&mut env.current_dir);
    let world = World::new(kube_args(&line), &env);
    let world = match cluster {
        Some(cluster) => world.with(cluster),
        None => world,
    };
    answer(&line, &world).await
}

async fn shown(line: &str, cluster: Option<Cluster>) -> String {
    let folder = tempfile::tempdir().unwrap();
    ask(line, folder.path(), cluster).await.to_string()
}

/// The Deployment of a builder as the API server has it.
fn workload(name: &str, platform: &str) -> Value {
    let plan = Create::by_default(Some(&name.parse().unwrap()), Duration::ZERO).unwrap();
    let identity = Identity::default();
    let workload = manifest::workload(&plan.node, &identity).unwrap();
    let manifest::Workload::Deployment(deployment) = workload else {
        panic!("{workload:?}")
    };
    let mut object = serde_json::to_value(&deployment).unwrap();
    object["metadata"]["namespace"] = "team".into();
    object["metadata"]["annotations"]["buildkit.kubectl/platforms"] = platform.into();
    object
}

/// A cluster with two builders, one node, two namespaces and some classes.
fn cluster() -> Cluster {
    fake::cluster(|request| async move {
        let named = |name: &str| json!({"metadata": {"name": name}});
        let path = request.uri().path().to_owned();
        let query = request.uri().query().unwrap_or_default().to_owned();
        let items = match path.rsplit('/').next().unwrap_or_default() {
            "deployments" if query.contains("%21%3D") => json!([]),
            "deployments" => json!([
                workload("arm", "linux/arm64"),
                workload("big", "linux/amd64,linux/386")
            ]),
            "namespaces" => json!([named("team"), named("tests")]),
            "nodes" => json!([{"metadata": {"name": "n1", "labels": {
                    "disk": "ssd", "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}},
                "spec": {"taints": [{"key": "gpu", "effect": "NoSchedule"}]}}]),
            "storageclasses" => json!([{"metadata": {"name": "fast"}, "provisioner": "disks"}]),
            "serviceaccounts" => json!([named("default")]),
            "secrets" if query.contains("dockerconfigjson") => json!([named("login")]),
            _ => json!([]),
        };
        (200, json!({"metadata": {}, "items": items}))
    })
}

#[tokio::test]
async fn commands_flags_and_words_need_no_cluster() {
    let first = |text: String| text.lines().next().unwrap_or_default().to_owned();
    for (line, expected) in [
        ("bui", "build\tBuild an image"),
        ("build --targ", "--target\tStage of the Dockerfile to build"),
        ("build --progress q", "quiet"),
        ("build --push=t", "true"),
        (
            "ls --no-tr",
            "--no-trunc\tShow all platforms, and cut nothing to the width of the terminal",
        ),
        ("ls --all-n", "--all-namespaces\tLook in all namespaces"),
        ("ls --all-namespaces --all", ":4"),
        ("build --allow device=", "device=\tone device"),
        ("build --secret id=a,env=A_V", "id=a,env=A_VARIABLE"),
        (
            "create --limits cpu=1,mem",
            "cpu=1,memory=\tfor instance 4Gi",
        ),
        (
            "create --driver-opt loadbalance=r",
            "loadbalance=random\tany pod",
        ),
        (
            "create --driver-opt replicas=2,roo",
            "replicas=2,rootless=\tfor instance true",
        ),
        ("update --unset requests.c", "requests.cpu"),
        ("completion ku", "kubectl\tkubectl, for `kubectl buildkit`"),
        ("build -f ", ":0"),
        ("build ", ":16"),
        (
            "build --cache-to type=in",
            "type=inline\tin the image that is pushed",
        ),
        ("--unknown nonsense -- --", ":4"),
    ] {
        assert_eq!(first(shown(line, None).await), expected, "{line}");
    }
    let all = shown("", None).await;
    assert!(!all.contains("__complete"), "{all}");
    let dash = shown("ls -", None).await;
    assert!(
        dash.contains("-A\tLook in all namespaces\n--all-namespaces\t"),
        "{dash}"
    );
}

#[tokio::test]
async fn what_the_cluster_has() {
    let builders = "arm\tstarting, namespace team\nbig\tstarting, namespace team\n:4\n";
    let platforms =
        "linux/amd64\tnode big0\nlinux/386\tnode big0\nlocal\tthat of this machine\n:4\n";
    for (line, expected) in [
        ("rm ", builders),
        ("build --builder ", builders),
        ("inspect --builder=", builders),
        ("rm arm ", "big\tstarting, namespace team\n:4\n"),
        (
            "scale --node ",
            "arm0\tstarting, builder arm\nbig0\tstarting, builder big\n:4\n",
        ),
        ("stop big --node ", "big0\tstarting, builder big\n:4\n"),
        ("build --builder big --platform ", platforms),
        (
            "build --builder arm --platform linux/arm64,l",
            "linux/arm64,local\tthat of this machine\n:4\n",
        ),
        (
            "build --builder none --platform ",
            "linux/amd64\tcluster node n1\nlocal\tthat of this machine\n:4\n",
        ),
        ("-n te", "team\ntests\n:4\n"),
        ("-nte", "-nteam\n-ntests\n:4\n"),
        ("create --driver-opt namespace=tes", "namespace=tests\n:4\n"),
        ("create --driver-opt=namespace=tes", "namespace=tests\n:4\n"),
        ("create --node-selector d", "disk=\tssd\n:6\n"),
        (
            "create --node-selector disk=",
            "disk=ssd\tcluster node n1\n:4\n",
        ),
        ("create --affinity !d", "!disk\tssd\n:4\n"),
        ("create --spread=d", "disk\tssd\n:4\n"),
        (
            "create --toleration ",
            "gpu:NoSchedule\tcluster node n1\n:4\n",
        ),
        (
            "create --driver-opt tolerations=",
            "tolerations=gpu:NoSchedule\tcluster node n1\n:4\n",
        ),
        ("create --platform ", "linux/amd64\tcluster node n1\n:4\n"),
        ("create --storage-class ", "fast\tdisks\n:4\n"),
        ("create --service-account ", "default\n:4\n"),
        ("create --image-pull-secret ", "login\n:4\n"),
        ("build --registry-secret other/", "other/login\n:4\n"),
    ] {
        assert_eq!(shown(line, Some(cluster())).await, expected, "{line}");
    }
}

#[tokio::test]
async fn what_the_dockerfile_says() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("app")).unwrap();
    let text = "ARG VERSION=1\nFROM golang AS build\nFROM alpine AS run\nARG TOKEN\n";
    std::fs::write(folder.path().join("app/Dockerfile"), text).unwrap();
    std::fs::write(folder.path().join("Dockerfile"), "FROM busybox AS here").unwrap();
    std::fs::write(folder.path().join("Other"), "FROM scratch AS other").unwrap();
    for (line, expected) in [
        ("build --target ", "here\tfrom busybox\n:4\n"),
        (
            "build app --target ",
            "build\tfrom golang\nrun\tfrom alpine\n:4\n",
        ),
        (
            "b app --no-cache-filter run,",
            "run,build\tfrom golang\n:4\n",
        ),
        ("build -f Other app --target=", "other\tfrom scratch\n:4\n"),
        ("build -f - app --target=", ":4\n"),
        (
            "build app --build-arg ",
            "VERSION=\tdefault 1\nTOKEN=\n:6\n",
        ),
        (
            "build app --build-arg VERSION=",
            "VERSION=1\tthe default\n:4\n",
        ),
        (
            "build app --build-context go",
            "golang=\tan image that stages begin with\n:6\n",
        ),
        ("build app --build-context golang=a", "golang=app/\n:6\n"),
        ("build -o type=local,dest=a", "type=local,dest=app/\n:6\n"),
        ("build -o ap", ":16\n"),
        ("build --secret id=x,src=O", "id=x,src=Other\n:4\n"),
    ] {
        let answer = ask(line, folder.path(), None).await;
        assert_eq!(answer.to_string(), expected, "{line}");
    }
}

#[tokio::test]
async fn contexts_of_the_kubeconfig_that_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = "{contexts: [{name: prod, context: {cluster: c, namespace: n}}], \
        clusters: [{name: c, cluster: {server: 'https://c'}}], users: [{name: me, user: {}}]}";
    std::fs::write(folder.path().join("config"), text).unwrap();
    for (line, expected) in [
        (
            "--kubeconfig config ls --context ",
            "prod\tcluster c, namespace n\n:4\n",
        ),
        ("ls --kubeconfig=config --cluster ", "c\thttps://c\n:4\n"),
        ("ls --kubeconfig=config --user ", "me\n:4\n"),
        ("ls --context ", ":4\n"),
    ] {
        let answer = ask(line, folder.path(), None).await;
        assert_eq!(answer.to_string(), expected, "{line}");
    }
}

/// The cluster's own requests have no limit here: without a deadline nothing of this would ever end.
#[tokio::test]
async fn a_cluster_that_never_answers_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let env = Env::from_variables([("KUBECTL_BUILDKIT_STATE", state.to_str().unwrap())]);
    let silent = || fake::cluster(|_| pending::<(u16, Value)>()).patient();
    let memory = Memory::of("https://fake", "fake", &env);
    memory.seen("far", &"lost".parse().unwrap());
    for (line, expected) in [
        ("create --node-selector ", ":4\n"),
        // What needs no cluster is there all the same.
        ("build --platform ", "local\tthat of this machine\n:4\n"),
        (
            "create --driver-opt tolerations=x,roo",
            "tolerations=x,rootless=\tfor instance true\n:6\n",
        ),
        (
            "build --pus",
            "--push\tPush the image to its registry\n:4\n",
        ),
        // The hints of this machine stand in.
        ("rm ", "lost\tseen in namespace far\n:4\n"),
    ] {
        let answer = ask(line, folder.path(), Some(silent())).await;
        assert_eq!(answer.to_string(), expected, "{line}");
    }
}

#[tokio::test]
async fn who_may_see_nothing_is_told_nothing() {
    let refusing = || fake::cluster(|_| async { fake::refusal(403, "Forbidden", "no", "") });
    for line in [
        "-n ",
        "create --storage-class ",
        "create --toleration ",
        "scale --node ",
    ] {
        assert_eq!(shown(line, Some(refusing())).await, ":4\n", "{line}");
    }
}
