//! Archives, checksums, the list of components: complete, and the same whoever packs them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::packages::{dist, output, packed};
use crate::support::folder::Folder;

/// Stands for a program of any platform: what is packed is not looked at.
const PROGRAM: &str = env!("CARGO_BIN_EXE_kubectl-buildkit");

fn pack(folder: &Path, program: &str, umask: &str) {
    let line = format!("umask {umask}; exec packaging/pack \"$0\" \"$1\"");
    output(
        Command::new("bash")
            .args(["-c", &line])
            .arg(folder)
            .arg(program)
            .env("FAST", "1"),
    );
}

fn sums(folder: &Path) -> String {
    fs::read_to_string(folder.join("SHA256SUMS")).unwrap()
}

#[test]
fn two_packs_are_the_same() {
    let host =
        output(Command::new("bash").args(["-c", "source packaging/targets.sh; host_target"]));
    let program = format!("{}={PROGRAM}", host.trim());
    let [first, second] = ["022", "077"].map(|umask| {
        let folder = Folder::new();
        pack(folder.path(), &program, umask);
        sums(folder.path())
    });
    assert_eq!(first, second);
}

#[test]
fn the_checksums_are_right_and_cover_what_is_published() {
    output(
        Command::new("sha256sum")
            .args(["--check", "--strict", "SHA256SUMS"])
            .current_dir(dist()),
    );
    let names: BTreeSet<_> = sums(&dist())
        .lines()
        .map(|line| line.rsplit_once('.').unwrap().1.to_owned())
        .collect();
    assert_eq!(
        names,
        ["deb", "gz", "json", "rpm"].map(str::to_owned).into()
    );
}

#[test]
fn the_archive_for_windows_is_a_zip_file() {
    let folder = Folder::new();
    pack(
        folder.path(),
        &format!("x86_64-pc-windows-msvc={PROGRAM}"),
        "022",
    );
    let archive = folder.join("kubectl-buildkit-windows-amd64.zip");
    let names = output(Command::new("unzip").arg("-Z1").arg(&archive));
    for name in [
        "kubectl-buildkit.exe",
        "LICENSE",
        "completions/kubectl-buildkit.powershell",
    ] {
        assert!(names.lines().any(|line| line == name), "{name}: {names}");
    }
    let manifest = folder.read("buildkit.yaml");
    assert!(manifest.contains("os: windows") && !manifest.contains("os: linux"));
}

#[test]
fn the_list_of_components_has_the_libraries_and_no_folder_of_this_machine() {
    let text = fs::read_to_string(packed(".cdx.json")).unwrap();
    let list: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(list["bomFormat"], "CycloneDX");
    let components = list["components"].as_array().unwrap();
    for library in ["kube", "tonic", "rustls"] {
        assert!(
            components.iter().any(|one| one["name"] == library),
            "{library}"
        );
    }
    assert!(!text.contains(env!("CARGO_MANIFEST_DIR")));
}

#[test]
fn homebrew_s_formula_has_the_archive_s_checksum() {
    let formula = fs::read_to_string(dist().join("kubectl-buildkit.rb")).unwrap();
    let archive = "kubectl-buildkit-linux-";
    let sum = sums(&dist());
    let sum = sum.lines().find(|line| line.contains(archive)).unwrap();
    let sum = sum.split(' ').next().unwrap();
    assert!(formula.contains(&format!("sha256 \"{sum}\"")), "{formula}");
    assert!(!formula.contains("{{"), "{formula}");
    let listed = output(Command::new("tar").arg("-tzf").arg(packed(".tar.gz")));
    let installed = regex::Regex::new(r#"install "([^"]+)""#).unwrap();
    for (_, [file]) in installed
        .captures_iter(&formula)
        .map(|found| found.extract())
    {
        assert!(listed.lines().any(|line| line == file), "{file}: {listed}");
    }
}
