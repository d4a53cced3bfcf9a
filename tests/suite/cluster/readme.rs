//! The commands of the README do what stands below them.

use std::fs;

use crate::support::markdown::examples;
use crate::support::shell::Shell;
use crate::support::testbed::testbed;

/// A line without what differs between machines and runs: blanks, versions, counts, times.
fn plain(line: &str) -> String {
    let line = regex::Regex::new(r"v\d+\.\d+\.\d+|\(\+\d+\)|, linux/386|\d+\.\d+s")
        .unwrap()
        .replace_all(line, "");
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_readme_does_what_it_shows() {
    let space = testbed().namespace("readme");
    let shell = Shell::new(&space);
    let folder = fs::canonicalize("examples").unwrap();
    std::os::unix::fs::symlink(folder, shell.home.join("examples")).unwrap();
    for example in examples("README.md") {
        let registry = testbed().get("REGISTRY");
        let said = shell.done(&example.command.replace("registry.example/you", registry));
        for line in &example.output {
            let promised = plain(line);
            let kept = said.lines().any(|line| plain(line).starts_with(&promised));
            assert!(
                kept,
                "$ {}\npromised: {promised}\nsaid:\n{said}",
                example.command
            );
        }
    }
    assert_eq!(space.objects(), "", "the last command removes the builder");
}
