//! `build` on builders of the cluster.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use rustix::process::Signal;

use crate::support::folder::Folder;
use crate::support::plugin::Finished;
use crate::support::skopeo::skopeo;
use crate::support::testbed::{Namespace, testbed};

fn hello() -> Folder {
    Folder::with_dockerfile("FROM busybox\nCOPY hello /hello\nENTRYPOINT [\"cat\", \"/hello\"]\n")
        .file("hello", "hello from a pod\n")
}

#[test]
fn an_image_is_pushed_as_the_metadata_says_and_runs() {
    let space = testbed().namespace("push");
    let (context, out) = (hello(), Folder::new());
    let image = format!("{}/{}:v1", testbed().get("REGISTRY"), space.name);
    let metadata = out.join("metadata.json");
    let line = format!(
        "build {} -t {image} --push -q --metadata-file {}",
        context.path().display(),
        metadata.display()
    );
    let run = space.run(&line).done();

    let metadata: serde_json::Value = serde_json::from_str(&out.read("metadata.json")).unwrap();
    let digest = metadata["containerimage.digest"].as_str().unwrap();
    let name = format!("docker://{image}");
    let seen = skopeo(&[
        "inspect",
        "--tls-verify=false",
        "--format",
        "{{.Digest}}",
        &name,
    ]);
    assert_eq!(seen, digest);
    assert_eq!(run.stdout().trim(), digest);
    let reference = metadata["buildx.build.ref"].as_str().unwrap();
    assert!(reference.starts_with("buildkit/buildkit0/"), "{reference}");

    space.kubectl(&format!("run hello --restart=Never --image={image}"));
    space.wait_for("the pod", |space| {
        space.kubectl("get pod hello").contains("Completed")
    });
    assert_eq!(space.kubectl("logs hello"), "hello from a pod\n");
}

#[test]
fn labels_and_platform_are_in_the_image() {
    let space = testbed().namespace("config");
    let context =
        Folder::with_dockerfile("FROM scratch\nLABEL a=1\nCOPY hello /\n").file("hello", "");
    let image = format!("{}/{}:v1", testbed().get("REGISTRY"), space.name);
    let line = format!(
        "build {} -o type=registry,name={image},oci-mediatypes=true --pull --label a=2 --label b --platform linux/arm64",
        context.path().display()
    );
    space
        .plugin(&line)
        .env("b", "from the environment")
        .run()
        .done();
    let name = format!("docker://{image}");
    let arguments = [
        "inspect",
        "--tls-verify=false",
        "--override-arch=arm64",
        "--config",
        &name,
    ];
    let config: serde_json::Value = serde_json::from_str(&skopeo(&arguments)).unwrap();
    assert_eq!(config["architecture"], "arm64");
    assert_eq!(config["config"]["Labels"]["a"], "2");
    // Other than a build argument, a label without a value is an empty one, as in buildx.
    assert_eq!(config["config"]["Labels"]["b"], "");
}

#[test]
fn without_a_builder_the_default_one_is_made_unless_forbidden() {
    let space = testbed().namespace("default");
    let context = hello();
    let line = format!("build {}", context.path().display());

    let forbidden = space.run(&format!("{line} --no-create"));
    assert_eq!(forbidden.code, 3, "{}", forbidden.transcript());
    insta::assert_snapshot!("no_create", space.redact(&forbidden.stderr));
    let unknown = space.run(&format!("{line} --no-create --builder demo"));
    assert_eq!(unknown.code, 3, "{}", unknown.transcript());
    assert_eq!(space.objects(), "");

    let made = space.run(&line).done();
    let note = format!(
        "no builder in namespace \"{}\": making buildkit\n",
        space.name
    );
    assert!(made.stderr.contains(&note), "{}", made.transcript());
    let again = space.run(&line).done();
    assert!(!again.stderr.contains("making"), "{}", again.transcript());
}

#[test]
fn an_unknown_builder_and_a_choice_of_two() {
    let space = testbed().namespace("choice");
    space.run("create one").done();
    space.run("create two").done();
    let context = hello();
    let line = format!("build {}", context.path().display());

    let unknown = space.run(&format!("{line} --builder onne"));
    assert_eq!(unknown.code, 3, "{}", unknown.transcript());
    insta::assert_snapshot!("unknown_builder", space.redact(&unknown.stderr));
    let several = space.run(&line);
    assert_eq!(several.code, 2, "{}", several.transcript());
    insta::assert_snapshot!("several_builders", space.redact(&several.stderr));
    space.run(&format!("{line} --builder two")).done();
}

#[test]
fn a_rootless_builder_builds() {
    let space = testbed().namespace("rootless-build");
    space.run("create demo --rootless").done();
    let context = Folder::with_dockerfile("FROM busybox\nRUN id -u > /user\n");
    space
        .run(&format!("build {}", context.path().display()))
        .done();
}

