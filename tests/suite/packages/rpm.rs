//! The rpm package, in a root of its own.

use std::path::Path;
use std::process::Command;

use crate::packages::{files, kubectl_runs_the_plugin_in, output, packed, pages};

fn rpm(root: &Path, words: &[&str]) -> String {
    let mut command = Command::new("rpm");
    // This machine is none of rpm's: its libraries are known to another data base.
    command.arg("--root").arg(root).arg("--nodeps");
    output(command.args(words))
}

#[test]
fn it_is_installed_run_and_removed_without_a_trace() {
    let root = tempfile::tempdir().unwrap();
    let package = packed(".rpm");
    rpm(root.path(), &["--install", package.to_str().unwrap()]);
    let mut expected: Vec<_> = pages()
        .iter()
        .map(|page| format!("644 usr/share/man/man1/{page}"))
        .collect();
    expected.extend(
        [
            "644 usr/share/bash-completion/completions/kubectl-buildkit",
            "644 usr/share/doc/kubectl-buildkit/CHANGELOG.md",
            "644 usr/share/doc/kubectl-buildkit/README.md",
            "644 usr/share/fish/vendor_completions.d/kubectl-buildkit.fish",
            "644 usr/share/licenses/kubectl-buildkit/LICENSE",
            "644 usr/share/zsh/site-functions/_kubectl-buildkit",
            "755 usr/bin/kubectl-buildkit",
            "755 usr/bin/kubectl_complete-buildkit",
        ]
        .map(str::to_owned),
    );
    expected.sort();
    let usr = |root: &Path| {
        let mut files = files(root);
        files.retain(|file| file.contains(" usr/") && !file.contains("/lib/sysimage/"));
        files
    };
    assert_eq!(usr(root.path()), expected);
    kubectl_runs_the_plugin_in(&root.path().join("usr/bin"));

    rpm(root.path(), &["--erase", "kubectl-buildkit"]);
    assert_eq!(usr(root.path()), [""; 0]);
}

#[test]
fn its_files_are_root_s() {
    let package = packed(".rpm");
    let owners = output(Command::new("rpm").args([
        "--query",
        "--package",
        package.to_str().unwrap(),
        "--queryformat",
        "[%{FILEUSERNAME}:%{FILEGROUPNAME}\n]",
    ]));
    assert!(owners.lines().count() > pages().len());
    assert!(owners.lines().all(|owner| owner == "root:root"), "{owners}");
}
