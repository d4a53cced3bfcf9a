//! A shell like a user's: the plugin on `PATH`, a kubeconfig whose namespace is the test's.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::folder::Folder;
use crate::support::testbed::{Namespace, testbed};

/// Longer than anything here takes, in seconds.
const PATIENCE: &str = "120";

/// The shell, with a home of its own, in which commands run.
pub(crate) struct Shell {
    /// Its home.
    pub(crate) home: Folder,
}

impl Shell {
    pub(crate) fn new(space: &Namespace) -> Self {
        let home = Folder::new();
        home.write(
            ".kube/config",
            fs::read(testbed().get("KUBECONFIG")).unwrap(),
        );
        let shell = Self { home };
        let namespace = &space.name;
        shell.done(&format!(
            "kubectl config set-context --current --namespace={namespace}"
        ));
        shell
    }

    pub(crate) fn run(&self, command: &str) -> Output {
        let command = format!("{{ {command}\n}} 2>&1");
        self.command(&command).output().unwrap()
    }

    /// A command that is about to run, with its outputs apart.
    pub(crate) fn command(&self, command: &str) -> Command {
        let program = Path::new(env!("CARGO_BIN_EXE_kubectl-buildkit"));
        let path = format!(
            "{}:{}:/usr/bin:/bin",
            program.parent().unwrap().display(),
            testbed().get("BIN")
        );
        let mut run = Command::new("timeout");
        // In the foreground: it may have a terminal.
        run.args(["--foreground", PATIENCE, "bash", "-c", command])
            .current_dir(self.home.path())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.home.path());
        run
    }

    /// Runs a command that has to succeed; what it says, errors included.
    #[track_caller]
    pub(crate) fn done(&self, command: &str) -> String {
        let output = self.run(command);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "$ {command}\n{said}");
        said
    }
}
