//! The deb package, in a root of its own: this machine's package data base is not touched.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::packages::{files, kubectl_runs_the_plugin_in, output, packed, pages};

fn dpkg(root: &Path, words: &[&str]) -> String {
    output(
        Command::new("dpkg")
            .arg(format!("--root={}", root.display()))
            // The root has no C library; the machine that runs the program here does.
            .arg("--force-depends")
            .args(words),
    )
}

/// An empty root that dpkg can work in.
fn root() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for folder in ["info", "updates", "triggers"] {
        fs::create_dir_all(root.path().join("var/lib/dpkg").join(folder)).unwrap();
    }
    for file in ["status", "available"] {
        fs::write(root.path().join("var/lib/dpkg").join(file), "").unwrap();
    }
    root
}

/// What dpkg keeps about itself does not count.
fn installed(root: &Path) -> Vec<String> {
    let mut files = files(root);
    files.retain(|file| !file.contains(" var/"));
    files
}

#[test]
fn it_is_installed_run_and_removed_without_a_trace() {
    let root = root();
    dpkg(
        root.path(),
        &["--install", packed(".deb").to_str().unwrap()],
    );
    let mut expected: Vec<_> = pages()
        .iter()
        .map(|page| format!("644 usr/share/man/man1/{page}.gz"))
        .collect();
    expected.extend(
        [
            "644 usr/share/bash-completion/completions/kubectl-buildkit",
            "644 usr/share/doc/kubectl-buildkit/README.md",
            "644 usr/share/doc/kubectl-buildkit/changelog.gz",
            "644 usr/share/doc/kubectl-buildkit/copyright",
            "644 usr/share/fish/vendor_completions.d/kubectl-buildkit.fish",
            "644 usr/share/zsh/vendor-completions/_kubectl-buildkit",
            "755 usr/bin/kubectl-buildkit",
            "755 usr/bin/kubectl_complete-buildkit",
        ]
        .map(str::to_owned),
    );
    expected.sort();
    assert_eq!(installed(root.path()), expected);
    kubectl_runs_the_plugin_in(&root.path().join("usr/bin"));

    dpkg(root.path(), &["--purge", "kubectl-buildkit"]);
    assert_eq!(installed(root.path()), [""; 0]);
    assert!(!root.path().join("usr").exists(), "folders went too");
}

#[test]
fn man_shows_its_pages() {
    let root = root();
    dpkg(
        root.path(),
        &["--install", packed(".deb").to_str().unwrap()],
    );
    for page in pages() {
        let name = page.strip_suffix(".1").unwrap();
        let text = output(
            Command::new("man")
                .env("MANPATH", root.path().join("usr/share/man"))
                .env("MANPAGER", "cat")
                .arg(name),
        );
        assert!(text.contains("SYNOPSIS"), "{name}: {text}");
    }
}

#[test]
fn it_needs_only_what_the_program_is_linked_with() {
    let field = |name| {
        let package = packed(".deb");
        output(Command::new("dpkg-deb").args(["--field", package.to_str().unwrap(), name]))
    };
    assert_eq!(field("Package"), "kubectl-buildkit\n");
    assert_eq!(field("Version"), format!("{}\n", env!("CARGO_PKG_VERSION")));
    let needed = field("Depends");
    let only_libraries = needed
        .trim()
        .split(", ")
        .all(|name| name.starts_with("lib"));
    assert!(needed.trim().is_empty() || only_libraries, "{needed}");
}
