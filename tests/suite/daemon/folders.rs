//! Results that are folders: what is there already, and several platforms.

use std::os::unix::fs::symlink;

use crate::support::daemon::{address, build};
use crate::support::folder::Folder;
use crate::support::plugin::Plugin;

/// What buildx's own tests of outputs build.
fn project() -> Folder {
    Folder::with_dockerfile("FROM scratch\nCOPY foo /bar\n").file("foo", "foo")
}

/// `build .` in the folder of the project.
fn build_in(project: &Folder, output: &str) -> Plugin {
    Plugin::new(&format!("build --buildkit-host {}", address()))
        .within(project.path())
        .args(["-o", output, "."])
}

const ALLOW: &str = "--allow=buildx.local.delete";

#[test]
fn deleting_outside_of_the_current_folder_has_to_be_allowed() {
    let (project, elsewhere) = (project().file("stale", ""), Folder::new().file("kept", ""));
    symlink(elsewhere.path(), project.join("out")).unwrap();
    symlink(elsewhere.join("new"), project.join("dangling")).unwrap();
    let outside = format!(
        "type=local,mode=delete,dest={}/x",
        elsewhere.path().display()
    );
    let parent = "type=local,mode=delete,dest=in/../..";
    let rows = [
        "type=local,mode=delete,dest=.",
        &outside,
        parent,
        "type=local,mode=delete,dest=out",
        "type=local,mode=delete,dest=out/x",
    ];
    for output in rows {
        let refused = build_in(&project, output).run().code(2);
        assert!(
            refused.stderr.contains(ALLOW),
            "{output}: {}",
            refused.stderr
        );
        assert!(
            refused.stderr.contains("is not below the current folder"),
            "{output}"
        );
    }
    let dangling = build_in(&project, "type=local,mode=delete,dest=dangling")
        .run()
        .code(2);
    assert!(
        dangling.stderr.contains("leads nowhere"),
        "{}",
        dangling.stderr
    );
    assert_eq!(elsewhere.list(), ["kept"]);
    assert!(project.join("stale").exists());
}

#[test]
fn the_allowance_takes_no_value() {
    let value = build_in(&project(), "out")
        .arg(format!("{ALLOW}=true"))
        .run()
        .code(2);
    assert!(
        value.stderr.contains("buildx.local.delete takes no value"),
        "{}",
        value.stderr
    );
}

#[test]
fn stale_files_below_the_current_folder_go() {
    let project = project()
        .file("out/stale", "")
        .file("out/d/e", "")
        .file("out/bar/x", "");
    symlink("../foo", project.join("out/link")).unwrap();
    let run = build_in(&project, "type=local,dest=out,mode=delete")
        .run()
        .done();
    let out: Vec<_> = project
        .list()
        .into_iter()
        .filter(|name| name.starts_with("out"))
        .collect();
    assert_eq!(out, ["out", "out/bar"]);
    assert_eq!(project.read("out/bar"), "foo");
    assert_eq!(project.read("foo"), "foo");
    let note = "deleted 4 entries from ";
    assert!(run.stderr.contains(note), "{}", run.stderr);
}

#[test]
fn the_current_folder_is_deleted_from_if_that_is_allowed() {
    let project = project().file("stale", "");
    let output = "type=local,dest=.,mode=delete";
    build_in(&project, output).arg(ALLOW).run().done();
    assert_eq!(project.list(), ["bar"]);
}

#[test]
fn a_build_that_fails_deletes_nothing() {
    let project = project().file("out/stale", "").file("out/bar", "old");
    project.write("Dockerfile", "FROM scratch\nCOPY nothing /bar\n");
    build_in(&project, "type=local,dest=out,mode=delete")
        .run()
        .code(1);
    assert_eq!(
        (project.read("out/stale"), project.read("out/bar")),
        (String::new(), "old".into())
    );
}

/// Each platform has a file of its own, and one under a common name.
fn own_and_common() -> Folder {
    let context = Folder::with_dockerfile(
        "FROM scratch AS own\nARG TARGETARCH\nCOPY $TARGETARCH $TARGETARCH /d/\n\
         FROM own AS common\nCOPY both /\n",
    );
    let names = ["amd64", "arm64", "both"];
    names
        .into_iter()
        .fold(context, |context, name| context.file(name, name))
}

fn platforms(context: &Folder, out: &Folder, attributes: &str) -> Plugin {
    build(context.path())
        .args(["--platform", "linux/amd64,linux/arm64", "-o"])
        .arg(format!(
            "type=local,dest={}{attributes}",
            out.path().display()
        ))
}

#[test]
fn each_platform_has_a_folder_of_its_own() {
    let want = [
        "linux_amd64",
        "linux_amd64/both",
        "linux_amd64/d",
        "linux_amd64/d/amd64",
        "linux_arm64",
        "linux_arm64/both",
        "linux_arm64/d",
        "linux_arm64/d/arm64",
    ];
    let context = own_and_common();
    let out = Folder::new()
        .file("linux_arm64/stale", "")
        .file("linux_s390x/both", "");
    platforms(&context, &out, "").run().done();
    let kept = ["linux_arm64/stale", "linux_s390x", "linux_s390x/both"];
    let mut all = [&want[..], &kept].concat();
    all.sort_unstable();
    assert_eq!(out.list(), all);
    platforms(&context, &out, ",mode=delete")
        .arg(ALLOW)
        .run()
        .done();
    assert_eq!(out.list(), want);
}

#[test]
fn platforms_share_a_folder_unless_they_have_the_same_files() {
    let (context, own) = (own_and_common(), ["--target", "own"]);
    for attributes in [",platform-split=false", ",platform-split=false,mode=delete"] {
        let out = Folder::new();
        platforms(&context, &out, attributes)
            .args(own)
            .arg(ALLOW)
            .run()
            .done();
        assert_eq!(out.list(), ["d", "d/amd64", "d/arm64"]);
        assert_eq!(out.read("d/amd64") + &out.read("d/arm64"), "amd64arm64");
        let failed = platforms(&context, &out, attributes)
            .arg(ALLOW)
            .run()
            .code(1);
        assert!(
            failed.stderr.contains("cannot overwrite"),
            "{}",
            failed.stderr
        );
    }
}

#[test]
fn one_platform_gets_a_folder_if_that_is_wanted() {
    let (project, out) = (project(), Folder::new());
    let output = format!(
        "type=local,dest={},platform-split=true",
        out.path().display()
    );
    build(project.path())
        .args(["--platform", "linux/arm64", "-o", &output])
        .run()
        .done();
    assert_eq!(out.list(), ["linux_arm64", "linux_arm64/bar"]);
}

/// A result can be a symlink; another output does not follow it.
#[test]
fn an_output_does_not_follow_what_another_one_brought() {
    let elsewhere = Folder::new().file("kept", "");
    let context = Folder::new().file("foo", "foo");
    symlink(elsewhere.path(), context.join("out")).unwrap();
    context.write("Dockerfile", "FROM scratch\nCOPY . /\n");
    for second in ["type=local,dest=out/deep", "type=tar,dest=out", "out"] {
        let dest = Folder::new();
        // Whichever of the two is first, nothing gets out of the folder.
        let _ = Plugin::new(&format!("build --buildkit-host {}", address()))
            .within(dest.path())
            .arg(context.path())
            .args(["-o", ".", "-o", second])
            .run();
        assert_eq!(elsewhere.list(), ["kept"], "{second}");
    }
}
