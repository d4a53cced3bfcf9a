//! What goes wrong, word by word: message, cause, hint, exit code.

use crate::support::plugin::Plugin;
use crate::support::testbed::testbed;

#[test]
fn nobody_listens() {
    let space = testbed().namespace("refused");
    let run = space.run("create demo --server https://127.0.0.1:1");
    insta::assert_snapshot!(space.redact(&run.transcript()));
}

#[test]
fn no_such_kube_context() {
    let space = testbed().namespace("context");
    let run = space.run("ls --context nowhere");
    insta::assert_snapshot!(space.redact(&run.transcript()));
}

#[test]
fn no_kubeconfig() {
    let run = Plugin::new("ls").env("HOME", "/nowhere").run();
    insta::assert_snapshot!(run.transcript());
}

#[test]
fn a_viewer_may_look_but_not_create() {
    let space = testbed().namespace("viewer");
    let viewer = format!("--context {}-viewer", testbed().get("CONTEXT"));
    let create = space.run(&format!("create demo {viewer}"));
    let list = space.run(&format!("ls {viewer}"));
    insta::assert_snapshot!(space.redact(&(create.transcript() + &list.transcript())));
}

#[test]
fn no_such_namespace() {
    let space = testbed().namespace("missing");
    testbed().kubectl(&["delete", "namespace", &space.name]);
    let run = space.run("create demo");
    insta::assert_snapshot!(space.redact(&run.transcript()));
}

#[test]
fn an_image_that_nobody_has() {
    let space = testbed().namespace("image");
    let line = format!(
        "create demo --bootstrap --image {}/none:1",
        testbed().get("REGISTRY")
    );
    let run = space.run(&line);
    insta::assert_snapshot!(space.redact(&run.failure()));
    let list = space.run("ls").done();
    assert!(list.stdout().contains("error"), "{}", list.transcript());
    assert!(list.stderr.contains("Image"), "{}", list.transcript());
}

#[test]
fn a_namespace_that_takes_no_privileged_pods() {
    let space = testbed().namespace("restricted");
    let label = "pod-security.kubernetes.io/enforce=restricted";
    testbed().kubectl(&["label", "namespace", &space.name, label]);
    let run = space.run("create demo --bootstrap");
    insta::assert_snapshot!(space.redact(&run.failure()));
}

#[test]
fn a_quota_that_is_used_up() {
    let space = testbed().namespace("quota");
    space.kubectl("create quota none --hard=pods=0");
    let run = space.run("create demo --bootstrap");
    insta::assert_snapshot!(space.redact(&run.failure()));
}

/// A privileged image does not run as another user.
#[test]
fn a_daemon_that_ends_again_and_again() {
    let space = testbed().namespace("crash");
    let line = "create demo --rootless --image moby/buildkit:buildx-stable-1 --bootstrap";
    let run = space.run(line);
    assert_eq!(run.code, 4);
    for words in ["CrashLoopBackOff", "its last words:", "kubectl logs demo0-"] {
        assert!(run.stderr.contains(words), "{words}: {}", run.transcript());
    }
}

#[test]
fn a_pod_that_fits_nowhere_is_waited_for_until_time_is_over() {
    let space = testbed().namespace("full");
    space.run("create demo").done();
    space.kubectl("patch deployment demo0 --type=merge -p {\"spec\":{\"template\":{\"spec\":{\"nodeSelector\":{\"no\":\"where\"}}}}}");
    space.kubectl("scale deployment demo0 --replicas=0");
    space.kubectl("wait --for=delete pods --all --timeout=60s");
    space.kubectl("scale deployment demo0 --replicas=1");
    // The same settings but for the selector: it refuses, and says which.
    let other = space.run("create demo --bootstrap --timeout 2s");
    insta::assert_snapshot!(space.redact(&other.failure()));
}
