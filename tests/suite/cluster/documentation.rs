//! The page about buildx's Kubernetes driver: its commands in their order, and what it shows for
//! them. `docker buildx` is read as `kubectl buildkit`, and names of images are put in; the rest is
//! as typed, but for what is said beside a command.
//!
//! <https://docs.docker.com/build/builders/drivers/kubernetes/>

use std::fs::File;

use crate::support::emulators::{Emulators, FOREIGN};
use crate::support::shell::Shell;
use crate::support::skopeo::skopeo;
use crate::support::testbed::{Namespace, testbed};

/// Somebody who types the page, in a kube context with a namespace of its own.
struct Reader {
    shell: Shell,
    image: String,
}

impl Reader {
    fn new(space: &Namespace) -> Self {
        let shell = Shell::new(space);
        let dockerfile = "FROM busybox\nRUN uname -m >/machine\n";
        shell.home.write("Dockerfile", dockerfile);
        let image = format!("{}/{}", testbed().get("REGISTRY"), space.name);
        Self { shell, image }
    }

    /// Types a command; what is said, with single blanks.
    #[track_caller]
    fn types(&self, command: &str) -> Vec<String> {
        let command = command
            .replace("docker buildx", "kubectl buildkit")
            .replace("<user>/<image>", &self.image)
            .replace("<registry>/<image>", &self.image);
        let said = self.shell.done(&command);
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        said.lines().map(words).collect()
    }

    /// Before the page makes a builder of the same name once more.
    fn removes_it(&self) {
        self.types("docker buildx rm kube");
    }

    /// The platforms of the image that was pushed last.
    fn platforms(&self) -> Vec<String> {
        let name = format!("docker://{}", self.image);
        let index = skopeo(&["inspect", "--raw", "--tls-verify=false", &name]);
        let index: serde_json::Value = serde_json::from_str(&index).unwrap();
        let manifests = index["manifests"].as_array().into_iter().flatten();
        manifests
            .map(|manifest| manifest["platform"]["architecture"].as_str().unwrap())
            .filter(|architecture| *architecture != "unknown")
            .map(str::to_owned)
            .collect()
    }
}

/// Whether there is exactly one line for each pattern, beside others.
#[track_caller]
fn shows(said: &[String], patterns: &[&str]) {
    let patterns: Vec<regex::Regex> = patterns
        .iter()
        .map(|pattern| regex::Regex::new(&format!("^{pattern}")).unwrap())
        .collect();
    let mut found: Vec<usize> = said
        .iter()
        .filter_map(|line| patterns.iter().position(|pattern| pattern.is_match(line)))
        .collect();
    found.sort_unstable();
    let all: Vec<usize> = (0..patterns.len()).collect();
    assert_eq!(found, all, "{patterns:#?}\n{}", said.join("\n"));
}

/// The namespace that the page means. There is only one.
struct Buildkit {
    space: Namespace,
    _alone: File,
}

impl Buildkit {
    fn new() -> Self {
        let alone = testbed().alone_with("buildkit");
        Self {
            space: testbed().only_namespace("buildkit"),
            _alone: alone,
        }
    }
}

