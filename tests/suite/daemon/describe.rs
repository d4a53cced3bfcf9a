//! What an image says of itself: annotations, attestations, labels, and what the environment adds.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::daemon::build;
use crate::support::folder::Folder;
use crate::support::plugin::Plugin;

/// An image as an OCI layout, in a folder.
struct Layout(Folder);

impl Layout {
    /// Builds `context` with more words, and takes the result apart.
    fn of(context: &Path, prepare: impl Fn(Plugin) -> Plugin) -> Self {
        let out = Folder::new();
        let archive = out.join("image.tar");
        let output = format!("type=oci,dest={}", archive.display());
        let call = build(context).args(["-o", &output]);
        let _ = prepare(call).run().done();
        let mut tar = Command::new("tar");
        let unpacked = tar.arg("-xf").arg(&archive).current_dir(out.path());
        assert!(unpacked.status().unwrap().success());
        Self(out)
    }

    fn json(&self, file: &str) -> Value {
        serde_json::from_str(&self.0.read(file)).unwrap()
    }

    fn blob(&self, descriptor: &Value) -> Value {
        let digest = descriptor["digest"].as_str().unwrap();
        self.json(&format!("blobs/{}", digest.replace(':', "/")))
    }

    /// The image's index, or its manifest if it has no index.
    fn root(&self) -> Value {
        self.blob(&self.json("index.json")["manifests"][0])
    }

    /// Descriptors of the image, those of attestations behind them.
    fn entries(&self) -> Vec<Value> {
        self.root()["manifests"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    }

    /// The manifests of attestations.
    fn attestations(&self) -> Vec<Value> {
        let is_one = |entry: &&Value| {
            entry["annotations"]["vnd.docker.reference.type"] == "attestation-manifest"
        };
        self.entries()
            .iter()
            .filter(is_one)
            .map(|entry| self.blob(entry))
            .collect()
    }

    fn manifest(&self) -> Value {
        match self.entries().first() {
            Some(first) => self.blob(first),
            None => self.root(),
        }
    }

    fn config(&self) -> Value {
        self.blob(&self.manifest()["config"])
    }
}

fn context() -> Folder {
    Folder::with_dockerfile("FROM scratch\nCOPY a /\n").file("a", "1")
}

fn git(folder: &Path, line: &str) {
    let done = Command::new("git")
        .args([
            "-c",
            "user.name=n",
            "-c",
            "user.email=e@e.example",
            "-c",
            "init.defaultBranch=b",
        ])
        .args(line.split_whitespace())
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{line}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// The value of a key, wherever it is.
fn find<'a>(json: &'a Value, key: &str) -> Option<&'a Value> {
    match json {
        Value::Object(map) => map
            .get(key)
            .or_else(|| map.values().find_map(|v| find(v, key))),
        Value::Array(list) => list.iter().find_map(|value| find(value, key)),
        _ => None,
    }
}

#[test]
fn annotations_are_where_they_belong() {
    let context = context();
    let layout = Layout::of(context.path(), |call| {
        call.args(["--provenance", "mode=max", "--annotation", "plain=1"])
            .args(["--annotation", "index,manifest-descriptor:both=2"])
            .args(["--annotation", "manifest[linux/arm64]:other=3"])
            .args(["--platform", "linux/amd64,linux/arm64"])
    });
    assert_eq!(layout.root()["annotations"], json!({"both": "2"}));
    let entries = layout.entries();
    assert_eq!(entries[0]["annotations"]["both"], "2");
    assert_eq!(
        layout.blob(&entries[0])["annotations"],
        json!({"plain": "1"})
    );
    let arm = json!({"plain": "1", "other": "3"});
    assert_eq!(layout.blob(&entries[1])["annotations"], arm);
}

#[test]
fn a_provenance_names_the_commit() {
    let context = Folder::new()
        .file("app/Dockerfile", "FROM scratch\nCOPY a /\n")
        .file("app/a", "1");
    let app = context.join("app");
    git(context.path(), "init -q .");
    git(context.path(), "add .");
    git(context.path(), "commit -q -m first");
    git(
        context.path(),
        "remote add origin https://user:secret@git.example/x.git",
    );
    let vcs = |check_dirty: &str| {
        let layout = Layout::of(&app, |call| {
            call.args(["--provenance", "mode=max"])
                .env("BUILDX_GIT_CHECK_DIRTY", check_dirty)
        });
        let statement = layout.blob(&layout.attestations()[0]["layers"][0]);
        find(&statement, "vcs").cloned().unwrap_or_default()
    };
    let clean = vcs("1");
    let revision = clean["revision"].as_str().unwrap().to_owned();
    assert_eq!(revision.len(), 40, "{clean}");
    let expected = json!({
        "revision": revision,
        "source": "https://xxxxx:xxxxx@git.example/x.git",
        "localdir:context": "app",
        "localdir:dockerfile": "app",
    });
    assert_eq!(clean, expected);
    context.write("app/a", "2");
    assert_eq!(vcs("0"), expected);
    assert_eq!(vcs("1")["revision"], format!("{revision}-dirty"));

    let layout = Layout::of(&app, |call| {
        call.env("BUILDX_GIT_LABELS", "1")
            .env("BUILDX_GIT_INFO", "0")
    });
    let labels = &layout.config()["config"]["Labels"];
    assert_eq!(labels["org.opencontainers.image.revision"], revision);
    assert_eq!(
        labels["com.docker.image.source.entrypoint"],
        "app/Dockerfile"
    );
}

