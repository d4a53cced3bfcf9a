//! What the documents say of the program.

use std::fs;

use crate::support::markdown::blocks;

/// Commands that no test here runs, each with what does.
const RUN_ELSEWHERE: [(&str, &str); 9] = [
    ("make demo", "the demo itself"),
    ("make test", ".ci/run"),
    ("make check", "part of make test"),
    ("make generate", "the test of generated files"),
    ("make cluster-up", "part of make test"),
    (
        "make bench",
        "docs/performance.md, which keeps what it printed",
    ),
    ("cargo install --path .", "part of make test"),
    ("make cluster-status", "the testbed's self-test"),
    ("make cluster-down", "the testbed's self-test"),
];

#[test]
fn every_other_command_runs_somewhere() {
    for file in [
        "README.md",
        "CONTRIBUTING.md",
        "docs/security.md",
        "docs/performance.md",
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