/// Labels of a cluster node that go when they are dropped.
struct NodeLabels(&'static str);

impl NodeLabels {
    fn set(labels: &[&str]) -> Self {
        let node = testbed().get("NODE");
        let line = [&["label", "--overwrite", "node", node], labels].concat();
        testbed().kubectl(&line);
        Self(node)
    }
}

impl Drop for NodeLabels {
    fn drop(&mut self) {
        testbed().kubectl(&["label", "node", self.0, "label1-", "label2-"]);
    }
}

#[test]
fn the_page_does_what_it_shows() {
    let (own, buildkit) = (testbed().namespace("page"), Buildkit::new());
    let reader = Reader::new(&own);
    synopsis(&reader);
    scaling(&reader);
    assignment_and_emulation(&reader);
    emulators(&reader, &buildkit.space);
    native(&reader);
    rootless(&reader, &buildkit.space);
    guide(&reader);
}

/// Its placeholder `--driver-opt=[key=value,...]` is left out.
fn synopsis(reader: &Reader) {
    reader.types(
        "docker buildx create \\
--bootstrap \\
--name=kube \\
--driver=kubernetes",
    );
    reader.removes_it();
}

fn scaling(reader: &Reader) {
    reader.types(
        "docker buildx create \\
--bootstrap \\
--name=kube \\
--driver=kubernetes \\
--driver-opt=namespace=buildkit,replicas=4",
    );
    let deployments = reader.types("kubectl -n buildkit get deployments");
    let header = "NAME READY UP-TO-DATE AVAILABLE AGE";
    shows(&deployments, &[header, r"kube0 4/4 4 4 \d+s"]);
    let pods = reader.types("kubectl -n buildkit get pods");
    assert_eq!(pods[0], "NAME READY STATUS RESTARTS AGE");
    assert_eq!(pods.len(), 5, "{pods:?}");
    for pod in &pods[1..] {
        let row = [r"kube0-\w{5,10}-\w{5} 1/1 Running 0 \d+s$"];
        shows(std::slice::from_ref(pod), &row);
    }
    reader.removes_it();
}

/// A cluster node needs the labels that the page asks for; no node has the taint that it tolerates.
fn assignment_and_emulation(reader: &Reader) {
    let _labels = NodeLabels::set(&["label1=value1", "label2=value2"]);
    reader.types(
        r#"docker buildx create \
--bootstrap \
--name=kube \
--driver=kubernetes \
'--driver-opt="nodeselector=label1=value1,label2=value2","tolerations=key=key1,value=value1"'"#,
    );
    let fields = "{.spec.nodeSelector} {.spec.tolerations[0]}";
    let pods = reader.types(&format!(
        "kubectl get pods -o jsonpath='{{range .items[*]}}{fields}{{end}}'"
    ));
    let selector = r#"{"label1":"value1","label2":"value2"}"#;
    let toleration = r#"{"key":"key1","operator":"Equal","value":"value1"}"#;
    assert_eq!(pods, [format!("{selector} {toleration}")]);

    reader.types(
        "docker buildx build \\
--builder=kube \\
--platform=linux/amd64,linux/arm64 \\
-t <user>/<image> \\
--push .",
    );
    assert_eq!(reader.platforms(), ["amd64", "arm64"]);
    reader.removes_it();
}

fn emulators(reader: &Reader, buildkit: &Namespace) {
    let _emulators = Emulators::alone(buildkit, "deploy/kube0");
    reader.types(
        "docker buildx create \\
--bootstrap \\
--name=kube \\
--driver=kubernetes \\
--driver-opt=namespace=buildkit,qemu.install=true",
    );
    let list = reader.types("docker buildx ls");
    let row = format!(r"\\_ kube0 .* running .*linux/{FOREIGN}");
    shows(
        &list,
        &["NAME/NODE DRIVER/ENDPOINT", "kube kubernetes", &row],
    );
}

/// The testbed's node of arm64 has a taint, as such nodes often have: the one thing that is added.
const TOLERATION: &str = " --toleration dedicated=builds:NoSchedule";

fn native(reader: &Reader) {
    reader.removes_it();
    reader.types(
        r#"docker buildx create \
--bootstrap \
--name=kube \
--driver=kubernetes \
--platform=linux/amd64 \
--node=builder-amd64 \
--driver-opt=namespace=buildkit,nodeselector="kubernetes.io/arch=amd64""#,
    );
    let append = r#"docker buildx create \
--append \
--bootstrap \
--name=kube \
--driver=kubernetes \
--platform=linux/arm64 \
--node=builder-arm64 \
--driver-opt=namespace=buildkit,nodeselector="kubernetes.io/arch=arm64""#;
    reader.types(&format!("{append}{TOLERATION}"));
    let list = reader.types("docker buildx ls");
    // Beside what the page shows there are a version and other platforms.
    shows(
        &list,
        &[
            "NAME/NODE DRIVER/ENDPOINT .*STATUS .*PLATFORMS$",
            r"kube\*? kubernetes",
            r"\\_ builder-amd64 \\_ kubernetes:///kube\?deployment=builder-amd64&kubeconfig= .*running .*linux/amd64\*",
            r"\\_ builder-arm64 \\_ kubernetes:///kube\?deployment=builder-arm64&kubeconfig= .*running .*linux/arm64\*",
        ],
    );
    let built = reader.types(
        "docker buildx build --builder=kube --platform=linux/amd64,linux/arm64 -t <user>/<image> --push .",
    );
    for node in ["amd64", "arm64"] {
        let step = format!(" [builder-{node} linux/{node} 2/2] RUN ");
        let ran = built.iter().any(|line| line.contains(&step));
        assert!(ran, "{step}\n{}", built.join("\n"));
    }
    assert_eq!(reader.platforms(), ["amd64", "arm64"]);
    reader.removes_it();
}

fn rootless(reader: &Reader, buildkit: &Namespace) {
    reader.types(
        "docker buildx create \\
--name=kube \\
--driver=kubernetes \\
--driver-opt=namespace=buildkit,rootless=true",
    );
    reader.types("kubectl -n buildkit rollout status deployment kube0");
    let pods =
        buildkit.kubectl("get pods -o jsonpath={.items[*].spec.containers[0].securityContext}");
    assert!(pods.contains("runAsUser"), "{pods}");
    assert!(!pods.contains("privileged"), "{pods}");
    reader.removes_it();
}

/// The last option of its `create` is missing on the page; the comment above it says which.
fn guide(reader: &Reader) {
    reader.types("kubectl delete namespace buildkit");
    let made = reader.types("kubectl create namespace buildkit");
    assert_eq!(made, ["namespace/buildkit created"]);
    reader.types(
        "# Remember to specify the namespace in driver options
docker buildx create \\
--bootstrap \\
--name=kube \\
--driver=kubernetes \\
--driver-opt=namespace=buildkit",
    );
    let list = reader.types("docker buildx ls");
    let row = r"\\_ kube0 .*running .*linux/amd64";
    shows(
        &list,
        &["NAME/NODE DRIVER/ENDPOINT", r"kube\*? kubernetes", row],
    );
    let deployments = reader.types("kubectl -n buildkit get deployments");
    let header = "NAME READY UP-TO-DATE AVAILABLE AGE";
    shows(&deployments, &[header, r"kube0 1/1 1 1 \d+s"]);
    let pods = reader.types("kubectl -n buildkit get pods");
    let row = r"kube0-\w{5,10}-\w{5} 1/1 Running 0 \d+s$";
    shows(&pods, &["NAME READY STATUS RESTARTS AGE", row]);
    reader.types(
        "# Replace <registry> with your Docker username
# and <image> with the name of the image you want to build
docker buildx build \\
--builder=kube \\
-t <registry>/<image> \\
--push .",
    );
    let name = format!("docker://{}", reader.image);
    let inspected = skopeo(&["inspect", "--tls-verify=false", &name]);
    assert!(inspected.contains("amd64"), "{inspected}");
}
