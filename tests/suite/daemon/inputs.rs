//! What a build reads.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::daemon::{Relay, build, build_on};
use crate::support::folder::Folder;

/// Builds and returns the files of the result.
fn result(context: &Folder, arguments: &[&str]) -> Folder {
    let out = Folder::new();
    build(context.path())
        .args(arguments)
        .arg("-o")
        .arg(out.path())
        .run()
        .done();
    out
}

#[test]
fn arguments_labels_target_and_file() {
    let context = Folder::new().file(
        "deploy/My.Dockerfile",
        "FROM busybox AS base\nARG A\nARG B\nRUN echo \"$A $B\" > /values\n\
         FROM scratch AS wanted\nCOPY --from=base /values /\nFROM scratch AS other\nCOPY nothing /\n",
    );
    let out = Folder::new();
    build(context.path())
        .arg("-f")
        .arg(context.join("deploy/My.Dockerfile"))
        .args([
            "--target",
            "wanted",
            "--build-arg",
            "A=x=y",
            "--build-arg",
            "B",
            "--no-cache",
        ])
        .env("B", "from the environment")
        .arg("-o")
        .arg(out.path())
        .run()
        .done();
    assert_eq!(out.read("values"), "x=y from the environment\n");
}

#[test]
fn an_ignore_file_of_400_lines_and_more() {
    let mut patterns = String::from("*\n!keep\n# a comment\n");
    for i in 0..2000 {
        writeln!(patterns, "a/rather/long/path/number-{i}/**/*.tmp").unwrap();
    }
    let context = Folder::with_dockerfile("FROM scratch\nCOPY . /\n")
        .file(".dockerignore", patterns)
        .file("keep/a", "1")
        .file("drop/b", "2");
    assert_eq!(result(&context, &[]).list(), ["keep", "keep/a"]);
}

#[test]
fn an_ignore_file_of_its_own_for_a_dockerfile() {
    let context = Folder::with_dockerfile("FROM scratch\nCOPY . /\n")
        .file(".dockerignore", "b\n")
        .file("Dockerfile.dockerignore", "a\nDockerfile*\n.dockerignore\n")
        .file("a", "1")
        .file("b", "2");
    assert_eq!(result(&context, &[]).list(), ["b"]);
}

#[test]
fn names_that_are_not_utf8_links_and_sockets() {
    use std::os::unix::ffi::OsStrExt as _;
    let context = Folder::with_dockerfile("FROM scratch\nCOPY . /\n")
        .file(".dockerignore", "Dockerfile\n.dockerignore\n")
        .file("a", "1");
    let odd = std::ffi::OsStr::from_bytes(b"n\xff");
    std::fs::write(context.path().join(odd), "odd").unwrap();
    std::fs::hard_link(context.join("a"), context.join("b")).unwrap();
    std::os::unix::fs::symlink("../../../etc/passwd", context.join("out")).unwrap();
    std::os::unix::fs::symlink("/etc", context.join("absolute")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(context.join("socket")).unwrap();

    let out = result(&context, &[]);
    assert_eq!(std::fs::read(out.path().join(odd)).unwrap(), b"odd");
    let inode = |name: &str| {
        use std::os::unix::fs::MetadataExt as _;
        out.join(name).metadata().unwrap().ino()
    };
    assert_eq!(inode("a"), inode("b"), "hard links stay hard links");
    let target = |name: &str| std::fs::read_link(out.join(name)).unwrap();
    assert_eq!(target("out").to_str(), Some("../../../etc/passwd"));
    assert_eq!(target("absolute").to_str(), Some("/etc"));
    assert_eq!(
        out.read("socket"),
        "",
        "a socket becomes an empty file, as in buildx"
    );
}

#[test]
fn what_cannot_be_read_is_named_unless_it_is_ignored() {
    let context = Folder::with_dockerfile("FROM scratch\nCOPY . /\n").file("secret", "1");
    std::fs::set_permissions(context.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::set_permissions(
        context.join("secret"),
        std::fs::Permissions::from_mode(0o000),
    )
    .unwrap();
    let relay = Relay::start();
    let run = || {
        build_on(&relay.address(), context.path())
            .env("HOME", "/nonexistent")
            .for_nobody()
            .run()
    };

    let failed = run().code(1);
    assert!(
        failed.stderr.contains("cannot open secret"),
        "{}",
        failed.stderr
    );
    assert!(failed.stderr.contains(".dockerignore"), "{}", failed.stderr);

    context.write(".dockerignore", "secret\n");
    run().done();
}

#[test]
fn a_folder_that_cannot_be_read_is_named() {
    let context = Folder::with_dockerfile("FROM scratch\nCOPY . /\n").file("private/x", "1");
    std::fs::set_permissions(context.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::set_permissions(
        context.join("private"),
        std::fs::Permissions::from_mode(0o000),
    )
    .unwrap();
    let relay = Relay::start();
    let failed = build_on(&relay.address(), context.path())
        .env("HOME", "/nonexistent")
        .for_nobody()
        .run()
        .code(1);
    assert!(
        failed.stderr.contains("cannot read folder private"),
        "{}",
        failed.stderr
    );
}

#[test]
fn a_lower_case_dockerfile() {
    let context = Folder::new()
        .file("dockerfile", "FROM scratch\nCOPY a /\n")
        .file("a", "1");
    assert_eq!(result(&context, &[]).list(), ["a"]);
}
