//! Builds for several platforms, on builders with several nodes.

use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::folder::Folder;
use crate::support::markdown::examples;
use crate::support::plugin::Finished;
use crate::support::skopeo::skopeo;
use crate::support::testbed::{Namespace, testbed};

/// Nodes as the documentation of buildx's Kubernetes driver names them, both on the same processor.
pub(super) fn two_nodes(space: &Namespace) {
    space
        .run("create kube --node builder-amd64 --platform linux/amd64 --bootstrap")
        .done();
    space
        .run("create --append --name kube --node builder-arm64 --platform linux/arm64 --bootstrap")
        .done();
}

/// What the testbed's node for arm64 wants of pods, as such nodes of clouds do.
const TOLERATION: &str = "--toleration dedicated=builds:NoSchedule";

/// Says in its log what it runs on.
fn processor() -> Folder {
    Folder::with_dockerfile("FROM busybox\nRUN echo this is $(uname -m)\n")
}

/// Each node ran the step of its own processor.
fn each_did_its_own(run: &Finished, nodes: [&str; 2]) {
    let [amd64, arm64] = nodes;
    for line in [
        &format!("[{amd64} linux/amd64 2/2] RUN echo this is $(uname -m)\n"),
        &format!("[{arm64} linux/arm64 2/2] RUN echo this is $(uname -m)\n"),
        " this is x86_64\n",
        " this is aarch64\n",
    ] {
        assert!(run.stderr.contains(line), "{line}: {}", run.transcript());
    }
}

#[test]
fn as_the_documentation_says() {
    let space = testbed().namespace("platforms-docs");
    let context = processor();
    let image = format!("{}/{}", testbed().get("REGISTRY"), space.name);
    let mut last = None;
    for example in &examples("docs/platforms.md")[..3] {
        let line = example.command.replace("\\\n", " ");
        let line = line.strip_prefix("kubectl buildkit ").unwrap();
        let line = match line.strip_suffix(" .") {
            Some(line) => format!("{line} {}", context.path().display()),
            None => line.to_owned(),
        };
        let line = line.replace("registry.example/you/app", &image);
        last = Some(space.run(&line).done());
    }
    each_did_its_own(&last.unwrap(), ["builder-amd64", "builder-arm64"]);
    let parts = ["linux/amd64", "linux/arm64"];
    let entries = entries(&index(&image));
    assert!(
        parts
            .iter()
            .all(|part| entries.iter().any(|entry| entry == part)),
        "{entries:?}"
    );
}

/// The first node could emulate arm64: native beats that.
#[test]
fn nothing_is_declared_and_native_beats_emulation() {
    let space = testbed().namespace("platforms-native");
    let selector = "--node-selector kubernetes.io/arch";
    space
        .run(&format!("create kube --node first {selector}=amd64"))
        .done();
    space
        .run(&format!(
            "create --append --name kube --node second {selector}=arm64 {TOLERATION}"
        ))
        .done();
    let run = build(&space, &processor(), "").done();
    each_did_its_own(&run, ["first", "second"]);
}

/// Runs nothing, so it builds for any platform without an emulator.
pub(super) fn files_only() -> Folder {
    Folder::with_dockerfile("FROM scratch\nARG TARGETARCH\nCOPY hello $TARGETARCH /\n")
        .file("hello", "hello\n")
        .file("amd64", "for amd64\n")
        .file("arm64", "for arm64\n")
}

pub(super) fn build(space: &Namespace, context: &Folder, rest: &str) -> Finished {
    let path = context.path().display();
    let line = format!("build --builder=kube --platform=linux/amd64,linux/arm64 {rest} {path}");
    space.run(&line)
}

/// The index of an image, as it is in the registry.
pub(super) fn index(image: &str) -> Value {
    let name = format!("docker://{image}");
    let text = skopeo(&["inspect", "--raw", "--tls-verify=false", &name]);
    serde_json::from_str(&text).unwrap()
}

/// `OS/ARCHITECTURE`, or what kind of attestation it is, of each entry.
pub(super) fn entries(index: &Value) -> Vec<String> {
    let entry = |entry: &Value| {
        let platform = &entry["platform"];
        match entry["annotations"]["vnd.docker.reference.type"].as_str() {
            Some(kind) => kind.to_owned(),
            None => [&platform["os"], &platform["architecture"]]
                .map(|part| part.as_str().unwrap())
                .join("/"),
        }
    };
    index["manifests"]
        .as_array()
        .unwrap()
        .iter()
        .map(entry)
        .collect()
}

/// Each attestation is about the image before it, and each image is whole.
fn can_be_pulled(image: &str, index: &Value) {
    for pair in index["manifests"].as_array().unwrap().chunks(2) {
        let about = &pair[1]["annotations"]["vnd.docker.reference.digest"];
        assert_eq!(*about, pair[0]["digest"]);
    }
    for architecture in ["amd64", "arm64"] {
        let folder = Folder::new();
        let to = format!("dir:{}", folder.path().display());
        let from = format!("docker://{image}");
        let copy = ["copy", "--src-tls-verify=false", "--override-arch"];
        skopeo(&[&copy[..], &[architecture, &from, &to]].concat());
    }
}

