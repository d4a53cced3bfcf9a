//! Drives the testbed: a real cluster that tests may use, and no other one.

use std::collections::BTreeMap;
use std::fs::File;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::support::environment::variable;
use crate::support::plugin::{Finished, Plugin, Running};

/// Names the file that the testbed writes when it is up.
const VARIABLE: &str = "KUBECTL_BUILDKIT_TESTBED";

/// How long anything on the testbed may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// The cluster, after it proved to be the testbed.
pub(crate) struct Testbed {
    settings: BTreeMap<String, String>,
}

/// The testbed. Fails the test if there is none, or if another cluster is where it should be.
pub(crate) fn testbed() -> &'static Testbed {
    static TESTBED: OnceLock<Result<Testbed, String>> = OnceLock::new();
    match TESTBED.get_or_init(Testbed::find) {
        Ok(testbed) => testbed,
        Err(problem) => panic!("{problem}"),
    }
}

impl Testbed {
    fn find() -> Result<Self, String> {
        Self::at(&variable(VARIABLE))
    }

    /// The testbed that `file` is about, if the cluster says the same.
    fn at(file: &str) -> Result<Self, String> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| format!("run `make test`: {file}: {error}"))?;
        let settings = text
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let testbed = Self { settings };
        let id = testbed.kubectl(&[
            "-n",
            "kube-system",
            "get",
            "configmap",
            "kubectl-buildkit-testbed",
            "-o",
            "jsonpath={.data.id}",
        ]);
        if id == testbed.get("ID") {
            return Ok(testbed);
        }
        Err(format!(
            "the cluster is not the testbed that {VARIABLE} means: its id is {id:?}"
        ))
    }

    /// A setting of the testbed, without its prefix.
    pub(crate) fn get(&self, name: &str) -> &str {
        &self.settings[&format!("TESTBED_{name}")]
    }

    /// kubectl, about to run without plugins.
    pub(crate) fn kubectl_command(&self) -> Command {
        let mut command = Command::new(format!("{}/kubectl", self.get("BIN")));
        // Without a home kubectl keeps its cache in the current folder.
        command
            .env_clear()
            .env("HOME", env!("CARGO_TARGET_TMPDIR"))
            .env("KUBECONFIG", self.get("KUBECONFIG"));
        command
    }

    /// Runs kubectl; what it prints, errors included.
    pub(crate) fn kubectl(&self, words: &[&str]) -> String {
        let output = self.kubectl_command().args(words).output().unwrap();
        let mut text = String::from_utf8(output.stdout).unwrap();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        text
    }

    /// Has what there is only one of, until it is dropped; other runs of the tests wait for it.
    pub(crate) fn alone_with(&self, what: &str) -> File {
        let name = format!("kubectl-buildkit-{}-{what}", self.get("ID"));
        let file = File::create(std::env::temp_dir().join(name)).unwrap();
        file.lock().unwrap();
        file
    }

    /// A namespace of a test's own, that goes when it is dropped.
    pub(crate) fn namespace(&'static self, purpose: &str) -> Namespace {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        self.make(format!("e2e-{purpose}-{}-{count}", std::process::id()))
    }

    /// The namespace of this name, empty: what a run left behind that was killed is removed.
    pub(crate) fn only_namespace(&'static self, name: &str) -> Namespace {
        self.kubectl(&["delete", "namespace", name, "--ignore-not-found"]);
        self.make(name.to_owned())
    }

    fn make(&'static self, name: String) -> Namespace {
        let made = self.kubectl(&["create", "namespace", &name]);
        assert!(made.contains("created"), "{made}");
        Namespace {
            testbed: self,
            name,
        }
    }
}

/// An object of the whole cluster, that goes when it is dropped. It must mean nothing to others.
pub(crate) struct ClusterWide {
    kind: &'static str,
    name: String,
}

impl ClusterWide {
    /// Makes the object that `text` describes.
    pub(crate) fn apply(kind: &'static str, name: &str, text: &str) -> Self {
        let folder = crate::support::folder::Folder::new();
        folder.write("object.yaml", text);
        let file = folder.join("object.yaml");
        let made = testbed().kubectl(&["create", "-f", file.to_str().unwrap()]);
        assert!(made.contains("created"), "{made}");
        let name = name.to_owned();
        Self { kind, name }
    }
}

