//! The archive and its manifest, installed as krew would.

use std::fs;

use crate::packages::{dist, files, kubectl_runs_the_plugin_in, packed};
use crate::support::krew::{Manifest, Root};

#[test]
fn krew_installs_the_archive_and_kubectl_runs_it() {
    let manifest = Manifest::parse(&fs::read_to_string(dist().join("buildkit.yaml")).unwrap());
    assert_eq!(manifest.problems("buildkit.yaml"), [""; 0]);
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let root = Root::new();
    root.install(&manifest, &packed(".tar.gz"), ("linux", arch));
    assert_eq!(
        files(&root.folder(&manifest)),
        ["644 LICENSE", "755 kubectl-buildkit"]
    );
    kubectl_runs_the_plugin_in(&root.bin());
}
