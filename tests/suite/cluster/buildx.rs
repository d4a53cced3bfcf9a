//! Builders that docker buildx made, and exec, by which they are reached.

use std::time::Duration;

use rustix::process::Signal;

use crate::support::folder::Folder;
use crate::support::plugin::Finished;
use crate::support::testbed::{Namespace, testbed};

/// buildx's first readiness probe often fails, and its second comes half a minute later.
const BOOT: Duration = Duration::from_mins(2);

/// Makes objects as buildx makes them.
fn apply(space: &Namespace, files: &[&str]) {
    for file in files {
        let path = format!(
            "{}/tests/fixtures/buildx/{file}.yaml",
            env!("CARGO_MANIFEST_DIR")
        );
        let applied = space.kubectl(&format!("create -f {path}"));
        assert!(applied.contains("created"), "{applied}");
    }
}

/// The pod of a node, once it is ready.
fn ready_pod(space: &Namespace, node: &str) -> String {
    let pods = format!("get pods -l app={node} -o jsonpath=");
    space.within(BOOT, "the pod", |space| {
        let ready = r"{.items[0].status.containerStatuses[0].ready}";
        space.kubectl(&format!("{pods}{ready}")) == "true"
    });
    space.kubectl(&format!("{pods}{{.items[0].metadata.name}}"))
}

/// Names of all that may be left of a builder.
fn objects(space: &Namespace) -> String {
    let kinds = "deployments,statefulsets,replicasets,pods,secrets,configmaps,pvc";
    space.kubectl(&format!("get {kinds} -o name"))
}

const COPIES: &str = "FROM scratch\nCOPY in /out\n";
const RUNS: &str =
    "FROM busybox AS a\nCOPY in /in\nRUN cp /in /out\nFROM scratch\nCOPY --from=a /out /\n";

/// A build whose result is a file.
fn build(space: &Namespace, flags: &str, dockerfile: &str) -> Finished {
    let context = Folder::with_dockerfile(dockerfile).file("in", "carried both ways\n");
    let out = Folder::new();
    let line = format!(
        "build {flags} -o {} {}",
        out.path().display(),
        context.path().display()
    );
    let run = space.run(&line);
    if run.code == 0 {
        assert_eq!(out.read("out"), "carried both ways\n");
    }
    run
}

/// Temporary folders have other names in each run.
fn redacted(space: &Namespace, text: &str) -> String {
    let folder = regex::Regex::new(r"/\S*/\.tmp\w+").unwrap();
    space.redact(&folder.replace_all(text, "[FOLDER]"))
}

#[test]
fn they_are_listed_build_and_go() {
    let space = testbed().namespace("buildx");
    // Others' things with names and labels that are alike.
    space.kubectl("create configmap kube0-config-map");
    space.kubectl("create deployment kube --image=busybox --replicas=0");
    space.kubectl("create secret generic kube0");
    space.kubectl("label secret kube0 app=kube0");
    let before = objects(&space);
    apply(
        &space,
        &["config", "certificates", "deployment", "rootless"],
    );
    let first = ready_pod(&space, "kube0");
    let second = ready_pod(&space, "kube1");

    let list = space.run("ls").done();
    // The rest differs with the emulators that the cluster node happens to have.
    let platforms = regex::Regex::new(r"(linux/amd64\*?).*").unwrap();
    let text = platforms
        .replace_all(&list.transcript(), "$1 […]")
        .into_owned();
    insta::assert_snapshot!(space.redact(&text));
    build(&space, "--builder kube", COPIES).done();
    build(&space, "--builder kube1", RUNS).done();
    // No command is left behind in the pods, not even by who was killed.
    let context = Folder::with_dockerfile("FROM busybox\nRUN echo awake; sleep 600\n");
    let line = format!("build --builder kube1 {}", context.path().display());
    let killed = space.start(&line);
    killed.said("awake");
    killed.signal(Signal::KILL);
    let _ = killed.wait();
    for pod in [&first, &second] {
        space.wait_for("the end of all commands", |space| {
            let processes = space.kubectl(&format!("exec {pod} -- ps"));
            processes.contains("buildkitd") && !processes.contains("dial-stdio")
        });
    }

    let there = objects(&space);
    let would = space.run("rm kube --dry-run=client").done();
    assert_eq!(
        would.stdout(),
        "configmap/kube0-config deleted (dry run)\n\
         configmap/kube0-config-1 deleted (dry run)\n\
         deployment.apps/kube0 deleted (dry run)\n\
         deployment.apps/kube1 deleted (dry run)\n"
    );
    assert_eq!(objects(&space), there);
    let removed = space.run("rm kube").done();
    assert_eq!(removed.stdout(), "builder/kube deleted\n");
    assert_eq!(objects(&space), before);
    let again = space.run("rm kube").code(3);
    assert!(again.stderr.contains("no builder kube"), "{}", again.stderr);
}

