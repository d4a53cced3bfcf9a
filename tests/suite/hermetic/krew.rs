//! The krew manifest of a release, by krew's rules.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use crate::support::folder::Folder;
use crate::support::krew::Manifest;

const PLATFORMS: [(&str, &str); 6] = [
    ("linux", "amd64"),
    ("linux", "arm64"),
    ("darwin", "amd64"),
    ("darwin", "arm64"),
    ("windows", "amd64"),
    ("windows", "arm64"),
];

/// A sum of its own for each platform.
fn sum(index: usize) -> String {
    format!("{index:064x}")
}

/// The template as a release fills it in.
fn filled() -> Manifest {
    let mut sums = String::new();
    for (index, (os, arch)) in PLATFORMS.iter().enumerate() {
        let ending = if *os == "windows" { "zip" } else { "tar.gz" };
        let sum = sum(index);
        writeln!(sums, "{sum}  kubectl-buildkit-{os}-{arch}.{ending}").unwrap();
    }
    let folder = Folder::new().file("SHA256SUMS", sums);
    let output = Command::new("packaging/fill")
        .arg("krew/buildkit.yaml")
        .arg(folder.join("SHA256SUMS"))
        .env("REPOSITORY", "somebody/kubectl-buildkit")
        .output()
        .unwrap();
    assert!(output.status.success());
    Manifest::parse(std::str::from_utf8(&output.stdout).unwrap())
}

#[test]
fn the_manifest_keeps_krew_s_rules() {
    let manifest = filled();
    assert_eq!(manifest.problems("buildkit.yaml"), [""; 0]);
    let version = format!("v{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(manifest.spec.version, version);
    assert_eq!(manifest.spec.platforms.len(), PLATFORMS.len());
    for (index, (os, arch)) in PLATFORMS.into_iter().enumerate() {
        let platform = manifest.platform(os, arch);
        assert_eq!(platform.sha256, sum(index), "{os}/{arch}");
        let address = format!(
            "https://github.com/somebody/kubectl-buildkit/releases/download/{version}/kubectl-buildkit-{os}-{arch}."
        );
        assert!(platform.uri.starts_with(&address), "{}", platform.uri);
        let moved: Vec<_> = platform
            .files
            .iter()
            .map(|file| file.from.as_str())
            .collect();
        assert_eq!(moved, [platform.bin.as_str(), "LICENSE"]);
    }
}

#[test]
fn the_rules_find_what_krew_would_refuse() {
    let broken = |change: fn(&mut Manifest)| {
        let mut manifest = filled();
        change(&mut manifest);
        manifest.problems("buildkit.yaml")
    };
    let os = |manifest: &mut Manifest, index: usize, os: &str| {
        let labels = &mut manifest.spec.platforms[index].selector.match_labels;
        labels.insert("os".into(), os.into());
    };
    assert_eq!(filled().problems("other.yaml"), ["the file's name"]);
    assert_eq!(broken(|it| it.spec.version = "1.2.3".into()), ["version"]);
    assert_eq!(
        broken(|it| it.spec.short_description = "A kubectl thing".into()),
        ["shortDescription: words that say nothing"]
    );
    assert_eq!(
        broken(|it| it.spec.caveats = "one\ntwo".into()),
        ["caveats: one line"]
    );
    assert_eq!(
        broken(|it| it.spec.platforms[0].sha256 = "A".repeat(64)),
        ["sha256"]
    );
    assert_eq!(
        broken(|it| it.spec.platforms[1].files[0].to = "../out".into()),
        ["files: paths"]
    );
    assert_eq!(
        broken(|it| it.spec.platforms[4].bin = "kubectl-buildkit".into()),
        ["bin: .exe"]
    );
    let mut manifest = filled();
    os(&mut manifest, 2, "linux");
    assert_eq!(manifest.problems("buildkit.yaml"), ["selectors overlap"]);
    os(&mut manifest, 2, "plan9");
    assert_eq!(
        manifest.problems("buildkit.yaml"),
        ["selector: no such platform"]
    );
}

#[test]
fn what_the_release_bot_fills_in_is_all_that_is_left_open() {
    let template = fs::read_to_string("krew/buildkit.yaml").unwrap();
    let known = regex::Regex::new(
        r#"\{\{ \.(TagName|PluginOwner|PluginRepo) \}\}|\{\{addURIAndSha \(printf "[^"]+" \.PluginOwner \.PluginRepo \.TagName\) \.TagName \}\}"#,
    )
    .unwrap();
    let rest = known.replace_all(&template, "");
    assert!(!rest.contains("{{"), "{rest}");
}