#[test]
fn a_step_cannot_command_the_daemon() {
    let space = testbed().namespace("step");
    let buildctl = format!("{}/buildctl", testbed().get("BIN"));
    let context = Folder::with_dockerfile(
        "FROM busybox\nCOPY buildctl /\n\
         RUN nc -w 3 127.0.0.1 1234 < /dev/null && echo the port is open\n\
         RUN /buildctl --timeout 3 --addr tcp://127.0.0.1:1234 debug workers 2>&1 \
           && echo it obeyed || echo it refused\n",
    )
    .file("buildctl", std::fs::read(buildctl).unwrap());
    std::fs::set_permissions(
        context.join("buildctl"),
        std::fs::Permissions::from_mode(0o755),
    )
    .unwrap();
    let run = space
        .run(&format!("build {}", context.path().display()))
        .done();
    let said = |words: &str| run.stderr.lines().any(|line| line.ends_with(words));
    assert!(said(" the port is open"), "{}", run.transcript());
    assert!(
        said(" it refused") && !said(" it obeyed"),
        "{}",
        run.transcript()
    );
}

/// A home with a docker config file for the registry that wants a password.
fn home(config: &serde_json::Value) -> Folder {
    Folder::new().file(".docker/config.json", config.to_string())
}

fn push_to_the_locked_registry(space: &Namespace, home: &Folder, path: &str) -> Finished {
    let context = hello();
    let image = format!("{}/{}", testbed().get("AUTH_REGISTRY"), space.name);
    let line = format!("build {} -t {image} --push", context.path().display());
    space
        .plugin(&line)
        .home(home.path())
        .env("PATH", path)
        .run()
}

const PATH: &str = "/usr/bin:/bin";

#[test]
fn a_registry_with_a_password() {
    let space = testbed().namespace("auth");
    let (user, password) = (testbed().get("AUTH_USER"), testbed().get("AUTH_PASSWORD"));
    let registry = testbed().get("AUTH_REGISTRY");

    let refused = push_to_the_locked_registry(&space, &Folder::new(), PATH);
    assert_eq!(refused.code, 1, "{}", refused.transcript());
    assert!(
        refused.stderr.contains("401 Unauthorized"),
        "{}",
        refused.transcript()
    );

    let entry = serde_json::json!({"auths": {registry: {"username": user, "password": password}}});
    let pushed = push_to_the_locked_registry(&space, &home(&entry), PATH);
    assert_eq!(pushed.code, 0, "{}", pushed.transcript());

    let helper = Folder::new().file(
        "docker-credential-testbed",
        format!(
            "#!/bin/sh\nread -r server\n[ \"$server\" = {registry} ] || exit 1\n\
                 echo '{{\"Username\": \"{user}\", \"Secret\": \"{password}\"}}'\n"
        ),
    );
    let program = helper.join("docker-credential-testbed");
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let config = home(&serde_json::json!({"credHelpers": {registry: "testbed"}}));
    let path = format!("{}:{PATH}", helper.path().display());
    let with_helper = push_to_the_locked_registry(&space, &config, &path);
    assert_eq!(with_helper.code, 0, "{}", with_helper.transcript());

    let traces = space.kubectl("get all,secrets,configmaps,events -o yaml")
        + &space.kubectl("logs -l app.kubernetes.io/name=buildkitd --tail=-1")
        + &pushed.transcript()
        + &with_helper.transcript();
    assert!(traces.contains("buildkitd"));
    assert!(
        !traces.contains(password),
        "the password was left somewhere"
    );
}

#[test]
fn a_helper_that_is_missing_is_named() {
    let space = testbed().namespace("helper");
    let registry = testbed().get("AUTH_REGISTRY");
    let config = home(&serde_json::json!({"credHelpers": {registry: "of-no-such-name"}}));
    let failed = push_to_the_locked_registry(&space, &config, PATH);
    assert_eq!(failed.code, 1, "{}", failed.transcript());
    let expected = "error: cannot run the credential helper docker-credential-of-no-such-name";
    assert!(failed.stderr.contains(expected), "{}", failed.transcript());
}

#[test]
fn interrupted_the_step_ends_in_the_pod() {
    let space = testbed().namespace("interrupt");
    space.run("create demo --bootstrap").done();
    let pod = space.kubectl("get pods -o jsonpath={.items[0].metadata.name}");
    let context = Folder::with_dockerfile("FROM busybox\nRUN sleep 86400\n");
    let line = format!("build {}", context.path().display());
    let runs = |space: &Namespace| {
        space
            .kubectl(&format!("exec {pod} -- ps -o args"))
            .contains("sleep 86400")
    };

    let child = space.start(&line);
    space.wait_for("the step", runs);
    child.signal(Signal::INT);
    space.within(Duration::from_secs(2), "the end of the step", |space| {
        !runs(space)
    });
    let run = child.wait();
    assert_eq!(run.code, 130, "{}", run.transcript());
}

#[test]
fn a_builder_that_cannot_come_up_says_why() {
    let space = testbed().namespace("broken");
    let image = format!("{}/nothing:1", testbed().get("REGISTRY"));
    space.run(&format!("create demo --image {image}")).done();
    let context = hello();
    let failed = space.run(&format!("build {}", context.path().display()));
    assert_eq!(failed.code, 4, "{}", failed.transcript());
    insta::assert_snapshot!(
        "broken_builder",
        space
            .redact(&failed.failure())
            .lines()
            .skip(1)
            .collect::<Vec<_>>()
            .join("\n")
    );
}
