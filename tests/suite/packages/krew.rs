//! The archive and its manifest, installed by the real krew.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::packages::{dist, files, kubectl_runs_the_plugin_in, output, packed};
use crate::support::environment::variable;
use crate::support::folder::Folder;

/// One of krew's programs, on a machine where nothing was installed with it yet.
fn krew(program: &str, root: &Folder) -> Command {
    let mut command = Command::new(Path::new(&variable("KUBECTL_BUILDKIT_KREW")).join(program));
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", root.path())
        .env("KREW_ROOT", root.path());
    command
}

fn manifest() -> PathBuf {
    dist().join("buildkit.yaml")
}

#[test]
fn krew_s_validator_takes_the_manifest() {
    let root = Folder::new();
    output(
        krew("validate-krew-manifest", &root)
            .arg("-skip-install")
            .arg("-manifest")
            .arg(manifest()),
    );
    let wrong = Folder::new().file(
        "buildkit.yaml",
        fs::read_to_string(manifest())
            .unwrap()
            .replace("kind: Plugin", "kind: Other"),
    );
    let refused = krew("validate-krew-manifest", &root)
        .arg("-skip-install")
        .arg("-manifest")
        .arg(wrong.join("buildkit.yaml"))
        .output()
        .unwrap();
    assert!(!refused.status.success());
}

#[test]
fn krew_installs_the_archive_and_kubectl_runs_it() {
    let root = Folder::new();
    // What `krew update` would have cloned: it is not looked into here.
    fs::create_dir_all(root.join("index/default/.git")).unwrap();
    let before = files(root.path());
    let mut manifest_flag = std::ffi::OsString::from("--manifest=");
    manifest_flag.push(manifest());
    let mut archive_flag = std::ffi::OsString::from("--archive=");
    archive_flag.push(packed(".tar.gz"));
    output(
        krew("krew", &root)
            .arg("install")
            .arg(manifest_flag)
            .arg(archive_flag),
    );
    let version = format!("v{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        files(&root.join("store/buildkit").join(version)),
        ["644 LICENSE", "755 kubectl-buildkit"]
    );
    kubectl_runs_the_plugin_in(&root.join("bin"));
    let listed = output(krew("krew", &root).arg("list"));
    assert!(listed.contains("buildkit"), "{listed}");
    output(krew("krew", &root).args(["uninstall", "buildkit"]));
    assert_eq!(files(root.path()), before, "nothing is left");
}
