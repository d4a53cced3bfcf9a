//! Builders with a configuration and flags of the daemon, on a real cluster.

use crate::support::folder::Folder;
use crate::support::plugin::Finished;
use crate::support::testbed::{Namespace, testbed};
use crate::support::tls_registry::TlsRegistry;

const FLAGS: &str =
    "--debug --oci-worker-labels team=a --allow-insecure-entitlement=security.insecure";

/// A configuration that stands for the image's own, and knows one more registry.
fn config(registry: &TlsRegistry) -> String {
    let (plain, tls) = (testbed().get("REGISTRY"), registry.address);
    format!(
        "[registry.\"docker.io\"]\nmirrors = [{plain:?}]\n[registry.{plain:?}]\nhttp = true\n\
         [registry.\"{tls}\"]\nca = [\"ca.pem\"]\n[[registry.\"{tls}\".keypair]]\n\
         cert = \"client.pem\"\nkey = \"client.key\"\n"
    )
}

fn create(space: &Namespace, registry: &TlsRegistry, flags: &str) -> Finished {
    let file = registry.files.join("buildkitd.toml");
    let line = format!("create demo {flags} --buildkitd-config {}", file.display());
    space.plugin(&line).args(["--buildkitd-flags", FLAGS]).run()
}

/// A build on an image of the registry that wants certificates, pushed to the one over plain http.
fn build(space: &Namespace, registry: &TlsRegistry) -> Finished {
    let text = format!(
        "FROM busybox\nCOPY --from={}/library/busybox /bin/busybox /b\n",
        registry.address
    );
    let context = Folder::with_dockerfile(&text);
    let image = format!("{}/{}", testbed().get("REGISTRY"), space.name);
    space.run(&format!(
        "build {} -t {image} --push",
        context.path().display()
    ))
}

/// What the daemon says of its worker.
pub(super) fn worker(space: &Namespace) -> String {
    let pod = space.kubectl("get pods -o jsonpath={.items[0].metadata.name}");
    let path = "jsonpath={.items[0].spec.containers[0].args[1]}";
    let socket = space.kubectl(&format!("get pods -o {path}"));
    space.kubectl(&format!(
        "exec {pod} -- buildctl --addr {socket} debug workers -v"
    ))
}

fn reaches_the_daemon(purpose: &str, mode: &str) {
    let space = testbed().namespace(purpose);
    let registry = TlsRegistry::before(testbed().get("REGISTRY"));
    registry.files.write("buildkitd.toml", config(&registry));
    let created = create(&space, &registry, &format!("{mode} --bootstrap"));
    assert_eq!(created.done().stdout(), "builder/demo created\n");
    build(&space, &registry).done();
    let worker = worker(&space);
    assert!(worker.contains("team:"), "{worker}");

    // Another order and a comment are no change; what is not in a build anywhere is a key.
    let same = format!("# the same\n{}", config(&registry));
    registry.files.write("buildkitd.toml", same);
    let again = create(&space, &registry, mode);
    assert_eq!(again.done().stdout(), "builder/demo unchanged\n");
    let pods = space.kubectl("get deployments,pods -o yaml");
    assert!(!pods.contains("BEGIN"), "{pods}");

    space.run("rm demo").done();
    assert!(!space.objects().contains("secret"), "{}", space.objects());
}

#[test]
fn it_reaches_a_daemon_with_privileges() {
    reaches_the_daemon("configured", "");
}

#[test]
fn it_reaches_a_daemon_without_privileges() {
    reaches_the_daemon("configured-rootless", "--rootless");
}

#[test]
fn another_one_is_shown_by_its_names_and_can_be_taken() {
    let space = testbed().namespace("reconfigured");
    let registry = TlsRegistry::before(testbed().get("REGISTRY"));
    let file = registry.files.join("buildkitd.toml");
    let config = config(&registry);
    let (without, _) = config.split_once("ca =").unwrap();
    registry.files.write("buildkitd.toml", without);
    create(&space, &registry, "--bootstrap").done();
    build(&space, &registry).code(1);

    registry.files.write("buildkitd.toml", &config);
    let refused = create(&space, &registry, "").code(2);
    for part in [
        ".ca in buildkitd.toml is new",
        "the file client-1.key of its configuration is new",
    ] {
        assert!(refused.stderr.contains(part), "{}", refused.transcript());
    }
    let hint = format!(
        "update demo --node demo0 --buildkitd-config {}",
        file.display()
    );
    assert!(refused.stderr.contains(&hint), "{}", refused.transcript());
    let diff = space.run(&format!("{hint} --diff"));
    assert_eq!(diff.code, 1, "{}", diff.transcript());
    let shown = diff.stdout();
    assert!(shown.contains("*** (after)"), "{shown}");
    assert!(!shown.contains("BEGIN"), "{shown}");
    space.run(&format!("{hint} --bootstrap")).done();
    build(&space, &registry).done();

    let none = "update demo --unset buildkitd-config,buildkitd-flags --bootstrap";
    space.run(none).done();
    assert!(!space.objects().contains("demo0-config"));
    build(&space, &registry).code(1);
}

#[test]
fn the_cache_follows_the_size_of_its_place() {
    let space = testbed().namespace("cache-size");
    space
        .run("create demo --bootstrap --memory-cache 256Mi")
        .done();
    let worker = worker(&space);
    assert!(worker.contains("214MB"), "{worker}");
}
