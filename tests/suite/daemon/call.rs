//! Questions to the frontend: asked, shown and ended as docker buildx does it.

use serde_json::Value;

use crate::support::buildx_peer::both;
use crate::support::daemon::build;
use crate::support::folder::Folder;
use crate::support::plugin::Finished;
use crate::support::terminal::{Terminal, screen};

const GOOD: &str = "FROM busybox AS base\nRUN true\nFROM base AS last\nRUN true\n";

/// Something of everything that an answer may have.
const RICH: &str = "# base stage\nFROM busybox AS base\nARG VERSION=1\n# NAME is who\nARG NAME\n\
     RUN --mount=type=secret,id=tok,required true\nrun\techo $NAME\nFROM base as Final\n\
     RUN --mount=type=ssh --mount=type=cache,target=/c true\nENV A b\nCMD echo hi\n";

/// It cannot be built, and has a warning too.
const BROKEN: &str = "FROM busybox as base\nCOPY --from=nowhere /a /\nNONSENSE\n";

/// Asks both programs; what they print and how they end has to be the same.
#[track_caller]
fn same(dockerfile: &str, words: &[&str], code: i32) -> String {
    let context = Folder::with_dockerfile(dockerfile);
    let both = both(context.path(), words);
    let ours = both.ours.code(code);
    let theirs = both.theirs.code(code);
    assert_eq!(ours.stdout(), theirs.stdout(), "{words:?}");
    ours.stdout().to_owned()
}

#[test]
fn checks() {
    let none = same(GOOD, &["--check"], 0);
    assert_eq!(none, "Check complete, no warnings found.\n");
    let found = same(RICH, &["--check"], 1);
    assert!(found.starts_with("Check complete, 5 warnings"), "{found}");
    same(RICH, &["--call", "check,ignorestatus=true"], 0);
    same(GOOD, &["--check=true", "--target", "base"], 0);
    same("FROM busybox as base\n", &["--print=check"], 1);
}

#[test]
fn answers_fit_a_narrow_terminal() {
    let dockerfile = RICH.replace(
        "# base stage",
        "# base what all the others begin with, and more",
    );
    for what in ["targets", "outline", "subrequests.describe"] {
        let context = Folder::with_dockerfile(&dockerfile);
        let terminal = Terminal::new(40, 100);
        let call = build(context.path()).args(["--call", what, "--target", "base"]);
        let _ = call.printing_on(&terminal).run().done();
        let shown = screen(&terminal.all(), 40, 100);
        assert!(shown.len() > 1, "{shown:?}");
        assert!(
            what == "subrequests.describe" || shown.concat().contains("and more"),
            "{shown:?}"
        );
    }
}

#[test]
fn checks_of_what_cannot_be_built() {
    let context = Folder::with_dockerfile(BROKEN);
    let both = both(context.path(), &["--check"]);
    let (ours, theirs) = (both.ours.code(1), both.theirs.code(1));
    assert_eq!(ours.stdout(), theirs.stdout());
    let excerpt = "   3 | >>> NONSENSE";
    assert!(ours.stderr.contains(excerpt), "{}", ours.stderr);
    assert!(theirs.stderr.contains(excerpt), "{}", theirs.stderr);
}

#[test]
fn checks_as_json() {
    // The sources in it name the session, which is another one each time.
    let found = |dockerfile: &str| {
        let context = Folder::with_dockerfile(dockerfile);
        let both = both(context.path(), &["--call=lint,format=json"]);
        let read = |finished: Finished| {
            let json: Value = serde_json::from_str(finished.code(1).stdout()).unwrap();
            (json["warnings"].clone(), json["buildError"].clone())
        };
        (read(both.ours), read(both.theirs))
    };
    let (ours, theirs) = found(RICH);
    assert_eq!(ours, theirs);
    assert_eq!(ours.0.as_array().unwrap().len(), 5);
    let (ours, theirs) = found(BROKEN);
    assert_eq!(ours, theirs);
    assert!(!ours.1.is_null());
}

#[test]
fn outlines_targets_and_methods() {
    same(RICH, &["--call", "outline"], 0);
    same(
        RICH,
        &[
            "--call",
            "outline",
            "--target",
            "base",
            "--build-arg",
            "NAME=x",
        ],
        0,
    );
    same(RICH, &["--call", "outline,format=json"], 0);
    same(RICH, &["--call", "targets"], 0);
    same(RICH, &["--call", "targets,format=json"], 0);
    same(RICH, &["--call", "subrequests.describe"], 0);
    same(RICH, &["--call", "subrequests.describe,format=json"], 0);
    same(
        GOOD,
        &["--call", "outline", "--platform", "linux/amd64,linux/arm64"],
        0,
    );
    let unknown = same(GOOD, &["--call", "nothing"], 1);
    assert_eq!(unknown, "");
}

#[test]
fn an_answer_is_all_that_comes_of_a_question() {
    let (context, out) = (Folder::with_dockerfile(RICH), Folder::new());
    let output = |kind: &str, name: &str| format!("type={kind},dest={}", out.join(name).display());
    let finished = build(context.path())
        .args(["--call", "outline", "--metadata-file"])
        .arg(out.join("metadata"))
        .args([
            "-o",
            &output("oci", "x.tar"),
            "-o",
            &output("local", "files"),
            "-o",
            &output("docker,tar=false", "layout"),
        ])
        .run()
        .done();
    assert!(
        !finished.stderr.contains("No output"),
        "{}",
        finished.stderr
    );
    assert!(!finished.stderr.contains("built in"), "{}", finished.stderr);
    assert_eq!(out.list(), ["metadata"]);
    let metadata: Value = serde_json::from_str(&out.read("metadata")).unwrap();
    assert_eq!(metadata["result.json"]["name"], "final");
    assert_eq!(metadata["version"], "1.0.0");
    assert!(metadata.get("buildx.build.ref").is_none(), "{metadata}");
}
