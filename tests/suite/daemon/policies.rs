//! Policies in Rego: what they allow and refuse is what docker buildx allows and refuses.

use std::process::Command;

use crate::support::buildx_peer::{Both, both};
use crate::support::daemon::build;
use crate::support::folder::Folder;
use crate::support::plugin::Finished;
use crate::support::web::{Site, git};

/// Everything but images: the build's own folders.
const LOCAL: &str = "package docker\ndefault allow := false\nallow if input.local\n";
/// The decision with all that was said against a source.
const DECISION: &str = "\ndecision := {\"allow\": allow, \"deny_msg\": deny_msg}\ndeny_msg contains m if { false; m := \"\" }\n";

/// A Dockerfile, the rules beside it, more words, and whether it can be built.
const POLICIES: &[(&str, &str, &str, bool)] = &[
    ("FROM scratch\nCOPY a /\n", "", "", true),
    ("FROM busybox\n", "", "", false),
    (
        "FROM busybox\n",
        "allow if { input.image.host == \"docker.io\"; input.image.repo == \"busybox\"; input.image.tag == \"latest\" }",
        "",
        true,
    ),
    (
        "FROM busybox\n",
        "allow if { input.image.fullRepo == \"docker.io/library/busybox\"; input.image.arch == \"arm64\" }",
        "--platform linux/amd64",
        false,
    ),
    (
        "FROM busybox\n",
        "deny_msg contains m if { input.image.tag == \"latest\"; m := sprintf(\"%s floats\", [input.image.ref]) }",
        "",
        false,
    ),
    (
        "FROM busybox\n",
        "allow if startswith(input.image.checksum, \"sha256:\")",
        "",
        true,
    ),
    (
        "FROM busybox\n",
        "allow if not input.image.labels.vendor",
        "",
        true,
    ),
    (
        "FROM busybox\n",
        "allow if input.image.labels.vendor == \"x\"",
        "",
        false,
    ),
    (
        "FROM busybox\n",
        "allow if { some e in input.image.env; startswith(e, \"PATH=\") }",
        "",
        true,
    ),
    (
        "FROM busybox\n",
        "allow if input.image.user == \"nobody\"",
        "",
        false,
    ),
    (
        "FROM busybox\n",
        "allow if object.get(input.image, \"workingDir\", \"/\") == \"/\"",
        "",
        true,
    ),
    (
        "FROM busybox\n",
        "allow if input.env.args.TRUST == \"yes\"",
        "",
        false,
    ),
    (
        "FROM busybox\n",
        "allow if input.env.args.TRUST == \"yes\"",
        "--build-arg TRUST=yes",
        true,
    ),
    (
        "FROM busybox AS x\n",
        "allow if input.env.target == \"x\"",
        "--target x",
        true,
    ),
    (
        "FROM busybox\n",
        "allow if input.env.filename == \"Dockerfile\"",
        "",
        true,
    ),
    (
        "FROM busybox\n",
        "allow if input.env.labels.a == \"b\"",
        "--label a=b",
        true,
    ),
    (
        "FROM busybox\n",
        "allow if load_json(\"trust.json\").hosts[_] == input.image.host",
        "",
        true,
    ),
    (
        "FROM busybox\n",
        "import data.lib.hosts\nallow if data.lib.hosts.known(input.image.host)",
        "",
        true,
    ),
    (
        "FROM busybox\n",
        "allow if data.lib.hosts.known(input.image.host)",
        "--policy disabled=true",
        true,
    ),
    (
        "FROM busybox\n",
        "allow if true",
        "--policy filename=no.rego",
        false,
    ),
    (
        "FROM busybox\n",
        "",
        "--policy reset=true,filename=yes.rego",
        true,
    ),
    (
        "FROM busybox\n",
        "allow if true",
        "--policy filename=yes.rego --policy log-level=debug",
        true,
    ),
    (
        "FROM busybox@sha256:0000000000000000000000000000000000000000000000000000000000000000\n",
        "allow if { input.image.isCanonical; false }",
        "",
        false,
    ),
    (
        "FROM busybox\n",
        "allow if pin_image(input.image, \"sha256:0000000000000000000000000000000000000000000000000000000000000000\")",
        "",
        false,
    ),
];