#[test]
fn one_that_cannot_be_reached_says_why() {
    let space = testbed().namespace("buildxwhy");
    apply(&space, &["config", "certificates", "deployment"]);
    let pod = ready_pod(&space, "kube0");
    space.kubectl(&format!("exec {pod} -- rm /run/buildkit/buildkitd.sock"));
    let unheard = space.run("ls").done();
    let no_socket = build(&space, "--builder kube", COPIES).code(4);
    space.kubectl(&format!("exec {pod} -- rm /usr/bin/buildctl"));
    let no_program = build(&space, "--builder kube", COPIES).code(4);
    // The rest is worded by the container runtime.
    let words = r#"exec: "buildctl": executable file not found in $PATH"#;
    assert!(no_program.stderr.contains(words), "{}", no_program.stderr);
    let text = unheard.transcript() + &no_socket.failure();
    insta::assert_snapshot!(redacted(&space, &text));
}

#[test]
fn volumes_go_with_the_builder_unless_they_are_kept() {
    let space = testbed().namespace("buildxpvc");
    let before = objects(&space);
    let claim = "persistentvolumeclaim/buildkitd-builder-amd64-0";
    apply(&space, &["stateful-set"]);
    space.wait_for("the claim", |space| objects(space).contains(claim));
    let list = space.run("ls -o json").done();
    let list: serde_json::Value = serde_json::from_str(list.stdout()).unwrap();
    assert_eq!(list["items"][0]["name"], "builder-amd64");
    assert_eq!(list["items"][0]["madeBy"], "buildx");

    space.run("rm builder-amd64 --keep-state").done();
    assert!(objects(&space).contains(claim));
    assert!(!objects(&space).contains("statefulset"));
    apply(&space, &["stateful-set"]);
    space.run("rm builder-amd64").done();
    assert_eq!(objects(&space), before);
}

#[test]
fn they_are_scaled_and_keep_their_settings() {
    let space = testbed().namespace("buildxscale");
    apply(&space, &["rootless"]);
    let mut said = String::new();
    for line in [
        "scale kube1 --replicas 2",
        "stop kube1 --wait",
        "start kube1 --node kube1",
    ] {
        said += space.run(line).done().stdout();
    }
    assert_eq!(
        said,
        "node/kube1 scaled: 2 pods instead of 1\nnode/kube1 stopped\nnode/kube1 started: 2 pods\n"
    );
    let shown = space.run("scale kube1 --replicas 3 -o name").done();
    assert_eq!(shown.stdout(), "deployment.apps/kube1\n");
    let deployment = "get deployment kube1 -o jsonpath={.spec}";
    let before = space.kubectl(deployment);
    let refused = space.run("rotate-certs kube1").code(2);
    insta::assert_snapshot!(space.redact(&refused.transcript()));
    assert_eq!(space.kubectl(deployment), before);
}

/// Everything about the workloads but what their controllers say.
fn settings(space: &Namespace) -> String {
    let fields =
        "{.metadata.labels}{.metadata.annotations}{.metadata.managedFields[*].manager}{.spec}";
    let form = format!("jsonpath={{range.items[*]}}{fields}{{end}}");
    space.kubectl(&format!("get deployments --show-managed-fields -o {form}"))
}

/// A builder `kube` of buildx's, with pods that are ready.
fn kube(purpose: &str) -> (Namespace, String) {
    let space = testbed().namespace(purpose);
    let before = objects(&space);
    apply(
        &space,
        &["config", "certificates", "deployment", "rootless"],
    );
    ready_pod(&space, "kube0");
    ready_pod(&space, "kube1");
    (space, before)
}

#[test]
fn what_an_adoption_changes_is_shown_before() {
    let (space, _) = kube("adoptdiff");
    let (there, set) = (objects(&space), settings(&space));
    let diff = space.run("update kube --diff").code(1);
    let mut gone = diff.stdout().lines().filter(|line| line.starts_with('-'));
    let probe = gone.find(|line| line.contains("livenessProbe"));
    assert!(probe.is_some(), "{}", diff.stdout());
    let would = space.run("update kube --dry-run=server").done();
    insta::assert_snapshot!(space.redact(&would.transcript()));
    assert_eq!((objects(&space), settings(&space)), (there, set));
}

