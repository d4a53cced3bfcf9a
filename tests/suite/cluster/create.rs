//! `create`: once, again, half way, twice at a time.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustix::process::Signal;

use crate::support::testbed::{Namespace, testbed};

#[test]
fn a_builder_comes_and_a_second_create_changes_nothing() {
    let space = testbed().namespace("create");
    let created = space.run("create demo --bootstrap").done();
    assert_eq!(created.stdout(), "builder/demo created\n");
    let before = objects(&space);
    let again = space.run("create demo --bootstrap").done();
    assert_eq!(again.stdout(), "builder/demo unchanged\n");
    assert_eq!(objects(&space), before);

    let other = space.run("create demo --replicas 2 --platform linux/arm64");
    insta::assert_snapshot!(space.redact(&other.transcript()));
    assert_eq!(objects(&space), before);
}

#[test]
fn a_rootless_builder_comes_up() {
    let space = testbed().namespace("rootless");
    space.run("create demo --rootless --bootstrap").done();
    let list = space.run("ls").done();
    assert!(list.stdout().contains("running"), "{}", list.transcript());
}

#[test]
fn a_create_that_was_killed_is_completed_by_the_same_create() {
    let space = testbed().namespace("killed");
    for delay in (0..60).step_by(6) {
        let line = format!("create b{delay}");
        let child = space.start(&line);
        std::thread::sleep(Duration::from_millis(delay));
        child.signal(Signal::KILL);
        let _ = child.wait();
        space.run(&line).done();
        let last = space.run(&line).done();
        assert_eq!(last.stdout(), format!("builder/b{delay} unchanged\n"));
    }
}

#[test]
fn two_at_a_time_make_one_builder_that_works() {
    let space = testbed().namespace("twice");
    let children: Vec<_> = (0..3).map(|_| space.start("create demo")).collect();
    for child in children {
        child.wait().done();
    }
    space.run("create demo --bootstrap").done();
    let list = space.run("ls -o json").done();
    assert!(
        list.stdout().contains("linux/amd64"),
        "{}",
        list.transcript()
    );
}

#[test]
fn a_lost_secret_is_mended() {
    let space = testbed().namespace("mended");
    space.run("create demo --bootstrap").done();
    space.kubectl("delete secret demo0-client");
    let list = space.run("ls").done();
    insta::assert_snapshot!(space.redact(&list.stderr));
    let mended = space.run("create demo --bootstrap").done();
    assert_eq!(mended.stdout(), "builder/demo configured\n");
    let list = space.run("ls").done();
    assert_eq!(list.stderr, "", "{}", list.transcript());
}

#[test]
fn keys_are_in_the_two_secrets_and_nowhere_else() {
    let space = testbed().namespace("keys");
    let created = space.run("create demo --bootstrap").done();
    let elsewhere = space.kubectl(
        "get deployments,replicasets,pods,configmaps,events,serviceaccounts -o yaml --show-managed-fields",
    ) + &created.transcript()
        + &space.run("ls -o yaml").done().transcript();
    for side in ["daemon", "client"] {
        let key = key(&space, side);
        assert!(key.starts_with("-----BEGIN PRIVATE KEY-----"));
        for line in key.lines().filter(|line| !line.starts_with('-')) {
            assert!(!elsewhere.contains(line), "the {side}'s key");
        }
        assert!(
            !elsewhere.contains(&STANDARD.encode(&key)[..40]),
            "the {side}'s key"
        );
    }
    assert!(
        !elsewhere.contains("demo0-client")
            || !space.kubectl("get pods -o yaml").contains("demo0-client")
    );
}

fn key(space: &Namespace, side: &str) -> String {
    let path = r"jsonpath={.data.tls\.key}";
    let encoded = space.kubectl(&format!("get secret demo0-{side} -o {path}"));
    String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
}

/// What is there, with versions: the same text means that nothing was written.
fn objects(space: &Namespace) -> String {
    space.kubectl(
        "get deployments,secrets -o jsonpath={range.items[*]}{.kind}{.metadata.name}{.metadata.resourceVersion}{end}",
    )
}
