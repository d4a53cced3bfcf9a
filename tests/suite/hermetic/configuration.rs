//! Defaults: the program with a home of its own.

use std::fs;
use std::path::Path;

use kubectl_buildkit::cli::settable::{PREFIX, Settables, variable};

use crate::support::folder::Folder;
use crate::support::plugin::Plugin;

const DOCUMENT: &str = "docs/configuration.md";

/// The variables of ours that a text names.
fn variables(text: &str) -> Vec<&str> {
    let is_name = |c: char| c.is_ascii_uppercase() || c == '_';
    let starts = text.match_indices(PREFIX).map(|(at, _)| &text[at..]);
    let ends = starts.map(|rest| rest.split(|c| !is_name(c)).next().unwrap());
    ends.filter(|name| *name != PREFIX).collect()
}

#[test]
fn variables_of_the_documents_are_real() {
    let settables = Settables::default();
    let mut real: Vec<String> = settables.keys().map(variable).collect();
    real.extend(["CONFIG", "STATE"].map(|name| format!("{PREFIX}{name}")));
    for entry in fs::read_dir("docs").unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for name in variables(&text) {
            assert!(real.iter().any(|known| known == name), "{name}");
        }
    }
}

#[test]
fn the_documented_file_is_one() {
    let text = fs::read_to_string(DOCUMENT).unwrap();
    let (_, file) = text.split_once("```toml\n").unwrap();
    let (file, _) = file.split_once("```").unwrap();
    let folder = Folder::new().file("config.toml", file);
    let words = "config view -o json --context prod -n web";
    let run = with_config(words, folder.path()).run().done();
    assert_eq!(run.stderr, "");
    let shown: serde_json::Value = serde_json::from_str(run.stdout()).unwrap();
    let keys = shown["items"].as_array().unwrap().iter();
    let keys: Vec<&str> = keys.map(|one| one["key"].as_str().unwrap()).collect();
    assert_eq!(
        keys,
        [
            "build.cache-from",
            "build.progress",
            "builder",
            "create.rootless",
            "namespace"
        ]
    );
}

fn with_config(words: &str, folder: &Path) -> Plugin {
    Plugin::new(words).env("KUBECTL_BUILDKIT_CONFIG", folder.join("config.toml"))
}

#[test]
fn what_is_set_is_shown_counts_and_can_be_taken_back() {
    let folder = Folder::new();
    let path = folder.path();
    let run = |words: &str| {
        let said = with_config(words, path).run().done();
        assert_eq!(said.stderr, "", "{words}");
        said.stdout().replace(path.to_str().unwrap(), "FOLDER")
    };
    let said = [
        "config view",
        "config set build.progress plain",
        "config set builder team --context prod -n web",
        "config set build.cache-from a type=registry,ref=b --context prod",
        "config view --context prod -n web",
        "config view --context prod -n web -o yaml",
        "config unset build.progress",
        "config unset builder --context prod -n web",
        "config view",
    ]
    .map(|words| format!("$ kubectl buildkit {words}\n{}", run(words)));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let folder = Folder::new().file("config.toml", "build.progress = \"loud\"\n");
    let path = folder.path();
    let context = Folder::with_dockerfile("FROM scratch\n");
    let build = format!(
        "build {} --buildkit-host unix:///nowhere",
        context.path().display()
    );
    let run = |words: &str| {
        let said = with_config(words, path).run().code(2).stderr;
        said.replace(path.to_str().unwrap(), "FOLDER")
            .replace(context.path().to_str().unwrap(), "CONTEXT")
    };
    let said = [
        "config set build.progres plain",
        "config set build.load maybe",
        "config set build.progress plain tty",
        "config set build.load true -n web",
        "config unset build.load",
        "config view --al",
        &build,
    ]
    .map(|words| format!("$ kubectl buildkit {words}\n{}", run(words)));
    let said = said
        .join("\n")
        .replace(context.path().to_str().unwrap(), "CONTEXT");
    insta::assert_snapshot!(said);
}

/// One secret of each kind; each has `s3cret` in it.
const SECRETS: &str = r#"
create.env = ["HTTP_PROXY=http://me:s3cret@proxy:3128", "API_TOKEN=s3cret", "MODE=fast"]
create.driver-opt = ["env.NPM_TOKEN=s3cret,rootless=true"]
create.patch = ['{"spec": {"containers": [{"name": "x", "env": [{"name": "KEY", "value": "s3cret"}]}]}}']
build.build-arg = ["VERSION=1", "DB_PASSWORD=s3cret, with more"]
build.build-context = ["src=https://s3cret@git.example/a.git"]
build.cache-from = ["type=azblob,name=c,account_url=https://a/?sig=s3cret,secret_access_key=s3cret"]
build.cache-to = ["type=s3,region=r,bucket=b,secret_access_key=s3cret,session_token=s3cret", "type=gha,token=s3cret"]
"#;

#[test]
fn secrets_are_shown_to_who_asks_for_them() {
    let folder = Folder::new().file("config.toml", SECRETS);
    let shown = |words: &str| {
        let call = with_config(words, folder.path()).env("KUBECTL_BUILDKIT_TOKEN", "s3cret");
        let ended = call.run().done();
        assert_eq!(ended.stderr, "", "{words}");
        ended.stdout().to_owned()
    };
    for form in ["", "-o json", "-o yaml", "-o jsonpath={.items[*].values}"] {
        let view = shown(&format!("config view {form}"));
        assert!(!view.contains("s3cret"), "{view}");
        for rest in [
            "MODE=fast",
            "VERSION=1",
            "bucket=b",
            "me:REDACTED@proxy:3128",
        ] {
            assert!(view.contains(rest), "{rest}: {view}");
        }
        let raw = shown(&format!("config view --raw {form}"));
        assert!(!raw.contains("REDACTED"), "{raw}");
        let secrets = SECRETS.matches("s3cret").count();
        assert_eq!(raw.matches("s3cret").count(), secrets + 1, "{raw}");
    }
}

#[test]
fn what_is_wrong_with_a_value_is_said_without_its_secrets() {
    let context = Folder::with_dockerfile("FROM scratch\n");
    let build = format!(
        "build {} --buildkit-host unix:///nowhere",
        context.path().display()
    );
    for (words, code) in [("config view", 0), (build.as_str(), 2)] {
        let call = Plugin::new(words).env("KUBECTL_BUILDKIT_CACHE_TO", "tpye=gha,token=s3cret");
        let said = call.run().code(code).stderr;
        assert!(said.contains("tpye=gha,token=REDACTED"), "{said}");
        assert!(!said.contains("s3cret"), "{said}");
    }
}

#[test]
fn a_misspelt_variable_is_named_and_nothing_is_lost() {
    let run = Plugin::new("version --client").env("KUBECTL_BUILDKIT_BULDER", "a");
    let said = run.run().done();
    assert!(said.stdout().contains("Client Version"));
    assert_eq!(
        said.stderr,
        "note: $KUBECTL_BUILDKIT_BULDER means nothing; did you mean $KUBECTL_BUILDKIT_BUILDER?\n"
    );
}
