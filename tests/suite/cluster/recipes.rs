//! The recipe for a job in the cluster, as somebody would follow it: with its service account and its
//! role, and no other right.

use serde_json::{Value, json};

use crate::cluster::in_cluster::{api_server, image_with_the_plugin};
use crate::support::folder::Folder;
use crate::support::recipe::{parse, text};
use crate::support::skopeo::skopeo;
use crate::support::testbed::{Namespace, testbed};

const FILE: &str = "in-cluster.yaml";

fn apply(space: &Namespace, object: &Value) {
    let file = Folder::new().file("object.json", object.to_string());
    let applied = space.kubectl(&format!("apply -f {}", file.join("object.json").display()));
    assert!(applied.contains("created"), "{applied}");
}

/// The recipe with the names of this place.
fn recipe(space: &Namespace, image: &str) -> Vec<Value> {
    let pushed = format!("{}/{}", testbed().get("AUTH_REGISTRY"), space.name);
    let text = text(FILE)
        .replace("namespace: ci\n", &format!("namespace: {}\n", space.name))
        .replace("registry.example/ci/kubectl-buildkit", image)
        .replace("registry.example/you", &pushed)
        // The daemon would clone it; here it is in the image.
        .replace("https://git.example/you/app.git", "/context");
    assert!(!text.contains(".example"), "{text}");
    let mut objects = parse(FILE, &text);
    let job = objects.last_mut().unwrap();
    assert_eq!(job["kind"], "Job");
    // The testbed has no route to the service address of its API server.
    let (host, port) = api_server();
    let pod = &mut job["spec"]["template"]["spec"];
    pod["hostNetwork"] = json!(true);
    pod["containers"][0]["env"] = json!([
        {"name": "KUBERNETES_SERVICE_HOST", "value": host},
        {"name": "KUBERNETES_SERVICE_PORT", "value": port},
    ]);
    let program = &mut pod["containers"][0]["command"][0];
    assert_eq!(program, "kubectl-buildkit");
    *program = json!("/plugin");
    objects
}

fn ended(space: &Namespace) -> bool {
    let counts = space.kubectl("get job build -o jsonpath={.status.succeeded}{.status.failed}");
    counts.contains('1')
}

#[test]
fn a_job_in_the_cluster_builds_with_the_least_rights() {
    let space = testbed().namespace("recipe");
    let image = image_with_the_plugin(&space);
    space.run("rm buildkit").done();
    // The steps of the file's head.
    space.run("create ci --listen pod --bootstrap").done();
    let get = |name: &str| testbed().get(name);
    space.kubectl(&format!(
        "create secret docker-registry registry --docker-server={} --docker-username={} --docker-password={}",
        get("AUTH_REGISTRY"),
        get("AUTH_USER"),
        get("AUTH_PASSWORD"),
    ));
    for object in recipe(&space, &image) {
        apply(&space, &object);
    }
    space.wait_for("the job", ended);
    let said = space.kubectl("logs job/build");
    assert!(said.contains("made in the pod"), "{said}");
    assert!(!said.contains("forbidden"), "{said}");
    assert!(!said.contains("port-forward"), "{said}");
    let login = format!("{}:{}", get("AUTH_USER"), get("AUTH_PASSWORD"));
    let pushed = format!("docker://{}/{}/app:1", get("AUTH_REGISTRY"), space.name);
    let inspected = skopeo(&["inspect", "--tls-verify=false", "--creds", &login, &pushed]);
    assert!(inspected.contains("amd64"), "{inspected}\n{said}");
}

#[test]
fn whoever_has_the_other_role_builds_by_port_forward() {
    let space = testbed().namespace("forward");
    space.run("create ci --bootstrap").done();
    space.kubectl("create serviceaccount build");
    for object in parse("role", &text("role-with-port-forward.yaml")) {
        apply(&space, &object);
    }
    let role = "create rolebinding build --role=build-by-port-forward";
    space.kubectl(&format!("{role} --serviceaccount={}:build", space.name));
    let context = Folder::with_dockerfile("FROM busybox\nRUN echo made from outside\n");
    let built = space
        .plugin("build --builder ci --no-create --progress plain")
        .args([
            "--as",
            &format!("system:serviceaccount:{}:build", space.name),
        ])
        .arg(context.path())
        .run()
        .done();
    assert!(
        built.stderr.contains("made from outside"),
        "{}",
        built.stderr
    );
    // And may do no more than that.
    space
        .plugin("update ci --replicas 2")
        .args([
            "--as",
            &format!("system:serviceaccount:{}:build", space.name),
        ])
        .run()
        .code(5);
}