impl Drop for ClusterWide {
    fn drop(&mut self) {
        testbed().kubectl(&["delete", self.kind, &self.name, "--wait=false"]);
    }
}

/// A namespace in which one test works.
pub(crate) struct Namespace {
    testbed: &'static Testbed,
    /// Its name.
    pub(crate) name: String,
}

impl Drop for Namespace {
    fn drop(&mut self) {
        self.testbed
            .kubectl(&["delete", "namespace", &self.name, "--wait=false"]);
    }
}

impl Namespace {
    /// The plugin, about to run with nothing in its environment but the kubeconfig.
    pub(crate) fn plugin(&self, line: &str) -> Plugin {
        Plugin::new(line)
            .args(["--namespace", &self.name])
            .env("KUBECONFIG", self.testbed.get("KUBECONFIG"))
    }

    /// Runs the plugin.
    #[must_use = "look at what it printed, or at least at its exit code"]
    pub(crate) fn run(&self, line: &str) -> Finished {
        self.plugin(line).run()
    }

    /// Starts the plugin.
    pub(crate) fn start(&self, line: &str) -> Running {
        self.plugin(line).start()
    }

    /// kubectl, about to run in this namespace.
    pub(crate) fn kubectl_command(&self, line: &str) -> Command {
        let mut command = self.testbed.kubectl_command();
        command
            .args(["-n", &self.name])
            .args(line.split_whitespace());
        command
    }

    /// Runs kubectl in this namespace.
    pub(crate) fn kubectl(&self, line: &str) -> String {
        let mut words = vec!["-n", &self.name];
        words.extend(line.split_whitespace());
        self.testbed.kubectl(&words)
    }

    /// Waits until a condition holds, or fails the test.
    #[track_caller]
    pub(crate) fn wait_for(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        self.within(PATIENCE, what, holds);
    }

    /// Waits so long until a condition holds, or fails the test.
    #[track_caller]
    pub(crate) fn within(&self, limit: Duration, what: &str, holds: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !holds(self) {
            assert!(start.elapsed() < limit, "{what}: not within {limit:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Names of all objects that a builder can leave behind.
    pub(crate) fn objects(&self) -> String {
        self.kubectl("get deployments,replicasets,pods,secrets -o name")
    }

    /// Compares runs with a snapshot, in which what differs from run to run has a name.
    pub(crate) fn redact(&self, text: &str) -> String {
        let replacements = [
            (self.name.as_str(), "[NAMESPACE]"),
            (self.testbed.get("KUBECONFIG"), "[KUBECONFIG]"),
            (self.testbed.get("CONTEXT"), "[CONTEXT]"),
            (self.testbed.get("REGISTRY"), "[REGISTRY]"),
            (self.testbed.get("AUTH_REGISTRY"), "[PRIVATE REGISTRY]"),
            (self.testbed.get("API"), "[API]"),
        ];
        let mut text = text.to_owned();
        for (value, name) in replacements {
            text = text.replace(value, name);
        }
        let patterns = [
            (r"0-[a-f0-9]{6,10}-[a-z0-9]{5}", "0-[POD]"),
            (r#"("?)[a-z]+0-[a-f0-9]{6,10}("?)"#, "${1}[REPLICASET]${2}"),
            (r"v\d+\.\d+\.\d+", "[VERSION]"),
            (r"linux/amd64 \(\+\d\)", "linux/amd64"),
            // Another test may have its emulator installed just now.
            (", linux/s390x", ""),
            (r"0/\d+ nodes", "0/[N] nodes"),
            // The rest is worded by the version of Kubernetes.
            (r"(violates PodSecurity|nodes are available).*", "$1 […]"),
        ];
        for (pattern, name) in patterns {
            let pattern = regex::Regex::new(pattern).unwrap();
            text = pattern.replace_all(&text, name).into_owned();
        }
        text
    }
}

#[test]
fn another_cluster_is_refused() {
    let text = std::fs::read_to_string(variable(VARIABLE)).unwrap();
    let other = text.replace(testbed().get("ID"), "0123456789abcdef");
    let file = crate::support::folder::Folder::new().file("testbed.env", other);
    let refused = Testbed::at(file.join("testbed.env").to_str().unwrap());
    assert!(refused.err().unwrap().contains("is not the testbed"));
}
