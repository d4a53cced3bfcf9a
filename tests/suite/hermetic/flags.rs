//! Every flag of buildx's `build`: taken, and documented.

use std::collections::BTreeSet;
use std::fs;

use clap::CommandFactory as _;
use kubectl_buildkit::cli::Cli;

const DOCUMENT: &str = "docs/flags.md";

/// The flags of `buildx build` v0.38.2 with their short forms: visible, hidden and global ones.
const FLAGS: [&str; 52] = [
    "--add-host",
    "--allow",
    "--annotation",
    "--attest",
    "--build-arg",
    "--build-context",
    "--builder",
    "--cache-from",
    "--cache-to",
    "--call",
    "--cgroup-parent",
    "--check",
    "--compress",
    "--cpu-period",
    "--cpu-quota",
    "--cpu-shares, -c",
    "--cpuset-cpus",
    "--cpuset-mems",
    "--debug, -D",
    "--file, -f",
    "--force-rm",
    "--help, -h",
    "--iidfile",
    "--isolation",
    "--label",
    "--load",
    "--memory, -m",
    "--memory-swap",
    "--metadata-file",
    "--network",
    "--no-cache",
    "--no-cache-filter",
    "--output, -o",
    "--platform",
    "--policy",
    "--print",
    "--progress",
    "--provenance",
    "--pull",
    "--push",
    "--quiet, -q",
    "--resource",
    "--rm",
    "--sbom",
    "--secret",
    "--security-opt",
    "--shm-size",
    "--squash",
    "--ssh",
    "--tag, -t",
    "--target",
    "--ulimit",
];

/// Flags that are documented already and not taken yet.
const PENDING: [&str; 0] = [];

/// The flags of our `build`, as they stand in the list above; those for every command are left out.
fn ours() -> BTreeSet<String> {
    let mut command = Cli::command();
    command.build();
    let build = command.find_subcommand("build").unwrap();
    let own = build
        .get_arguments()
        .filter(|argument| !argument.is_global_set());
    own.filter_map(|argument| {
        let long = argument.get_long()?;
        Some(match argument.get_short() {
            Some(short) => format!("--{long}, -{short}"),
            None => format!("--{long}"),
        })
    })
    .collect()
}

/// The first cells of the table's rows under a heading of the document, without their marks.
fn rows(heading: &str) -> Vec<String> {
    let text = fs::read_to_string(DOCUMENT).unwrap();
    let lines = text.lines().skip_while(|line| *line != heading).skip(1);
    let section = lines.take_while(|line| !line.starts_with('#'));
    let rows = section.filter(|line| line.starts_with("| `"));
    let cell = |line: &str| line.split(" | ").next().unwrap().replace(['|', '`'], "");
    rows.map(|line| cell(line).trim().to_owned()).collect()
}

fn theirs() -> BTreeSet<String> {
    FLAGS.map(str::to_owned).into()
}

#[test]
fn every_flag_of_buildx_is_taken() {
    let (ours, theirs) = (ours(), theirs());
    let pending = BTreeSet::from(PENDING.map(str::to_owned));
    let missing: Vec<_> = theirs.difference(&ours).collect();
    assert!(
        missing.iter().all(|flag| pending.contains(*flag)),
        "{missing:?}"
    );
    let done: Vec<_> = pending.intersection(&ours).collect();
    assert!(done.is_empty(), "no longer pending: {done:?}");
}

#[test]
fn every_flag_is_documented_once() {
    let described = rows("# Every flag of `docker buildx build`");
    assert_eq!(described, FLAGS);
    let own: Vec<String> = ours().difference(&theirs()).cloned().collect();
    let mut described = rows("## Flags of our own");
    described.sort();
    assert_eq!(described, own);
}

#[test]
fn no_row_is_empty() {
    let text = fs::read_to_string(DOCUMENT).unwrap();
    for line in text.lines().filter(|line| line.starts_with("| `")) {
        let (_, meaning) = line.split_once(" | ").unwrap();
        assert!(meaning.trim_end_matches('|').trim().len() > 8, "{line}");
    }
}
