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
