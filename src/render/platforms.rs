//! The platforms of a node in a column: buildx's rules.

use std::collections::BTreeMap;

use crate::model::{Node, Platform};

/// Operating systems and architectures that are named first.
const MAJOR: [&str; 7] = [
    "linux/amd64",
    "linux/arm64",
    "linux/arm",
    "linux/ppc64le",
    "linux/s390x",
    "linux/riscv64",
    "linux/mips64",
];

/// A platform that a node builds for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offered<'a> {
    pub(super) platform: &'a Platform,
    /// Whether the user declared it; else the daemon detected it.
    pub(super) declared: bool,
}

impl Offered<'_> {
    fn text(&self) -> String {
        let star = if self.declared { "*" } else { "" };
        format!("{}{star}", self.platform)
    }
}

/// What `node` builds for: declared platforms, then those that only its daemon knows.
pub(super) fn offered(node: &Node) -> Vec<Offered<'_>> {
    let detected = node.daemon.iter().flat_map(|daemon| &daemon.platforms);
    let declared = node.platforms.iter().map(|platform| (platform, true));
    let mut offered: Vec<Offered<'_>> = Vec::new();
    for (platform, declared) in declared.chain(detected.map(|platform| (platform, false))) {
        if !offered.iter().any(|known| known.platform == platform) {
            offered.push(Offered { platform, declared });
        }
    }
    offered
}

/// All of them, in their order.
pub(super) fn all(offered: &[Offered<'_>]) -> String {
    let texts: Vec<String> = offered.iter().map(Offered::text).collect();
    texts.join(", ")
}

/// At most `limit` groups of the same operating system and architecture, well-known ones first, and
/// how many platforms are left out.
pub(super) fn shortened(offered: &[Offered<'_>], limit: usize) -> String {
    let mut groups: BTreeMap<String, Vec<&Offered<'_>>> = BTreeMap::new();
    for one in offered {
        let key = format!("{}/{}", one.platform.os(), one.platform.architecture());
        groups.entry(key).or_default().push(one);
    }
    let mut ordered: Vec<_> = groups.into_iter().collect();
    // Groups come sorted by name; the sort is stable, so those that are not major stay so.
    ordered.sort_by_key(|(key, _)| {
        let place = MAJOR.iter().position(|major| major == key);
        place.unwrap_or(MAJOR.len())
    });
    let left: usize = ordered
        .iter()
        .skip(limit)
        .map(|(_, group)| group.len())
        .sum();
    let mut texts: Vec<String> = ordered
        .iter()
        .take(limit)
        .map(|(key, group)| group_text(key, group))
        .collect();
    if left > 0 {
        texts.push(format!("({left} more)"));
    }
    texts.join(", ")
}

fn group_text(key: &str, group: &[&Offered<'_>]) -> String {
    if let [one] = group {
        return one.text();
    }
    let star = if group.iter().any(|one| one.declared) {
        "*"
    } else {
        ""
    };
    format!("{key}{star} (+{})", group.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cases of buildx's `TestTruncPlatforms`.
    const CASES: [(&str, &str); 8] = [
        (
            "linux/arm64* linux/amd64 linux/amd64/v2 linux/riscv64 linux/ppc64le linux/s390x linux/386 linux/mips64le linux/mips64 linux/arm/v7 linux/arm/v6",
            "linux/amd64 (+2), linux/arm64*, linux/arm (+2), linux/ppc64le, (5 more)",
        ),
        ("linux/riscv64*", "linux/riscv64*"),
        (
            "linux/amd64 linux/amd64/v2 linux/amd64/v3 linux/386 linux/arm64 linux/riscv64 linux/ppc64le linux/s390x linux/mips64le linux/mips64 linux/arm/v7 linux/arm/v6",
            "linux/amd64 (+3), linux/arm64, linux/arm (+2), linux/ppc64le, (5 more)",
        ),
        ("linux/amd64 linux/386", "linux/amd64, linux/386"),
        (
            "linux/arm64 linux/arm/v7 linux/arm/v6",
            "linux/arm64, linux/arm (+2)",
        ),
        (
            "darwin/arm64* linux/arm64* linux/arm/v5* linux/arm/v6* linux/arm/v7* windows/arm64*",
            "linux/arm64*, linux/arm* (+3), darwin/arm64*, windows/arm64*",
        ),
        (
            "linux/amd64/v2* linux/arm/v6* linux/mips64le* linux/amd64 linux/amd64/v3 linux/386 linux/arm64 linux/riscv64 linux/ppc64le linux/s390x linux/mips64 linux/arm/v7",
            "linux/amd64* (+3), linux/arm64, linux/arm* (+2), linux/ppc64le, (5 more)",
        ),
        (
            "linux/arm64 linux/arm/v7 linux/arm/v6 linux/mips64le/softfloat linux/mips64le/hardfloat",
            "linux/arm64, linux/arm (+2), linux/mips64le (+2)",
        ),
    ];

    #[test]
    fn long_lists_are_shortened_as_buildx_does() {
        for (texts, short) in CASES {
            let platforms: Vec<(Platform, bool)> = texts
                .split(' ')
                .map(|text| {
                    let platform = text.trim_end_matches('*').parse().unwrap();
                    (platform, text.ends_with('*'))
                })
                .collect();
            let offered: Vec<Offered<'_>> = platforms
                .iter()
                .map(|(platform, declared)| Offered {
                    platform,
                    declared: *declared,
                })
                .collect();
            assert_eq!(shortened(&offered, 4), short);
            assert_eq!(all(&offered), texts.replace(' ', ", "));
        }
    }
}
