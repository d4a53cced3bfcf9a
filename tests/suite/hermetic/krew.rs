//! The krew manifest, by krew's rules.

use std::collections::BTreeMap;
use std::fs;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Manifest {
    api_version: String,
    kind: String,
    metadata: Metadata,
    spec: Spec,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Spec {
    version: String,
    homepage: String,
    short_description: String,
    description: String,
    caveats: String,
    platforms: Vec<Platform>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Platform {
    selector: Selector,
    uri: String,
    sha256: String,
    bin: String,
    files: Vec<Copy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Selector {
    match_labels: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Copy {
    from: String,
    to: String,
}

/// The template as a release fills it in: version, and an address with its checksum per platform.
fn filled() -> Manifest {
    let template = fs::read_to_string("krew/buildkit.yaml").unwrap();
    let text = template
        .replace("{{ .TagName }}", "v1.2.3")
        .lines()
        .map(|line| match line.split_once("{{addURIAndSha \"") {
            Some((indent, rest)) => {
                let uri = rest.split('"').next().unwrap();
                format!("{indent}uri: {uri}\n{indent}sha256: {}\n", "0".repeat(64))
            }
            None => format!("{line}\n"),
        })
        .collect::<String>();
    assert!(!text.contains("{{"), "{text}");
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn the_manifest_keeps_krew_s_rules() {
    let manifest = filled();
    assert_eq!(
        manifest.api_version,
        "krew.googlecontainertools.github.com/v1alpha2"
    );
    assert_eq!(manifest.kind, "Plugin");
    assert_eq!(manifest.metadata.name, "buildkit");
    assert_eq!(manifest.spec.version, "v1.2.3");
    assert!(manifest.spec.homepage.starts_with("https://"));
    // krew's index asks for a short line without a full stop, and without the word kubectl.
    let short = &manifest.spec.short_description;
    assert!(
        short.len() <= 50 && !short.ends_with('.') && !short.contains("kubectl"),
        "{short}"
    );
    assert!(!manifest.spec.description.is_empty() && !manifest.spec.caveats.is_empty());
}

#[test]
fn each_platform_has_its_archive_program_and_licence() {
    let mut seen = Vec::new();
    for platform in filled().spec.platforms {
        let label = |key: &str| platform.selector.match_labels[key].clone();
        let (os, arch) = (label("os"), label("arch"));
        assert!(
            platform.uri.starts_with("https://") && platform.uri.contains(&format!("{os}-{arch}"))
        );
        assert_eq!(platform.sha256.len(), 64);
        let bin = if os == "windows" {
            "kubectl-buildkit.exe"
        } else {
            "kubectl-buildkit"
        };
        assert_eq!(platform.bin, bin);
        let files: Vec<_> = platform
            .files
            .iter()
            .map(|file| (file.from.as_str(), file.to.as_str()))
            .collect();
        assert_eq!(files, [(bin, "."), ("LICENSE", ".")]);
        seen.push(format!("{os}/{arch}"));
    }
    let expected = ["linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"];
    assert_eq!(
        seen, expected,
        "each once, and only those that the program is written for"
    );
}
