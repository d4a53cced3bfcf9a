//! Builders with options, on a real cluster.

use crate::support::folder::Folder;
use crate::support::podman::Podman;
use crate::support::testbed::testbed;

const FLAGS: [&str; 24] = [
    "--requests",
    "cpu=10m,memory=64Mi,ephemeral-storage=16Mi",
    "--limits",
    "memory=2Gi",
    "--node-selector",
    "kubernetes.io/os=linux,kubernetes.io/arch=amd64",
    "--toleration",
    "dedicated=builds:NoSchedule",
    "--toleration",
    "spot",
    "--label",
    "team=a",
    "--annotation",
    "example.com/note=hello, world",
    "--env",
    "NO_PROXY=localhost,10.0.0.0/8",
    "--service-account",
    "builder",
    "--scheduler-name",
    "default-scheduler",
    "--memory-cache",
    "256Mi",
    "--loadbalance",
    "random",
];

/// The same, as a script has it that went through YAML and a shell.
const DRIVER_OPTIONS: [&str; 7] = [
    r#""requests.cpu=10m,requests.memory=64Mi","requests.ephemeral-storage=16Mi",limits.memory=2Gi"#,
    r#"nodeSelector="kubernetes.io/os=linux,kubernetes.io/arch=amd64""#,
    r#"\"tolerations=key=dedicated,value=builds,effect=noschedule;key=spot,operator=exists\""#,
    r#"labels=team=a,annotations='{"example.com/note":"hello, world"}'"#,
    "env.NO_PROXY=localhost,10.0.0.0/8",
    "serviceaccount=builder,schedulername=default-scheduler",
    "buildkit-root-volume-memory=256Mi\nloadbalance=Random\n",
];

#[test]
fn options_reach_the_pods_in_both_spellings() {
    let space = testbed().namespace("options");
    space.kubectl("create serviceaccount builder");
    let created = space.plugin("create demo --bootstrap").args(FLAGS).run();
    assert_eq!(created.done().stdout(), "builder/demo created\n");
    let columns = "custom-columns=:.spec.serviceAccountName,:.metadata.labels.team,:.spec.volumes[?(@.name=='state')].emptyDir.sizeLimit";
    let pods = space.kubectl(&format!("get pods --no-headers -o {columns}"));
    assert_eq!(
        pods.split_whitespace().collect::<Vec<_>>(),
        ["builder", "a", "256Mi"]
    );

    let options = DRIVER_OPTIONS
        .iter()
        .flat_map(|text| ["--driver-opt", text]);
    let again = space
        .plugin("create demo --bootstrap --driver kubernetes")
        .args(options)
        .run()
        .done();
    assert_eq!(
        again.stdout(),
        "builder/demo unchanged\n",
        "{}",
        again.transcript()
    );

    let other = space.run("create demo --driver-opt nodeselector=a=b,rootless=true");
    let other = other.code(2);
    let note = "note: rootless=true is read as the option rootless";
    assert!(other.stderr.starts_with(note), "{}", other.transcript());
    assert!(other.stderr.contains("with other settings"));
}

#[test]
fn the_namespace_may_be_an_option() {
    let space = testbed().namespace("option-namespace");
    let elsewhere = testbed().namespace("option-elsewhere");
    let line = format!("create demo --driver-opt namespace={}", space.name);
    let refused = elsewhere.run(&line).code(2);
    assert!(
        refused.stderr.contains("two namespaces"),
        "{}",
        refused.transcript()
    );
    space.run(&line).done();
    assert!(space.objects().contains("deployment.apps/demo0"));
}

#[test]
fn a_builder_that_loads_by_default_loads() {
    let space = testbed().namespace("load-default");
    space.run("create demo --default-load --replicas 0").done();
    let context = Folder::with_dockerfile("FROM scratch\nCOPY Dockerfile /\n");
    let path = context.path().display().to_string();
    let nowhere = format!("unix://{path}/none.sock");
    let line = format!("build -t example.test/by-default:1 {path}");
    let refused = space
        .plugin(&line)
        .env("DOCKER_HOST", &nowhere)
        .run()
        .code(2);
    let refused = space.redact(&refused.failure()).replace(&path, "[CONTEXT]");
    insta::assert_snapshot!(refused);

    let podman = Podman::start();
    let images = || podman.run(&["images", "--format", "{{.Repository}}:{{.Tag}}"]);
    let with_podman = |line: &str| space.plugin(line).env("DOCKER_HOST", podman.host());
    let out = Folder::new();
    let place = out.join("out").display().to_string();
    with_podman(&format!("build -o {place} {path}"))
        .run()
        .done();
    let off = with_podman(&line)
        .env("BUILDX_NO_DEFAULT_LOAD", "1")
        .run()
        .done();
    assert!(!off.stderr.contains("No output"), "{}", off.transcript());
    with_podman(&format!("{line} -o type=cacheonly"))
        .run()
        .done();
    assert_eq!(images(), "");
    with_podman(&line).run().done();
    assert_eq!(images(), "example.test/by-default:1");

    let updated = space.run("update demo --default-load=false").done();
    assert_eq!(updated.stdout(), "node/demo0 configured: its pods stay\n");
    let kept = with_podman(&format!("build {path}")).run().done();
    assert!(kept.stderr.contains("No output"), "{}", kept.transcript());
}
