//! What becomes of a builder after it was made: update, scale, stop, start, new certificates.

use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use crate::support::folder::Folder;
use crate::support::testbed::{Namespace, testbed};

/// What a build says at its end that was running when `change` was made.
fn build_during(purpose: &str, change: impl FnOnce(&Namespace)) -> String {
    let space = testbed().namespace(purpose);
    space.run("create demo --bootstrap").done();
    let context = Folder::with_dockerfile("FROM busybox\nRUN echo began; sleep 6; echo ended\n");
    let line = format!("build --progress plain {}", context.path().display());
    let build = space.start(&line);
    build.said(" began\n");
    change(&space);
    let finished = build.wait().done();
    assert!(
        finished.stderr.contains(" ended\n"),
        "{}",
        finished.transcript()
    );
    space.redact(&finished.stderr)
}

const RETIRED: &str = "is being replaced or is no longer needed: it finishes this build first";

#[test]
fn a_build_goes_on_while_its_builder_is_updated() {
    let words = build_during("updated", |space| {
        let updated = space.run("update demo --env A=1 --bootstrap").done();
        insta::assert_snapshot!(updated.stdout());
        // The next build does not wait for the old pod.
        let context = Folder::with_dockerfile("FROM busybox\nRUN echo other\n");
        space
            .run(&format!("build {}", context.path().display()))
            .done();
    });
    assert!(words.contains(RETIRED), "{words}");
}

#[test]
fn a_build_goes_on_while_its_builder_gets_new_certificates() {
    let words = build_during("rotated", |space| {
        let before = space.kubectl("get secret demo0-client -o yaml");
        let rotated = space.run("rotate-certs demo --wait").done();
        insta::assert_snapshot!(rotated.stdout());
        assert_ne!(before, space.kubectl("get secret demo0-client -o yaml"));
        let context = Folder::with_dockerfile("FROM busybox\nRUN echo other\n");
        space
            .run(&format!("build {}", context.path().display()))
            .done();
    });
    assert!(words.contains(RETIRED), "{words}");
}

#[test]
fn a_build_goes_on_while_its_builder_is_stopped() {
    let words = build_during("stopped", |space| {
        space.run("stop demo").done();
    });
    assert!(words.contains(RETIRED), "{words}");
}

/// What a run prints, without progress and without objects that come and go by themselves.
fn settled(space: &Namespace, line: &str) -> String {
    let mut finished = space.run(line);
    if finished.code == 0 {
        finished.stderr.clear();
    }
    let passing = |line: &&str| !line.starts_with("pod/") && !line.starts_with("replicaset");
    let text = finished.failure();
    let lines: Vec<&str> = text.lines().filter(passing).collect();
    format!("{}\n", lines.join("\n"))
}

/// What a person sees who does one thing after the other.
#[test]
fn from_one_pod_to_three_and_back() {
    let space = testbed().namespace("life");
    let mut seen = String::new();
    for line in [
        "create demo --bootstrap",
        "scale demo --replicas 3 --wait",
        "stop demo --wait",
        "create demo --replicas 3",
        "create demo --replicas 2",
        "ls",
        "start demo --wait",
        "start demo",
        "update demo --requests cpu=10m --unset env --diff",
        "update demo --requests cpu=10m --dry-run=server",
        "update demo --requests cpu=10m",
        "update demo --requests cpu=10m",
        "update demo --storage 1Gi",
        "update demo",
        "update other --replicas 2",
        "scale demo --node other --replicas 2",
        "create --append --name demo --node arm --platform linux/arm64",
        "create --append --name demo",
        "create --append --name demo",
        "create --leave --name demo --node arm",
        "create --leave --name demo --node arm",
        "rm demo --dry-run -o name",
        "rm demo",
    ] {
        seen.push_str(&settled(&space, line));
    }
    insta::assert_snapshot!(space.redact(&seen));
    let left = space.objects();
    assert_eq!(left, "");
}

