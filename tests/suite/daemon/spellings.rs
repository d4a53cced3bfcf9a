//! Dockerfiles and ignore files as editors of other systems write them, and under odd names.

use crate::support::daemon::build;
use crate::support::folder::Folder;

fn result(context: &Folder, arguments: &[&str]) -> Vec<String> {
    let out = Folder::new();
    build(context.path())
        .args(arguments)
        .arg("-o")
        .arg(out.path())
        .run()
        .done();
    out.list()
}

#[test]
fn line_ends_and_byte_order_marks_of_windows() {
    for mark in ["", "\u{feff}"] {
        let dockerfile = format!("{mark}# escape=`\r\nFROM scratch\r\nCOPY . `\r\n  /\r\n");
        let ignore = format!("{mark}drop\r\n# a comment\r\n\r\n*.x\r\n!keep.x\r\nDocker*  \r\n");
        let context = Folder::with_dockerfile(&dockerfile)
            .file(".dockerignore", ignore)
            .file("drop/a", "")
            .file("a.x", "")
            .file("keep.x", "")
            .file("d/b.x", "");
        let want = [".dockerignore", "d", "d/b.x", "keep.x"];
        assert_eq!(result(&context, &[]), want, "{mark:?}");
    }
}

/// Each has an ignore file of its own, by its name.
#[test]
fn odd_names_of_dockerfiles() {
    let names = [
        "Docker file",
        "Dockerfile.ü",
        "b,c=d.Dockerfile",
        "deploy/%41+b.Dockerfile",
        "DOCKERFILE",
        ".hidden",
        "x.dockerignore.df",
        "quote'\"s",
    ];
    for name in names {
        let context = Folder::new()
            .file(name, "FROM scratch\nCOPY a* /\n")
            .file(&format!("{name}.dockerignore"), "ab\n")
            .file(".dockerignore", "aa\n")
            .file("aa", "")
            .file("ab", "");
        let file = context.join(name);
        assert_eq!(
            result(&context, &["-f", file.to_str().unwrap()]),
            ["aa"],
            "{name}"
        );
    }
}

#[test]
fn the_upper_case_name_comes_before_the_lower_case_one() {
    let context = Folder::with_dockerfile("FROM scratch\nCOPY a /upper\n")
        .file("dockerfile", "FROM scratch\nCOPY a /lower\n")
        .file("a", "");
    assert_eq!(result(&context, &[]), ["upper"]);
}
