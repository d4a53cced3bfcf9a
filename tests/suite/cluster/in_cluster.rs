//! The plugin in a pod, as a service account: a continuous integration runner's life.

use std::process::Command;

use crate::support::folder::Folder;
use crate::support::testbed::testbed;

/// The libraries that the program needs, by path.
fn libraries(program: &str) -> Vec<String> {
    let output = Command::new("ldd").arg(program).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let paths = text.split_whitespace().filter(|word| word.starts_with('/'));
    paths.map(str::to_owned).collect()
}

#[test]
fn a_service_account_is_enough() {
    let space = testbed().namespace("pod");
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
    let image = format!("{}/{}:1", testbed().get("REGISTRY"), space.name);
    space
        .run(&format!(
            "build {} -t {image} --push",
            context.path().display()
        ))
        .done();

    space.kubectl("create serviceaccount runner");
    let role = "create rolebinding runner --clusterrole=admin";
    space.kubectl(&format!("{role} --serviceaccount={}:runner", space.name));
    // The testbed has no route to the service address of its API server: the pod takes the host's
    // network, and finds the server where the host does.
    let (host, port) = testbed()
        .get("API")
        .trim_start_matches("https://")
        .split_once(':')
        .unwrap();
    let pod = serde_json::json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "runner"},
        "spec": {
            "serviceAccountName": "runner", "hostNetwork": true, "restartPolicy": "Never",
            "containers": [{
                "name": "runner", "image": image, "command": ["/plugin", "ls", "-o", "name"],
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
    assert_eq!(space.kubectl("logs runner"), "buildkit\n");
}
