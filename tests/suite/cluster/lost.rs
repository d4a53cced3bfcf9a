//! A pod that is lost while it builds.

use std::time::{Duration, Instant};

use crate::support::folder::Folder;
use crate::support::testbed::{Namespace, Run, testbed};

/// Begins a build that sleeps, does `harm` to its pod, and returns how the build ended.
fn harmed(space: &Namespace, harm: &str) -> (Run, String) {
    space.run("create demo --bootstrap").done();
    let pod = space.kubectl("get pods -o jsonpath={.items[0].metadata.name}");
    let context = Folder::with_dockerfile("FROM busybox\nRUN echo begun && sleep 600\n");
    let line = format!("build --no-cache {}", context.path().display());
    let child = space.start(&line);
    space.wait_for("the step", |space| {
        space
            .kubectl(&format!("exec {pod} -- ps -o args"))
            .contains("sleep 600")
    });

    let harm = harm.replace("POD", &pod);
    space.kubectl(&harm);
    let since = Instant::now();
    let run = Run::new(&line, &child.wait_with_output().unwrap());
    assert!(
        since.elapsed() < Duration::from_secs(5),
        "{:?}",
        since.elapsed()
    );
    (run, pod)
}

#[test]
fn deleted() {
    let space = testbed().namespace("deleted");
    let (run, pod) = harmed(&space, "delete pod POD --wait=false");
    assert_eq!(run.code, 6, "{}", run.transcript());
    let expected = format!("error: pod {pod} was lost: it is being deleted\n");
    assert!(run.stderr.contains(&expected), "{}", run.transcript());
}

#[test]
fn ended() {
    let space = testbed().namespace("ended");
    let (run, pod) = harmed(
        &space,
        "exec POD -- sh -c kill$IFS-9$IFS$(pidof$IFS-s$IFS'buildkitd')",
    );
    assert_eq!(run.code, 6, "{}", run.transcript());
    let expected = format!("error: pod {pod} was lost: its daemon ended");
    assert!(run.stderr.contains(&expected), "{}", run.transcript());
}
