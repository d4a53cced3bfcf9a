//! The commands of the README do what stands below them.

use std::fs;
use std::process::{Command, Output};

use crate::support::folder::Folder;
use crate::support::markdown::examples;
use crate::support::testbed::{Namespace, testbed};

/// A shell like a user's: the plugin on PATH, a kubeconfig whose namespace is the test's.
struct Shell {
    home: Folder,
}

impl Shell {
    fn new(space: &Namespace) -> Self {
        let home = Folder::new();
        fs::copy(testbed().get("KUBECONFIG"), home.join("kubeconfig")).unwrap();
        let shell = Self { home };
        let namespace = format!(
            "kubectl config set-context --current --namespace={}",
            space.name
        );
        assert!(shell.run(&namespace).status.success());
        shell
    }

    fn run(&self, command: &str) -> Output {
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_kubectl-buildkit"));
        let path = format!(
            "{}:{}:/usr/bin:/bin",
            program.parent().unwrap().display(),
            testbed().get("BIN")
        );
        std::os::unix::fs::symlink(
            fs::canonicalize("examples").unwrap(),
            self.home.join("examples"),
        )
        .or_else(|error| {
            if error.kind() == std::io::ErrorKind::AlreadyExists {
                Ok(())
            } else {
                Err(error)
            }
        })
        .unwrap();
        let command = command.replace("registry.example/you", testbed().get("REGISTRY"));
        Command::new("timeout")
            .args(["120", "bash", "-c", &format!("{command} 2>&1")])
            .current_dir(self.home.path())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.home.path())
            .env("KUBECONFIG", self.home.join("kubeconfig"))
            .output()
            .unwrap()
    }
}

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
    for example in examples("README.md") {
        let output = shell.run(&example.command);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "$ {}\n{said}", example.command);
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