/// The second build goes to the pod that is idle, though both have the same build context.
#[test]
fn the_pod_that_runs_fewest_builds_takes_the_next() {
    let space = testbed().namespace("load");
    space
        .run("create demo --bootstrap --replicas 2 --loadbalance least-loaded")
        .done();
    // Who comes second to the same daemon finds what the first left in its cache.
    let context = Folder::with_dockerfile(
        "FROM busybox\nARG WHO\nRUN --mount=type=cache,target=/cache \
         echo \"$WHO finds: $(ls /cache)\"; touch /cache/$WHO; sleep 5\n",
    );
    let build = |who: &str| {
        let path = context.path().display();
        space.start(&format!(
            "build --progress plain --build-arg WHO={who} {path}"
        ))
    };
    let first = build("first");
    first.said(" first finds: \n");
    let second = build("second").wait().done();
    first.wait().done();
    assert!(
        second.stderr.contains(" second finds: \n"),
        "{}",
        second.transcript()
    );
}

/// What `create` would send is what it sends, and what others send is adopted.
#[test]
fn objects_that_others_applied_are_adopted_and_not_fought_over() {
    let space = testbed().namespace("adopted");
    let yaml = space.run("create demo --dry-run=client -o yaml").done();
    let folder = Folder::new().file("demo.yaml", yaml.stdout());
    let file = folder.join("demo.yaml");
    let applied = space.kubectl(&format!("apply -f {}", file.display()));
    assert_eq!(applied.matches(" created").count(), 3, "{applied}");
    let mut seen = String::new();
    for line in [
        "create demo",
        "update demo --replicas 2",
        "rotate-certs demo",
        "update demo --replicas 2 --force-conflicts",
        "scale demo --replicas 3",
        "update demo --replicas 1",
    ] {
        seen.push_str(&space.run(line).failure());
    }
    insta::assert_snapshot!(space.redact(&seen));
}

/// Kills the plugin at growing distances from its start, then runs the same command to its end.
fn killed(purpose: &str, prepare: &[&str], line: &str, last: &str) {
    let space = testbed().namespace(purpose);
    for milliseconds in [5, 15, 25, 35, 50, 70, 100] {
        for line in prepare {
            let _ = space.run(line);
        }
        let running = space.start(line);
        thread::sleep(Duration::from_millis(milliseconds));
        running.signal(Signal::KILL);
        let _ = running.wait();
        let again = space.run(line);
        assert!(
            again.code == 0 || again.stderr.contains("no builder demo"),
            "{}",
            again.transcript()
        );
        let seen = space.run(last).done();
        assert!(
            seen.stdout().contains("unchanged") || last == "ls",
            "{}",
            seen.transcript()
        );
    }
}

#[test]
fn a_killed_create_is_completed() {
    killed("killcreate", &["rm demo"], "create demo", "create demo");
}

#[test]
fn a_killed_update_is_completed() {
    let line = "update demo --env A=1";
    killed(
        "killupdate",
        &["create demo", "update demo --env A=0"],
        line,
        line,
    );
}

#[test]
fn a_killed_scale_is_completed() {
    let line = "scale demo --replicas 2";
    killed(
        "killscale",
        &["create demo --replicas 0", "scale demo --replicas 0"],
        line,
        line,
    );
}

#[test]
fn a_killed_rotation_is_completed() {
    killed(
        "killrotate",
        &["create demo --replicas 0"],
        "rotate-certs demo",
        "create demo --replicas 0",
    );
}

#[test]
fn a_killed_rm_is_completed() {
    let space = testbed().namespace("killrm");
    for milliseconds in [10, 25, 40, 60, 90] {
        space.run("create demo --replicas 0").done();
        let running = space.start("rm demo");
        thread::sleep(Duration::from_millis(milliseconds));
        running.signal(Signal::KILL);
        let _ = running.wait();
        let _ = space.run("rm demo");
        let left = space.objects();
        assert_eq!(left, "");
    }
}