fn context(dockerfile: &str, rules: &str) -> Folder {
    Folder::with_dockerfile(dockerfile)
        .file("Dockerfile.rego", policy(rules))
        .file("a", "a")
        .file("trust.json", "{\"hosts\": [\"docker.io\"]}")
        .file(
            "lib/hosts.rego",
            "package any\nknown(host) if host == \"docker.io\"\n",
        )
        .file(
            "yes.rego",
            "package docker\ndecision := {\"allow\": true}\n",
        )
        .file(
            "no.rego",
            "package docker\ndecision := {\"allow\": false, \"deny_msg\": [\"no\"]}\n",
        )
}

/// Imports come before rules.
fn policy(rules: &str) -> String {
    let (imports, rules) = match rules.split_once('\n') {
        Some((import, rest)) if import.starts_with("import") => (import, rest),
        _ => ("", rules),
    };
    let local = LOCAL.replacen('\n', &format!("\n{imports}\n"), 1);
    format!("{local}{rules}{DECISION}")
}

/// What policies said against the build.
fn denials(finished: &Finished) -> Vec<&str> {
    let lines = finished.stderr.lines();
    lines.filter(|line| line.starts_with("Policy: ")).collect()
}

fn transcripts(both: &Both) -> String {
    format!("{}\n{}", both.ours.transcript(), both.theirs.transcript())
}

#[track_caller]
fn same(dockerfile: &str, rules: &str, words: &[&str], is_allowed: bool) -> Finished {
    let context = context(dockerfile, rules);
    let both = both(context.path(), words);
    let what = format!("{dockerfile}{rules} {words:?}\n{}", transcripts(&both));
    assert_eq!(both.ours.code, both.theirs.code, "{what}");
    assert_eq!(both.ours.code, i32::from(!is_allowed), "{what}");
    assert_eq!(denials(&both.ours), denials(&both.theirs), "{what}");
    let refused = "not allowed by policy";
    assert_eq!(
        both.ours.stderr.contains(refused),
        both.theirs.stderr.contains(refused),
        "{what}"
    );
    both.ours
}

#[test]
fn images_and_folders() {
    for (dockerfile, rules, words, is_allowed) in POLICIES {
        let words: Vec<&str> = words.split_whitespace().collect();
        same(dockerfile, rules, &words, *is_allowed);
    }
}

/// Without a policy it could be built.
#[test]
fn a_policy_is_found_where_its_dockerfile_is() {
    let never = "package docker\ndecision := {\"allow\": false}\n";
    let dockerfile = "FROM scratch\nCOPY a /\n";
    for (file, words) in [
        ("dockerfile", &[][..]),
        ("sub/Own", &["-f", "sub/Own"]),
        ("Other", &["-f", "Other", "--call", "outline"]),
    ] {
        let context = Folder::new()
            .file("a", "a")
            .file(file, dockerfile)
            .file(&format!("{file}.rego"), never);
        let mut words = words.to_vec();
        let name = context.join(file);
        if let [_, named, ..] = &mut words[..] {
            *named = name.to_str().unwrap();
        }
        let both = both(context.path(), &words);
        assert_eq!(both.ours.code, 1, "{}", transcripts(&both));
        assert_eq!(both.theirs.code, 1, "{}", transcripts(&both));
    }
}

#[test]
fn downloads() {
    let web = Site::default().file("f", "text").serve();
    let dockerfile = format!("FROM scratch\nADD {} /\n", web.url("f?x=1"));
    let hash = "sha256:982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1";
    let host = web.url("");
    let host = host.trim_start_matches("http://").trim_end_matches('/');
    for (rules, is_allowed) in [
        ("allow if input.http.checksum == HASH", true),
        ("allow if input.http.checksum == \"sha256:0\"", false),
        (
            "allow if { input.http.host == HOST; input.http.path == \"/f\"; input.http.query.x[0] == \"1\" }",
            true,
        ),
        ("allow if input.http.schema == \"https\"", false),
    ] {
        let rules = rules
            .replace("HASH", &format!("{hash:?}"))
            .replace("HOST", &format!("{host:?}"));
        same(&dockerfile, &rules, &[], is_allowed);
    }
}