#[test]
fn attestations_are_there_if_they_are_wanted() {
    let context = context();
    let count = |words: &[&str], variable: &str| {
        let layout = Layout::of(context.path(), |call| {
            call.args(words)
                .env("BUILDX_NO_DEFAULT_ATTESTATIONS", variable)
        });
        layout.attestations().len()
    };
    // The one that images have by default is in no archive.
    assert_eq!(count(&[], "0"), 0);
    assert_eq!(count(&["--provenance=false"], ""), 0);
    assert_eq!(count(&["--provenance", "mode=max"], "0"), 1);
    assert_eq!(count(&["--provenance", "true"], "1"), 1);
    assert_eq!(
        count(
            &[
                "--attest",
                "type=provenance,disabled=true",
                "--provenance=true"
            ],
            ""
        ),
        0
    );
    // Its generator comes from a registry that the testbed's daemon does not reach.
    let refused = build(context.path()).args(["--sbom=true"]).run().code(1);
    assert!(
        refused.stderr.contains("buildkit-syft-scanner"),
        "{}",
        refused.stderr
    );
    let named = build(context.path())
        .args(["--attest", "type=sbom,generator=localhost:1/mine"])
        .run()
        .code(1);
    assert!(
        named.stderr.contains("localhost:1/mine"),
        "{}",
        named.stderr
    );
}

#[test]
fn what_the_environment_and_the_docker_config_file_add() {
    let context = Folder::with_dockerfile(
        "FROM scratch\nARG HTTP_PROXY\nARG NO_PROXY\nLABEL p=$HTTP_PROXY n=$NO_PROXY\nCOPY a /\n",
    )
    .file("a", "1");
    let proxies = r#"{"proxies": {"default": {"httpProxy": "http://p:1", "noProxy": "a,b"}}}"#;
    let settings = Folder::new().file("config.json", proxies);
    let layout = |words: &[&str]| {
        Layout::of(context.path(), |call| {
            call.args(words)
                .args(["--label", "alone", "--label", "named=1"])
                .env("DOCKER_CONFIG", settings.path())
                .env("SOURCE_DATE_EPOCH", "86400")
                .env("DOCKER_DEFAULT_PLATFORM", "linux/386")
                .env("alone", "not this")
        })
    };
    let config = layout(&[]).config();
    let labels = json!({"alone": "", "named": "1", "p": "http://p:1", "n": "a,b"});
    assert_eq!(config["config"]["Labels"], labels);
    assert_eq!(config["created"], "1970-01-02T00:00:00Z");
    assert_eq!(config["architecture"], "386");
    let platform = "windows(10.0.17763)/amd64";
    let config = layout(&["--build-arg", "http_proxy=mine", "--platform", platform]).config();
    assert_eq!(config["config"]["Labels"]["p"], "");
    assert_eq!(config["os.version"], "10.0.17763");
}

#[test]
fn an_attestation_can_do_without_an_artifact() {
    let context = context();
    let shape = |variable: &str| {
        let layout = Layout::of(context.path(), |call| {
            call.arg("--provenance=true")
                .env("BUILDX_NO_DEFAULT_OCI_ARTIFACT", variable)
        });
        layout.attestations()[0].get("artifactType").is_some()
    };
    assert!(shape("0"));
    assert!(!shape("1"));
}

#[test]
fn the_frontend_may_come_from_an_image() {
    let context = context();
    let failed = build(context.path())
        .args(["--build-arg", "BUILDKIT_SYNTAX=localhost:1/frontend word"])
        .run()
        .code(1);
    assert!(
        failed.stderr.contains("localhost:1/frontend"),
        "{}",
        failed.stderr
    );
    assert!(!failed.stderr.contains("COPY a"), "{}", failed.stderr);
}

#[test]
fn sources_that_the_rules_forbid() {
    let context = Folder::with_dockerfile("FROM busybox\n");
    let rules =
        r#"{"rules": [{"action": "DENY", "selector": {"identifier": "docker-image://*"}}]}"#;
    let settings = Folder::new()
        .file("rules.json", rules)
        .file("broken.json", "[]");
    let run = |file: &str| {
        build(context.path())
            .env("EXPERIMENTAL_BUILDKIT_SOURCE_POLICY", settings.join(file))
            .run()
    };
    let denied = run("rules.json").code(1);
    assert!(
        denied.stderr.contains("denied by policy"),
        "{}",
        denied.stderr
    );
    let broken = run("broken.json").code(2);
    assert!(
        broken.stderr.contains("is no source policy"),
        "{}",
        broken.stderr
    );
}

#[test]
fn what_has_no_effect_is_said() {
    let context = context();
    let words = [
        "--squash",
        "--isolation=x",
        "--security-opt",
        "y",
        "--rm=false",
        "--force-rm",
    ];
    let finished = build(context.path())
        .args(words)
        .arg("--compress")
        .run()
        .done();
    for flag in ["--squash", "--isolation", "--security-opt"] {
        let said = format!("{flag} has no effect");
        assert!(finished.stderr.contains(&said), "{}", finished.stderr);
    }
    assert_eq!(finished.stderr.matches("has no effect").count(), 3);
}
