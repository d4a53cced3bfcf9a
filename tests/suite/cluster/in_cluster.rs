//! The plugin in a pod, as a service account: a continuous integration runner's life.

use std::process::Command;

use crate::support::folder::Folder;
use crate::support::testbed::{Namespace, testbed};

/// The libraries that the program needs, by path.
fn libraries(program: &str) -> Vec<String> {
    let output = Command::new("ldd").arg(program).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let paths = text.split_whitespace().filter(|word| word.starts_with('/'));
    paths.map(str::to_owned).collect()
}

/// A builder `buildkit`, and an image with the plugin and a build context.
pub(crate) fn image_with_the_plugin(space: &Namespace) -> String {
    let program = env!("CARGO_BIN_EXE_kubectl-buildkit");
    let context = Folder::with_dockerfile("FROM busybox\nCOPY root /\n");
    context.write("root/plugin", std::fs::read(program).unwrap());
    std::fs::set_permissions(
        context.join("root/plugin"),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    for library in libraries(program) {
        context.write(&format!("root{library}"), std::fs::read(&library).unwrap());
        let path = context.join(&format!("root{library}"));
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
    }
    context.write(
        "root/context/Dockerfile",
        "FROM busybox\nRUN echo made in the pod\n",
    );
    let image = format!("{}/{}:1", testbed().get("REGISTRY"), space.name);
    space
        .run(&format!(
            "build {} -t {image} --push",
            context.path().display()
        ))
        .done();
    image
}

/// The same, and a service account `runner`.
fn runner(space: &Namespace) -> String {
    let image = image_with_the_plugin(space);
    space.kubectl("create serviceaccount runner");
    image
}

/// Host and port of the testbed's API server. The testbed has no route to its service address: pods take
/// the host's network, and find the server where the host does.
pub(crate) fn api_server() -> (&'static str, &'static str) {
    let address = testbed().get("API").trim_start_matches("https://");
    address.split_once(':').unwrap()
}

#[test]
fn a_service_account_is_enough() {
    let space = testbed().namespace("pod");
    let image = runner(&space);
    let role = "create rolebinding runner --clusterrole=admin";
    space.kubectl(&format!("{role} --serviceaccount={}:runner", space.name));
    let listed = in_a_pod(&space, &image, &["ls", "-o", "name"]);
    assert_eq!(listed, "buildkit\n");
}

#[test]
fn a_daemon_on_its_pods_address_needs_no_port_forward() {
    let space = testbed().namespace("direct");
    let image = runner(&space);
    // Who may neither forward ports nor run commands in pods can still build, on a daemon that listens
    // on its pod's address.
    space.run("create open --listen pod --bootstrap").done();
    let may =
        "--verb=get,list,watch --resource=deployments.apps,statefulsets.apps,pods,secrets,events";
    space.kubectl(&format!("create role direct {may}"));
    let role = "create rolebinding direct --role=direct";
    space.kubectl(&format!("{role} --serviceaccount={}:runner", space.name));
    let words = [
        "build",
        "--builder",
        "open",
        "--progress",
        "plain",
        "/context",
    ];
    let built = in_a_pod(&space, &image, &words);
    let addresses = space.kubectl("get pods -o jsonpath={.items[*].status.podIP}");
    let is_dialled = |address| built.contains(&format!(" at {address}:1234"));
    assert!(addresses.split(' ').any(is_dialled), "{built}");
    assert!(built.contains("made in the pod"), "{built}");
    // The other one listens on its loopback, which is not to be reached from another pod.
    let refused = in_a_pod(
        &space,
        &image,
        &["build", "--builder", "buildkit", "/context"],
    );
    assert!(refused.contains("portforward"), "{refused}");
}

/// What the plugin prints in a pod, as the service account `runner`.
fn in_a_pod(space: &Namespace, image: &str, arguments: &[&str]) -> String {
    let (host, port) = api_server();
    let command: Vec<&str> = std::iter::once("/plugin")
        .chain(arguments.iter().copied())
        .collect();
    let pod = serde_json::json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "runner"},
        "spec": {
            "serviceAccountName": "runner", "hostNetwork": true, "restartPolicy": "Never",
            "containers": [{
                "name": "runner", "image": image, "command": command,
                "env": [
                    {"name": "KUBERNETES_SERVICE_HOST", "value": host},
                    {"name": "KUBERNETES_SERVICE_PORT", "value": port},
                ],
            }],
        },
    });
    let file = Folder::new().file("pod.json", pod.to_string());
    space.kubectl(&format!("create -f {}", file.join("pod.json").display()));
    space.wait_for("the pod", |space| {
        let phase = space.kubectl("get pod runner -o jsonpath={.status.phase}");
        phase == "Succeeded" || phase == "Failed"
    });
    let said = space.kubectl("logs runner");
    space.kubectl("delete pod runner --wait=true --grace-period=0 --force");
    said
}
