//! What a person installs, installed: archives by krew's rules, deb and rpm in roots of their own.
//!
//! `make test` packs the program of the tests beforehand and says where.

mod archives;
mod debian;
mod krew;
mod newcomer;
mod rpm;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::environment::variable;
use crate::support::testbed::{Namespace, testbed};

/// The folder with the packed files.
fn dist() -> PathBuf {
    variable("KUBECTL_BUILDKIT_DIST").into()
}

/// The only packed file with this ending.
fn packed(ending: &str) -> PathBuf {
    let names = fs::read_dir(dist()).unwrap();
    let paths = names.map(|entry| entry.unwrap().path());
    let found: Vec<_> = paths
        .filter(|path| path.to_str().unwrap().ends_with(ending))
        .collect();
    let [path] = &found[..] else {
        panic!("one file should end in {ending}: {found:?}");
    };
    path.clone()
}

/// Runs a command that must succeed; what it printed.
#[track_caller]
fn output(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {text}{problem}");
    text
}

/// The real kubectl finds the plugin in `folder` and nowhere else; the plugin answers about the testbed.
#[track_caller]
fn kubectl_runs_the_plugin_in(folder: &Path) {
    let namespace = testbed().namespace("packages");
    let path = format!("{}:/usr/bin:/bin", folder.display());
    let kubectl = |namespace: &Namespace, line: &str| {
        output(namespace.kubectl_command(line).env("PATH", &path))
    };
    let listed = kubectl(&namespace, "plugin list");
    let plugins: Vec<_> = listed
        .lines()
        .filter(|line| line.starts_with('/'))
        .collect();
    let expected = folder.join("kubectl-buildkit");
    assert_eq!(plugins, [expected.to_str().unwrap()], "{listed}");
    let line = format!("buildkit ls --namespace {}", namespace.name);
    assert_eq!(
        output(
            testbed()
                .kubectl_command()
                .args(line.split(' '))
                .env("PATH", &path)
        ),
        "",
        "there are no builders"
    );
}

/// Every file of a folder, sorted, with its permission bits.
fn files(root: &Path) -> Vec<String> {
    let listed = output(
        Command::new("find")
            .current_dir(root)
            .args(["-type", "f", "-printf", "%m %P\n"]),
    );
    let mut files: Vec<_> = listed.lines().map(str::to_owned).collect();
    files.sort();
    files
}

/// The manual pages of the repository.
fn pages() -> Vec<String> {
    let names = fs::read_dir("man").unwrap();
    let mut names: Vec<_> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