#[test]
fn two_nodes_push_one_image() {
    let space = testbed().namespace("platforms");
    two_nodes(&space);
    let (context, out) = (files_only(), Folder::new());
    let image = format!("{}/{}", testbed().get("REGISTRY"), space.name);
    let metadata = out.join("metadata.json");
    let rest = format!(
        "-t {image} -t {image}-too:v1 --push --metadata-file {}",
        metadata.display()
    );
    let run = build(&space, &context, &rest).done();

    let index = index(&image);
    let parts = [
        "linux/amd64",
        "attestation-manifest",
        "linux/arm64",
        "attestation-manifest",
    ];
    assert_eq!(entries(&index), parts, "{index}");
    assert_eq!(self::index(&format!("{image}-too:v1")), index);
    can_be_pulled(&image, &index);

    let metadata: Value = serde_json::from_str(&out.read("metadata.json")).unwrap();
    let digest = metadata["containerimage.digest"].as_str().unwrap();
    let format = ["inspect", "--tls-verify=false", "--format", "{{.Digest}}"];
    assert_eq!(
        skopeo(&[&format[..], &[&format!("docker://{image}")]].concat()),
        digest
    );
    let reference = |platform: &str| {
        let key = format!("buildx.build.ref/{platform}");
        metadata[&key].as_str().unwrap().to_owned()
    };
    assert!(
        reference("linux/amd64").starts_with("kube/builder-amd64/"),
        "{metadata}"
    );
    assert!(
        reference("linux/arm64").starts_with("kube/builder-arm64/"),
        "{metadata}"
    );

    for node in ["builder-amd64", "builder-arm64"] {
        let step = format!("[{node} internal] load build definition from Dockerfile\n");
        assert!(run.stderr.contains(&step), "{}", run.transcript());
    }
}

/// The daemons ask for the login, and this machine uses it for the index.
#[test]
fn two_nodes_push_to_a_registry_with_a_password() {
    let space = testbed().namespace("platforms-auth");
    two_nodes(&space);
    let (user, password) = (testbed().get("AUTH_USER"), testbed().get("AUTH_PASSWORD"));
    let registry = testbed().get("AUTH_REGISTRY");
    let config = serde_json::json!({"auths": {registry: {"username": user, "password": password}}});
    let home = Folder::new().file(".docker/config.json", config.to_string());
    let image = format!("{registry}/{}", space.name);
    let context = files_only();
    let line = format!(
        "build --builder=kube --platform=linux/amd64,linux/arm64 -t {image} --push {}",
        context.path().display()
    );
    let run = space.plugin(&line).home(home.path()).run().done();
    assert!(!run.transcript().contains(password));
    let (name, login) = (format!("docker://{image}"), format!("{user}:{password}"));
    let text = skopeo(&[
        "inspect",
        "--raw",
        "--tls-verify=false",
        "--creds",
        &login,
        &name,
    ]);
    let index: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(entries(&index).len(), 4, "{index}");
}

#[test]
fn two_nodes_fill_one_folder() {
    let space = testbed().namespace("platforms-local");
    two_nodes(&space);
    let (context, out) = (files_only(), Folder::new());
    build(&space, &context, &format!("-o {}", out.path().display())).done();
    let want = [
        "linux_amd64",
        "linux_amd64/amd64",
        "linux_amd64/hello",
        "linux_arm64",
        "linux_arm64/arm64",
        "linux_arm64/hello",
    ];
    assert_eq!(out.list(), want);
    assert_eq!(out.read("linux_arm64/arm64"), "for arm64\n");

    let delete = format!(
        "--allow buildx.local.delete -o type=local,mode=delete,dest={}",
        out.path().display()
    );
    for stale in ["linux_arm64/old", "linux_s390x/hello", "stale"] {
        out.write(stale, "");
    }
    build(&space, &context, &delete).done();
    assert_eq!(out.list(), want);

    // Both have `hello`, and a failed build deletes nothing.
    out.write("stale", "");
    let both = build(&space, &context, &format!("{delete},platform-split=false"));
    assert_eq!(both.code, 1, "{}", both.transcript());
    let error = "cannot write hello: the results of two platforms have it\n";
    assert!(both.stderr.contains(error), "{}", both.transcript());
    let there = out.list();
    assert!(
        there.iter().any(|name| name == "stale") && there.iter().any(|name| name == want[5]),
        "{there:?}"
    );
}

/// Standard input can be read only once, and both daemons want all of it.
#[test]
fn two_nodes_build_what_is_piped_in() {
    let space = testbed().namespace("platforms-piped");
    two_nodes(&space);
    let (context, out) = (files_only(), Folder::new());
    let archive = Command::new("tar")
        .arg("-C")
        .arg(context.path())
        .args(["-c", "."])
        .output()
        .unwrap();
    let line = "build --builder=kube --platform=linux/amd64,linux/arm64 -";
    let build = space.plugin(line).arg("-o").arg(out.path());
    build.input(archive.stdout).run().done();
    assert_eq!(out.read("linux_amd64/amd64"), "for amd64\n");
    assert_eq!(out.read("linux_arm64/arm64"), "for arm64\n");
}

