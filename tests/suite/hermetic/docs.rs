//! What the documents say of the program.

use std::fs;

use kubectl_buildkit::model::OptionName;

use crate::support::markdown::blocks;

/// Commands that no test here runs, each with what does.
const RUN_ELSEWHERE: [(&str, &str); 12] = [
    ("make demo", "part of make test, with the tests' build"),
    ("make test", ".ci/run"),
    ("make check", "part of make test"),
    ("make generate", "the test of generated files"),
    ("make cluster-up", "part of make test"),
    (
        "make bench",
        "nothing but a person: it takes a quarter of an hour",
    ),
    ("tests/bench/run", "as make bench"),
    ("cargo install --path .", "part of make test"),
    ("make cluster-status", "the testbed's self-test"),
    ("make cluster-down", "the testbed's self-test"),
    ("kubectl buildkit create", "cluster::platforms"),
    ("kubectl buildkit build", "cluster::platforms"),
];

#[test]
fn every_other_command_runs_somewhere() {
    for file in [
        "README.md",
        "CONTRIBUTING.md",
        "docs/security.md",
        "docs/builds.md",
        "docs/configuration.md",
        "docs/builders.md",
        "docs/flags.md",
        "docs/display.md",
        "docs/outputs.md",
        "docs/platforms.md",
        "docs/registries.md",
        "docs/caches.md",
        "docs/performance.md",
        "docs/troubleshooting.md",
        "ARCHITECTURE.md",
    ] {
        for line in blocks(file, "sh").into_iter().flatten() {
            let command = line.split('#').next().unwrap().trim();
            let known = RUN_ELSEWHERE
                .iter()
                .any(|(known, _)| command == *known || command.starts_with(&format!("{known} ")));
            assert!(
                command.is_empty() || known,
                "{file}: nothing runs {command:?}"
            );
        }
    }
}

#[test]
fn exit_codes_of_the_readme_are_those_of_the_program() {
    let text = fs::read_to_string("README.md").unwrap();
    for kind in kubectl_buildkit::error::Kind::ALL {
        let row = format!("| {} | {} |\n", kind.exit_code(), kind.meaning());
        assert!(text.contains(&row), "{row}");
    }
}

#[test]
fn each_option_is_documented_once() {
    let text = fs::read_to_string("docs/builders.md").unwrap();
    let rows: Vec<(String, String)> = text
        .lines()
        .skip_while(|line| !line.starts_with("|---"))
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line
                .split('|')
                .map(|cell| cell.trim().trim_matches('`'))
                .collect();
            (cells[1].to_owned(), cells[2].to_owned())
        })
        .collect();
    let options = OptionName::ALL.map(|name| {
        let flag = name.flag().unwrap_or("not supported yet");
        (flag.to_owned(), name.driver_opt().to_owned())
    });
    assert_eq!(rows, options);
}

#[test]
fn each_option_has_its_flag() {
    use clap::CommandFactory as _;
    let mut command = kubectl_buildkit::cli::Cli::command();
    command.build();
    let create = command.find_subcommand("create").unwrap();
    let flags: Vec<String> = create
        .get_arguments()
        .filter_map(|argument| Some(format!("--{}", argument.get_long()?)))
        .collect();
    for flag in OptionName::ALL.into_iter().filter_map(OptionName::flag) {
        assert!(flags.iter().any(|there| there == flag), "{flag}");
    }
}
