//! krew, as far as it judges a plugin: the rules of its validator, and of the review for its index, which no
//! program checks.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use regex::Regex;
use serde::Deserialize;

/// The pairs of system and processor that krew knows.
const PLATFORMS: [(&str, &str); 11] = [
    ("windows", "386"),
    ("windows", "amd64"),
    ("windows", "arm64"),
    ("linux", "386"),
    ("linux", "amd64"),
    ("linux", "arm"),
    ("linux", "arm64"),
    ("linux", "ppc64le"),
    ("darwin", "386"),
    ("darwin", "amd64"),
    ("darwin", "arm64"),
];

/// A plugin's manifest. Fields that krew does not know are refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) metadata: Metadata,
    pub(crate) spec: Spec,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Metadata {
    pub(crate) name: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Spec {
    pub(crate) version: String,
    pub(crate) homepage: String,
    pub(crate) short_description: String,
    pub(crate) description: String,
    pub(crate) caveats: String,
    pub(crate) platforms: Vec<Platform>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Platform {
    pub(crate) selector: Selector,
    pub(crate) uri: String,
    pub(crate) sha256: String,
    pub(crate) bin: String,
    pub(crate) files: Vec<Move>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Selector {
    pub(crate) match_labels: BTreeMap<String, String>,
}

/// From the archive to the folder of the plugin.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Move {
    pub(crate) from: String,
    pub(crate) to: String,
}

impl Manifest {
    pub(crate) fn parse(text: &str) -> Self {
        serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    /// What krew's validator, or the review for its index, would say against it in a file of this name.
    pub(crate) fn problems(&self, file: &str) -> Vec<&'static str> {
        let spec = &self.spec;
        let name = self.metadata.name.as_str();
        let mut problems = Vec::new();
        let mut rule = |holds: bool, problem| {
            if !holds {
                problems.push(problem);
            }
        };
        rule(
            self.api_version == "krew.googlecontainertools.github.com/v1alpha2",
            "apiVersion",
        );
        rule(self.kind == "Plugin", "kind");
        rule(matches(r"^[a-z0-9]+(-[a-z0-9]+)*$", name), "name");
        rule(file == format!("{name}.yaml"), "the file's name");
        rule(
            matches(r"^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$", &spec.version),
            "version",
        );
        rule(matches("^https://[^ ]+$", &spec.homepage), "homepage");
        let short = &spec.short_description;
        rule(
            matches("^.{1,50}$", short) && !short.ends_with('.'),
            "shortDescription: one short line without a full stop",
        );
        rule(
            !matches("(?i)kubectl|plugin", short),
            "shortDescription: words that say nothing",
        );
        let narrow = |text: &str| text.lines().all(|line| line.len() <= 80);
        rule(
            !spec.description.is_empty() && narrow(&spec.description),
            "description: lines of 80",
        );
        rule(
            narrow(&spec.caveats) && spec.caveats.lines().count() == 1,
            "caveats: one line",
        );
        rule(!spec.platforms.is_empty(), "platforms");
        for platform in &spec.platforms {
            problems.extend(platform.problems());
        }
        for (os, arch) in PLATFORMS {
            let chosen = spec.platforms.iter().filter(|one| one.is_for(os, arch));
            if chosen.count() > 1 {
                problems.push("selectors overlap");
            }
        }
        problems
    }

    /// The one that krew chooses on such a machine.
    pub(crate) fn platform(&self, os: &str, arch: &str) -> &Platform {
        let mut platforms = self.spec.platforms.iter();
        platforms.find(|one| one.is_for(os, arch)).unwrap()
    }
}

impl Platform {
    fn is_for(&self, os: &str, arch: &str) -> bool {
        let mut labels = self.selector.match_labels.iter();
        labels.all(|(key, value)| match key.as_str() {
            "os" => value == os,
            "arch" => value == arch,
            _ => false,
        })
    }

    fn problems(&self) -> Vec<&'static str> {
        let labels = &self.selector.match_labels;
        let supported = PLATFORMS.iter().any(|(os, arch)| self.is_for(os, arch));
        let windows = self.is_for("windows", "amd64") || self.is_for("windows", "arm64");
        let clean = |path: &str| {
            let mut parts = Path::new(path).components();
            path == "." || parts.all(|part| matches!(part, Component::Normal(_)))
        };
        let rules = [
            (
                !labels.is_empty() && supported,
                "selector: no such platform",
            ),
            (
                matches(r"^https://[^ ]+\.(tar\.gz|zip)$", &self.uri),
                "uri: an archive behind https",
            ),
            (matches("^[a-f0-9]{64}$", &self.sha256), "sha256"),
            (clean(&self.bin) && self.bin != ".", "bin"),
            (matches(r"\.exe$", &self.bin) == windows, "bin: .exe"),
            (!self.files.is_empty(), "files: none"),
            (
                self.files
                    .iter()
                    .all(|one| !one.from.is_empty() && clean(&one.to)),
                "files: paths",
            ),
        ];
        let broken = rules.into_iter().filter(|(holds, _)| !holds);
        broken.map(|(_, problem)| problem).collect()
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    Regex::new(pattern).unwrap().is_match(text)
}