#[test]
fn what_two_nodes_cannot_do() {
    let space = testbed().namespace("platforms-refused");
    two_nodes(&space);
    let (context, out) = (files_only(), Folder::new());
    let file = out.join("image.tar");
    let archive = build(
        &space,
        &context,
        &format!("-o type=docker,dest={}", file.display()),
    );
    assert_eq!(archive.code, 2, "{}", archive.transcript());
    let kept = build(&space, &context, "-o type=image,name=x");
    assert_eq!(kept.code, 2, "{}", kept.transcript());
    let at = kept.stderr.find("error: ").unwrap();
    insta::assert_snapshot!(
        "refused",
        format!("{}{}", archive.stderr, &kept.stderr[at..])
    );
    assert!(out.list().is_empty());

    let line = format!(
        "build --builder=kube --platform=linux/amd64,linux/riscv64 {}",
        context.path().display()
    );
    let nobody = space.run(&line);
    assert_eq!(nobody.code, 4, "{}", nobody.transcript());
    assert!(
        nobody
            .stderr
            .contains("error: no node of builder kube builds for linux/riscv64\n"),
        "{}",
        nobody.transcript()
    );
    assert!(
        nobody.stderr.contains("builder-arm64: linux/arm64"),
        "{}",
        nobody.transcript()
    );
    assert!(
        !nobody.stderr.contains("load build definition"),
        "{}",
        nobody.transcript()
    );
}

#[test]
fn one_platform_is_built_by_its_node_alone() {
    let space = testbed().namespace("platforms-one");
    two_nodes(&space);
    space.run("stop kube").done();
    let (context, out) = (files_only(), Folder::new());
    space.run("start kube --node builder-arm64").done();
    let line = format!(
        "build --builder=kube --platform=linux/arm64 -o type=oci,dest={} {}",
        out.join("image.tar").display(),
        context.path().display()
    );
    space.run(&line).done();
    let image = format!("oci-archive:{}", out.join("image.tar").display());
    let arguments = [
        "inspect",
        "--override-arch",
        "arm64",
        "--format",
        "{{.Architecture}}",
    ];
    assert_eq!(skopeo(&[&arguments[..], &[&image]].concat()), "arm64");
}

/// Fails on one node at once, and would take forever on the other.
fn half_broken() -> Folder {
    Folder::with_dockerfile(
        "FROM --platform=linux/amd64 busybox\nARG TARGETARCH\n\
         RUN [ $TARGETARCH = amd64 ] || exit 9\nRUN echo began; sleep 86400\n",
    )
}

fn sleeps(space: &Namespace) -> bool {
    let pods = space.kubectl("get pods -o jsonpath={.items[*].metadata.name}");
    let mut pods = pods.split_whitespace();
    pods.any(|pod| {
        space
            .kubectl(&format!("exec {pod} -- ps -o args"))
            .contains("sleep 86400")
    })
}

#[test]
fn a_failure_on_one_node_ends_the_build_on_the_others() {
    let space = testbed().namespace("platforms-failure");
    two_nodes(&space);
    let failed = build(&space, &half_broken(), "");
    assert_eq!(failed.code, 1, "{}", failed.transcript());
    assert!(
        failed
            .stderr
            .contains("error: node builder-arm64: failed to solve: "),
        "{}",
        failed.transcript()
    );
    space.within(
        Duration::from_secs(5),
        "the end of the other step",
        |space| !sleeps(space),
    );
}

#[test]
fn interrupted_and_lost() {
    let space = testbed().namespace("platforms-lost");
    two_nodes(&space);
    let context = Folder::with_dockerfile(
        "FROM --platform=linux/amd64 busybox\nARG TARGETARCH\nRUN echo on $TARGETARCH; sleep 86400\n",
    );
    let line = format!(
        "build --builder=kube --progress plain --platform=linux/amd64,linux/arm64 {}",
        context.path().display()
    );
    let running = space.start(&line);
    running.said(" on amd64\n");
    running.said(" on arm64\n");
    running.signal(Signal::INT);
    let run = running.wait();
    assert_eq!(run.code, 130, "{}", run.transcript());
    space.within(Duration::from_secs(5), "the end of the steps", |space| {
        !sleeps(space)
    });

    let running = space.start(&line);
    running.said(" on amd64\n");
    running.said(" on arm64\n");
    let pod = space.kubectl(
        "get pods -l app.kubernetes.io/instance=builder-arm64 -o jsonpath={.items[0].metadata.name}",
    );
    space.kubectl(&format!("delete pod {pod} --wait=false"));
    let run = running.wait();
    assert_eq!(run.code, 6, "{}", run.transcript());
    let words = format!("error: node builder-arm64: pod {pod} was lost: ");
    assert!(run.stderr.contains(&words), "{}", run.transcript());
    space.within(
        Duration::from_secs(5),
        "the end of the other step",
        |space| !sleeps(space),
    );
}
