//! The `console` blocks of all documents do what stands below them. Each document has a namespace and
//! a home of its own, and runs from its first command to its last.

use std::fs;
use std::thread;

use crate::support::markdown::{Example, documents, examples};
use crate::support::shell::Shell;
use crate::support::testbed::testbed;

/// What documents call the registry of their readers.
const REGISTRY: &str = "registry.example";

/// A build context for commands that say only `.`
const DOCKERFILE: &str =
    "FROM busybox\nARG VERSION\nCOPY . /app\nRUN echo \"$VERSION\" >/version\n";

/// A line without what differs between machines and runs: blanks, versions, counts, times, pods.
fn plain(line: &str) -> String {
    let line = regex::Regex::new(
        r"v\d+\.\d+\.\d+|\(\+\d+\)|, linux/386|\d+\.\d+s|sha256:[0-9a-f]+|-[0-9a-f]{8,10}-[a-z0-9]{5}\b",
    )
    .unwrap()
    .replace_all(line, "");
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Runs a command; what is wrong with what it says.
fn problem(shell: &Shell, example: &Example) -> Option<String> {
    let registry = testbed().get("REGISTRY");
    let ran = shell.run(&example.command.replace(REGISTRY, registry));
    let said = String::from_utf8_lossy(&ran.stdout).replace(registry, REGISTRY);
    let shall_fail = example
        .output
        .iter()
        .any(|line| line.starts_with("error: "));
    if ran.status.success() == shall_fail {
        return Some(format!("$ {}\n{}\n{said}", example.command, ran.status));
    }
    let keeps = |promised: &str| said.lines().any(|line| plain(line).starts_with(promised));
    let broken = example
        .output
        .iter()
        .map(|line| plain(line))
        .find(|line| !keeps(line))?;
    Some(format!(
        "$ {}\npromised: {broken}\nsaid:\n{said}",
        example.command
    ))
}

/// Somebody who types all commands of a document, one after the other.
fn follow(file: &str) -> Option<String> {
    let space = testbed().namespace("document");
    let shell = Shell::new(&space);
    let folder = fs::canonicalize("examples").unwrap();
    // A policy may not read what a link leads to.
    let _ = shell.run(&format!("cp -r {} examples", folder.display()));
    shell.home.write("Dockerfile", DOCKERFILE);
    shell.home.write(".dockerignore", "*\n!src\n");
    shell.home.write("src/main.c", "");
    let problem = examples(file)
        .iter()
        .find_map(|example| problem(&shell, example));
    // A reader who was told to make a builder is told how to remove it.
    let left = || {
        let left = space.objects();
        (!left.is_empty()).then(|| format!("its last command leaves behind:\n{left}"))
    };
    let problem = problem.or_else(left)?;
    Some(format!("{file}: {problem}"))
}

#[test]
fn every_document_does_what_it_shows() {
    let files: Vec<String> = documents()
        .into_iter()
        .filter(|file| !examples(file).is_empty())
        .collect();
    assert!(files.iter().any(|file| file == "README.md"), "{files:?}");
    // Two at a time: each has builders of its own.
    let (left, right) = files.split_at(files.len() / 2);
    let follow_all = |files: &[String]| -> Vec<String> {
        files.iter().filter_map(|file| follow(file)).collect()
    };
    let problems = thread::scope(|scope| {
        let other = scope.spawn(|| follow_all(right));
        [follow_all(left), other.join().unwrap()].concat()
    });
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}
