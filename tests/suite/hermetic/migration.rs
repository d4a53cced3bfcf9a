//! docs/migration.md: no flag of theirs is forgotten, and what it means here is a flag of ours.

use std::collections::BTreeSet;

use clap::CommandFactory as _;
use kubectl_buildkit::cli::Cli;
use regex::Regex;

use crate::support::markdown::prose;

const DOCUMENT: &str = "docs/migration.md";

/// The flags of kaniko's executor, without old spellings and hidden ones.
const KANIKO: &str = "build-arg cache cache-copy-layers cache-dir cache-repo cache-run-layers cache-ttl \
    cleanup compressed-caching context context-sub-path custom-platform destination digest-file \
    dockerfile force force-build-metadata git ignore-path ignore-var-run image-fs-extract-retry \
    image-name-tag-with-digest-file image-name-with-digest-file insecure insecure-pull \
    insecure-registry kaniko-dir label log-format log-timestamp no-push no-push-cache \
    oci-layout-path push-retry registry-certificate registry-client-cert registry-mirror \
    reproducible single-snapshot skip-tls-verify skip-tls-verify-pull skip-tls-verify-registry \
    skip-unused-stages snapshot-mode tar-path target use-new-run verbosity";

/// The flags of buildkit-cli-for-kubectl that a builder was made with.
const BUILDKIT_CLI: &str = "buildkitd-flags config containerd-namespace containerd-sock custom-config \
    docker-sock image loadbalance replicas rootless runtime worker";

/// The rows of the table under a heading, as what stands for theirs and for ours.
fn rows(heading: &str) -> Vec<(String, String)> {
    let prose = prose(DOCUMENT);
    let section = prose.lines().skip_while(|line| *line != heading).skip(1);
    let section = section.take_while(|line| !line.starts_with("## "));
    let rows = section.filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let [theirs, ours] = cells[..] else {
            panic!("{row}");
        };
        (theirs.to_owned(), ours.to_owned())
    })
    .collect()
}

fn flags(text: &str) -> BTreeSet<String> {
    let flag = Regex::new(r"--([a-z][a-z-]*)").unwrap();
    let found = flag.captures_iter(text);
    found.map(|found| found[1].to_owned()).collect()
}

#[test]
fn every_flag_of_theirs_has_its_row() {
    for (heading, theirs) in [
        ("## From kaniko", KANIKO),
        ("## From buildkit-cli-for-kubectl", BUILDKIT_CLI),
    ] {
        let rows = rows(heading);
        let listed: BTreeSet<String> = rows.iter().flat_map(|(theirs, _)| flags(theirs)).collect();
        let all = theirs.split_whitespace();
        let missing: Vec<_> = all.filter(|flag| !listed.contains(*flag)).collect();
        assert!(missing.is_empty(), "{heading}: {missing:?}");
    }
}

#[test]
fn every_flag_of_ours_is_one() {
    let mut command = Cli::command();
    command.build();
    let known: BTreeSet<String> = command
        .get_subcommands()
        .flat_map(clap::Command::get_arguments)
        .flat_map(|argument| argument.get_long_and_visible_aliases().unwrap_or_default())
        .map(str::to_owned)
        .chain(["driver".to_owned(), "config".to_owned()])
        .collect();
    let headings = [
        "## From docker buildx",
        "## From kaniko",
        "## From buildkit-cli-for-kubectl",
    ];
    for (theirs, ours) in headings.into_iter().flat_map(rows) {
        let unknown: Vec<_> = flags(&ours).difference(&known).cloned().collect();
        assert!(unknown.is_empty(), "{theirs}: {ours}: {unknown:?}");
    }
}