/// Commits and tags, and what a policy says of them.
const REPOSITORIES: &[(&str, &str, bool)] = &[
    ("#main", "allow if input.git.branch == \"main\"", true),
    ("#main", "allow if input.git.branch == \"next\"", false),
    (
        "#v1",
        "allow if { input.git.tagName == \"v1\"; input.git.isAnnotatedTag }",
        true,
    ),
    ("#v1", "allow if input.git.tag.message == \"first\"", true),
    (
        "#main",
        "allow if { input.git.commit.message == \"one\"; count(input.git.commit.parents) == 0 }",
        false,
    ),
    ("#main", "allow if not input.git.commit.parents", true),
    (
        "",
        "allow if { input.git.schema == \"http\"; endswith(input.git.remote, \"/git/app.git\") }",
        true,
    ),
    (
        "#main",
        "allow if verify_git_signature(input.git.commit, \"key.pub\")",
        true,
    ),
    (
        "#main",
        "allow if verify_git_signature(input.git.commit, \"other.pub\")",
        false,
    ),
    (
        "#v1",
        "allow if verify_git_signature(input.git.tag, \"key.pub\")",
        true,
    ),
];

/// A repository `app.git` with a signed commit and a signed tag, and the key's public half.
fn signed_repository() -> (Folder, String) {
    let root = Folder::new().file("work/a", "a");
    let key = root.join("key");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&key)
        .status();
    assert!(made.unwrap().success());
    let work = root.join("work");
    let public = format!("{}.pub", key.display());
    git(&work, &["init", "-q", "-b", "main"]);
    git(&work, &["config", "gpg.format", "ssh"]);
    git(&work, &["config", "user.signingkey", &public]);
    git(&work, &["add", "."]);
    git(&work, &["commit", "-q", "-S", "-m", "one"]);
    git(&work, &["tag", "-s", "v1", "-m", "first"]);
    git(root.path(), &["clone", "-q", "--bare", "work", "app.git"]);
    let key = root.read("key.pub");
    (root, key)
}

#[test]
fn repositories() {
    let (root, key) = signed_repository();
    let web = Site::default().repositories(root.path()).serve();
    for (suffix, rules, is_allowed) in REPOSITORIES {
        let context = context("FROM scratch\nCOPY --from=repo a /\n", rules);
        context.write("key.pub", &key);
        context.write(
            "other.pub",
            include_str!("../../../src/policy/testdata/other.pub"),
        );
        let repository = format!("repo={}", web.url(&format!("git/app.git{suffix}")));
        let both = both(context.path(), &["--build-context", &repository]);
        let what = transcripts(&both);
        assert_eq!(both.ours.code, both.theirs.code, "{suffix} {rules}\n{what}");
        assert_eq!(
            both.ours.code,
            i32::from(!is_allowed),
            "{suffix} {rules}\n{what}"
        );
    }
}

#[test]
fn what_policies_decide_is_shown() {
    let rules =
        "deny_msg contains m if { print(\"saw\", input.image.tag); input.image; m := \"never\" }";
    let refused = same("FROM busybox\n", rules, &["--progress", "plain"], false);
    for line in [
        "loading policies Dockerfile.rego",
        "checking policy for source docker-image://docker.io/library/busybox:latest (linux/amd64)",
        "saw latest",
        ": DENY",
        " - never",
        "Policy: never",
        "source \"docker-image://docker.io/library/busybox:latest\" not allowed by policy: action DENY",
    ] {
        assert!(refused.stderr.contains(line), "{line}\n{}", refused.stderr);
    }
    let quiet = same(
        "FROM busybox\n",
        rules,
        &["--progress", "plain", "--policy", "log-level=error"],
        false,
    );
    assert!(
        !quiet.stderr.contains("checking policy"),
        "{}",
        quiet.stderr
    );
}

#[test]
fn a_policy_that_cannot_be_used_ends_the_build_before_it_begins() {
    let context = context("FROM scratch\nCOPY a /\n", "allow if {");
    let broken = build(context.path()).run().code(2);
    assert!(
        broken
            .stderr
            .contains("Dockerfile.rego: the policy cannot be used"),
        "{}",
        broken.stderr
    );
    for (rules, reason) in [
        (
            "package docker\nx := input.image.signatures",
            "signatures by sigstore or PGP",
        ),
        ("package docker\nimport data.nothing\n", "there is no "),
        (
            "package docker\nx := 1",
            "does not define data.docker.decision",
        ),
    ] {
        context.write("Dockerfile.rego", rules);
        let refused = build(context.path()).run().code(2);
        assert!(refused.stderr.contains(reason), "{}", refused.stderr);
    }
    context.write(
        "Dockerfile.rego",
        "package docker\ndecision := {\"allow\": true}",
    );
    let missing = build(context.path())
        .args(["--policy", "filename=cwd://nowhere.rego"])
        .run()
        .code(2);
    assert!(
        missing.stderr.contains("nowhere.rego"),
        "{}",
        missing.stderr
    );
}
