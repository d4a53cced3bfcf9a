//! Defaults of a kube context, on a real cluster.

use crate::support::folder::Folder;
use crate::support::shell::Shell;
use crate::support::testbed::testbed;

#[test]
fn defaults_of_a_namespace_count_in_it_alone() {
    let space = testbed().namespace("defaults");
    let shell = Shell::new(&space);
    shell
        .home
        .write("app/Dockerfile", "FROM scratch\nCOPY . /\n");
    shell.done("kubectl buildkit config set create.label team=everywhere");
    shell.done("kubectl buildkit config set -n elsewhere build.push true");
    let namespace = &space.name;
    shell.done(&format!(
        "kubectl buildkit config set -n {namespace} create.label team=a"
    ));
    shell.done("kubectl buildkit config set builder mine");
    // The kube context and its namespace are those of the kubeconfig; the builder is what `create` makes.
    let built = shell.done("kubectl buildkit build app");
    assert!(built.contains("making mine"), "{built}");
    let labels = space.kubectl("get deployments -o jsonpath={.items[*].metadata.labels.team}");
    assert_eq!(labels, "a");
    let view = shell.done("kubectl buildkit config view");
    assert!(view.contains("team=a") && !view.contains("push"), "{view}");
    let other = shell.done("kubectl buildkit config view -n elsewhere");
    assert!(other.contains("team=everywhere"), "{other}");
    shell.done("KUBECTL_BUILDKIT_WAIT=false kubectl buildkit rm mine");
}

#[test]
fn what_a_builder_says_counts_less_than_a_file_and_more_than_what_is_built_in() {
    let space = testbed().namespace("annotated");
    let config = Folder::new();
    let build = |context: &str, file: &str| {
        config.write("config.toml", file);
        let line = format!("build {context}");
        let run = space
            .plugin(&line)
            .env("KUBECTL_BUILDKIT_CONFIG", config.join("config.toml"))
            .run()
            .code(4);
        run.stderr
    };
    let never = "--node-selector no-such-label=x";
    space
        .run(&format!("create demo {never} --timeout 3s"))
        .done();
    let context = Folder::with_dockerfile("FROM scratch\n");
    let path = context.path().to_str().unwrap();
    let by_builder = build(path, "");
    assert!(by_builder.contains("after 3 s"), "{by_builder}");
    let by_file = build(path, "build.timeout = \"1s\"\n");
    assert!(by_file.contains("after 1 s"), "{by_file}");
}
