//! Several who change the same builder at the same moment.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::folder::Folder;
use crate::support::plugin::Finished;
use crate::support::testbed::{Namespace, testbed};

/// Runs all lines at the same time; every one has to come to its end.
fn at_once(space: &Namespace, lines: &[String]) -> Vec<Finished> {
    let running: Vec<_> = lines.iter().map(|line| space.start(line)).collect();
    running.into_iter().map(|one| one.wait().done()).collect()
}

fn build(space: &Namespace) {
    let context = Folder::with_dockerfile("FROM busybox\nRUN echo built\n");
    let line = format!("build {}", context.path().display());
    space.run(&line).done();
}

#[test]
fn of_many_changes_at_once_none_is_lost() {
    let space = testbed().namespace("race-update");
    space.run("create demo --bootstrap").done();
    let mut lines: Vec<String> = (1..=8)
        .map(|number| format!("update demo --env A{number}={number}"))
        .collect();
    lines.push("scale demo --replicas 2".to_owned());
    lines.push("rotate-certs demo".to_owned());
    at_once(&space, &lines);
    let deployment = space.kubectl("get deployment demo0 -o json");
    let deployment: Value = serde_json::from_str(&deployment).unwrap();
    assert_eq!(deployment["spec"]["replicas"], 2);
    let variables = &deployment["spec"]["template"]["spec"]["containers"][0]["env"];
    let variables = variables.as_array().into_iter().flatten();
    let names: BTreeSet<&str> = variables.filter_map(|one| one["name"].as_str()).collect();
    let expected = ["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8"];
    assert_eq!(names, BTreeSet::from(expected));
    // Pods and clients have the same certificates.
    space.run("inspect demo --bootstrap").done();
    build(&space);
}

#[test]
fn of_many_who_create_the_same_builder_one_does() {
    let space = testbed().namespace("race-create");
    let lines = vec!["create demo --bootstrap".to_owned(); 6];
    let finished = at_once(&space, &lines);
    let mut said: Vec<String> = finished.iter().map(|one| one.stdout().to_owned()).collect();
    said.sort_unstable();
    said.dedup();
    insta::assert_snapshot!(space.redact(&said.concat()));
    let made = finished
        .iter()
        .filter(|one| one.stdout().contains("created"));
    assert_eq!(made.count(), 1);
    assert_eq!(
        space
            .kubectl("get deployments,secrets -o name")
            .lines()
            .count(),
        3
    );
    build(&space);
}

#[test]
fn builds_without_a_builder_make_one_together() {
    let space = testbed().namespace("race-build");
    let context = Folder::with_dockerfile("FROM busybox\nRUN echo built\n");
    let line = format!("build {}", context.path().display());
    at_once(&space, &vec![line; 4]);
    assert_eq!(space.kubectl("get deployments -o name").lines().count(), 1);
}