#[test]
fn an_adopted_one_is_ours_in_all_respects() {
    let (space, before) = kube("adopt");
    let context = Folder::with_dockerfile("FROM busybox\nRUN echo began; sleep 6; echo ended\n");
    let line = format!(
        "build --builder kube1 --progress plain {}",
        context.path().display()
    );
    let running = space.start(&line);
    running.said(" began\n");
    let mut seen = space
        .run("update kube --bootstrap")
        .done()
        .stdout()
        .to_owned();
    let ended = running.wait().done().stderr;
    assert!(ended.contains(" ended\n"), "{ended}");

    let built = build(&space, "--builder kube", COPIES).done();
    assert!(!built.stderr.contains("using exec"), "{}", built.stderr);
    let set = settings(&space);
    assert_eq!(set.matches("tcp://127.0.0.1:").count(), 2, "{set}");
    let gone = "livenessProbe adopted-by left-over configMap kubectl-create";
    for gone in gone.split(' ') {
        assert!(!set.contains(gone), "{gone}: {set}");
    }
    for line in [
        "update kube --replicas 1",
        "update kube",
        "update kube --node kube1 --env A=1",
        "update kube --node kube1 --unset env.A",
        "rotate-certs kube --node kube1",
    ] {
        seen += &space.run(line).transcript();
    }
    insta::assert_snapshot!(space.redact(&seen));
    space.run("rm kube").done();
    space.wait_for("the end of all", |space| objects(space) == before);
}

#[test]
fn a_killed_adoption_is_completed() {
    let space = testbed().namespace("killadopt");
    let before = objects(&space);
    for milliseconds in [40, 70, 90, 110, 130, 160] {
        apply(
            &space,
            &["config", "certificates", "deployment", "rootless"],
        );
        space.kubectl("scale deployment kube0 kube1 --replicas 0");
        let running = space.start("update kube");
        std::thread::sleep(Duration::from_millis(milliseconds));
        running.signal(Signal::KILL);
        let _ = running.wait();
        let again = space.run("update kube");
        assert!(
            again.code == 0 || again.stderr.contains("nothing to update"),
            "{}",
            again.transcript()
        );
        let unchanged = space.run("update kube --replicas 0").done();
        assert_eq!(
            unchanged.stdout(),
            "node/kube0 unchanged\nnode/kube1 unchanged\n"
        );
        assert!(!objects(&space).contains("configmap/kube0"));
        space.run("rm kube").done();
        space.wait_for("the end of all", |space| objects(space) == before);
    }
}

#[test]
fn one_of_ours_with_the_same_name_wins() {
    let space = testbed().namespace("buildxsame");
    apply(&space, &["rootless"]);
    space.run("create kube --replicas 0").done();
    let names = space.run("ls -o name").done();
    assert_eq!(names.stdout(), "kube\nkube1\n");
    space.run("rm kube").done();
    assert!(objects(&space).contains("deployment.apps/kube1"));
    space.run("rm kube1").done();
    assert!(!objects(&space).contains("deployment.apps"));
}

#[test]
fn exec_does_where_port_forwards_are_refused() {
    let space = testbed().namespace("refused");
    space.run("create demo --bootstrap").done();
    let rights = "create role some --verb=get,list,watch --resource=pods,deployments,statefulsets";
    space.kubectl(rights);
    space.kubectl("create rolebinding some --role=some --user=somebody");
    let neither = build(&space, "--as somebody --builder demo", RUNS).code(5);

    space.kubectl("create role exec --verb=get,create --resource=pods/exec");
    space.kubectl("create rolebinding exec --role=exec --user=somebody");
    // The client's Secret is not needed either: it may not be read.
    let built = build(&space, "--as somebody --builder demo", RUNS).done();
    let note = built
        .stderr
        .lines()
        .find(|line| line.contains("using exec"));
    let list = space.run("ls --as somebody").done();
    assert!(
        list.stdout().contains("linux/amd64"),
        "{}",
        list.transcript()
    );
    let text = format!("{}{}\n", neither.failure(), note.unwrap_or_default());
    insta::assert_snapshot!(redacted(&space, &text));
}
