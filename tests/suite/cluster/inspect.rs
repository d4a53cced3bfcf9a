//! `inspect`, and what `ls` selects.

use serde_json::Value;

use crate::support::folder::Folder;
use crate::support::testbed::testbed;

#[test]
fn daemons_and_pods_are_shown_in_full() {
    let space = testbed().namespace("inspect");
    space
        .run("create demo --bootstrap --replicas 2 --requests cpu=10m --platform linux/amd64")
        .done();
    let json = space.run("inspect demo -o json").done();
    let document: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(document["namespace"], space.name.as_str());
    assert_eq!(document["context"], testbed().get("CONTEXT"));
    let node = &document["nodes"][0];
    assert_eq!(
        (&node["status"], &node["readyReplicas"]),
        (&"running".into(), &2.into())
    );
    assert_eq!(node["requests"]["cpu"], "10m");
    assert_eq!(node["mode"], "privileged");
    assert_eq!(
        node["workerLabels"]["org.mobyproject.buildkit.worker.executor"],
        "oci"
    );
    let rules = node["gcPolicy"].as_array().unwrap();
    assert!(rules.iter().any(|rule| rule["all"] == true), "{rules:?}");
    assert!(rules[0]["keepSeconds"].as_u64().unwrap() > 0, "{rules:?}");
    assert!(node["certificateEnds"].as_str().unwrap() > "2030");
    let pods = node["pods"].as_array().unwrap();
    assert_eq!(pods.len(), 2);
    for pod in pods {
        assert!(pod["version"].as_str().unwrap().starts_with('v'), "{pod}");
        assert!(!pod["clusterNode"].as_str().unwrap().is_empty(), "{pod}");
        assert_eq!(
            (&pod["state"], &pod["restarts"]),
            (&"ready".into(), &0.into())
        );
    }

    assert_eq!(document["lastActivity"], Value::Null);
    let context = Folder::with_dockerfile("FROM scratch\nCOPY Dockerfile /\n");
    let build = format!("build {}", context.path().display());
    space.run(&build).done();

    let text = space.run("inspect demo").done();
    for line in [
        "Last Activity: 2",
        "Name:                  demo0\n",
        "Status:                running\n",
        "BuildKit daemon flags: --addr ",
        "BuildKit version:      v",
        "GC Policy rule#0:\n All: ",
        " org.mobyproject.buildkit.worker.executor:",
    ] {
        assert!(
            text.stdout().contains(line),
            "{line}: {}",
            text.transcript()
        );
    }
}

#[test]
fn a_stopped_builder_is_started_and_awaited() {
    let space = testbed().namespace("bootstrap");
    space.run("create demo --replicas 0").done();
    let stopped = space.run("inspect").done();
    assert!(
        stopped
            .stdout()
            .contains("Status:                stopped\n"),
        "{}",
        stopped.transcript()
    );
    let started = space.run("inspect --bootstrap --builder demo").done();
    assert!(
        started
            .stdout()
            .contains("Status:                running\n"),
        "{}",
        started.transcript()
    );
    assert!(
        started
            .stdout()
            .contains("Replicas:              1, 1 ready\n")
    );
    space.run("inspect nobody").code(3);
}

#[test]
fn a_builder_that_cannot_come_up_says_why() {
    let space = testbed().namespace("bootfail");
    let line = format!(
        "create demo --image {}/nothing:1",
        testbed().get("REGISTRY")
    );
    space.run(&line).done();
    let failed = space.run("inspect demo --bootstrap").code(4);
    assert!(
        failed.stderr.contains("cannot come up"),
        "{}",
        failed.transcript()
    );
    space.wait_for("the pod's trouble", |space| {
        let shown = space.run("inspect demo").done();
        shown.stdout().contains("failing: ")
            && shown.stdout().contains("Status:                error\n")
    });
}

#[test]
fn nodes_are_selected_by_their_labels() {
    let space = testbed().namespace("select");
    space.run("create one --replicas 0 --label team=a").done();
    space.run("create two --replicas 0").done();
    space.kubectl("label deployment two0 tier=ci");
    let names = |selector: &str| {
        let run = space.plugin("ls -o name").args(["-l", selector]).run();
        run.done().stdout().to_owned()
    };
    assert_eq!(names("team=a"), "one\n");
    assert_eq!(names("team!=a"), "two\n");
    assert_eq!(names("tier in (ci, cd)"), "two\n");
    assert_eq!(names("team=b"), "");
    // Everything that is taken here is taken by the server.
    assert_eq!(names("tier==ci,!team"), "two\n");
    assert_eq!(names("team in (a),tier notin (ci),absent!="), "one\n");
    assert_eq!(names("team="), "");
    assert_eq!(names("team > 5"), "");
    assert_eq!(names(""), "one\ntwo\n");
}
