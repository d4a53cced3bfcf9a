//! Every Markdown file: what its blocks are, that its commands make sense, that its links lead somewhere.

use std::path::Path;

use clap::CommandFactory as _;
use kubectl_buildkit::cli::Cli;

use crate::support::markdown::{
    all_blocks, anchors, blocks, code, commands, documents, links, local,
};
use crate::support::typed::{calls, parse};

/// Commands of `sh` blocks, by their beginnings, each with why it is none of `console`, and so run by
/// `cluster::documents`: there is no cluster to ask, or another test has what it needs.
const RUN_ELSEWHERE: &[(&str, &str)] = &[
    ("make demo", "part of make test, with the tests' build"),
    ("make test", ".ci/run"),
    ("make check", "part of make test"),
    ("make generate", "the tests of generated files"),
    ("make record", "cluster::session runs what it records"),
    ("make cluster-up", "part of make test"),
    (
        "make bench",
        "nothing but a person: it takes a quarter of an hour",
    ),
    ("tests/bench/run", "as make bench"),
    ("cargo install --path .", "part of make test"),
    ("kubectl buildkit completion", "cluster::completion"),
    ("make dist", "packages, with the tests' build"),
    (
        "make reproducible",
        "the release workflow: it takes twice the time of a release",
    ),
    ("kubectl krew install", "packages::krew, step by step"),
    ("sudo dpkg -i", "packages::debian and packages::newcomer"),
    ("sudo rpm -i", "packages::rpm"),
    (
        "brew install",
        "nothing here; packages::archives compares what it names",
    ),
    ("tar -xzf", "packages::krew"),
    (
        "kubectl buildkit build https://github.com/OWNER/NAME.git",
        "daemon::inputs, with a repository of its own",
    ),
    (
        "kubectl buildkit build 'https://github.com/OWNER/NAME.git",
        "daemon::inputs, with a repository of its own",
    ),
];

#[test]
fn every_block_says_what_it_is() {
    let known = [
        "console",
        "sh",
        "text",
        "yaml",
        "json",
        "toml",
        "dockerfile",
    ];
    for file in documents() {
        for block in all_blocks(&file) {
            assert!(
                known.contains(&block.language.as_str()),
                "{file}: a block of the kind {:?}; commands are console or sh, output is text:\n{}",
                block.language,
                block.lines.join("\n")
            );
        }
    }
}

#[test]
fn every_other_command_runs_somewhere() {
    let mut used = Vec::new();
    for file in documents() {
        for command in blocks(&file, "sh").iter().flat_map(|block| commands(block)) {
            let known = RUN_ELSEWHERE.iter().find(|(known, _)| {
                command.strip_prefix(known).is_some_and(|rest| {
                    rest.is_empty() || known.contains("://") || rest.starts_with(' ')
                })
            });
            let (known, _) = known.unwrap_or_else(|| panic!("{file}: nothing runs {command:?}"));
            used.push(*known);
            calls(&command).unwrap_or_else(|error| panic!("{file}: {error}"));
        }
    }
    let unused = RUN_ELSEWHERE
        .iter()
        .filter(|(known, _)| !used.contains(known));
    assert_eq!(unused.count(), 0, "used are only {used:?}");
}

#[test]
fn every_command_in_a_text_makes_sense() {
    let mut count = 0;
    let mut problems = Vec::new();
    for file in documents() {
        // What it said and took in former times stands there; `COMMAND` stands for each of them.
        let spans = code(&file).into_iter();
        for span in spans.filter(|span| file != "CHANGELOG.md" && !span.contains("COMMAND")) {
            match calls(&span) {
                Ok(found) => count += found,
                Err(error) => problems.push(format!("{file}: {error}")),
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(count > 40, "{count}");
}

/// In a text about one program `update --unset` is short for the whole command.
#[test]
fn every_flag_in_a_text_is_one_of_its_command() {
    let mut command = Cli::command();
    command.build();
    let mut count = 0;
    let of_others = ["CHANGELOG.md", "docs/differences.md", "docs/migration.md"];
    for file in documents()
        .into_iter()
        .filter(|file| !of_others.contains(&file.as_str()))
    {
        for span in code(&file) {
            let (verb, rest) = span.split_once(' ').unwrap_or_default();
            let Some(verb) = command.find_subcommand(verb) else {
                continue;
            };
            for flag in rest
                .split([' ', '='])
                .filter_map(|word| word.strip_prefix("--"))
            {
                let known = verb
                    .get_arguments()
                    .any(|argument| argument.get_long() == Some(flag));
                assert!(known, "{file}: `{span}`: there is no --{flag}");
                count += 1;
            }
        }
    }
    assert!(count > 20, "{count}");
}

#[test]
fn a_command_that_makes_no_sense_is_found() {
    assert_eq!(
        calls("A=b kubectl buildkit ls | kubectl buildkit rm x >y"),
        Ok(2)
    );
    assert_eq!(calls("kubectl get pods"), Ok(0));
    assert!(calls("kubectl buildkit build --nonsense .").is_err());
    assert!(calls("echo && kubectl-buildkit lss").is_err());
    assert!(parse(&["build", "--help"]).is_ok());
}

#[test]
fn every_link_leads_somewhere() {
    let mut count = 0;
    for file in documents() {
        for link in links(&file) {
            let Some((target, anchor)) = local(&file, &link) else {
                continue;
            };
            count += 1;
            assert!(Path::new(&target).exists(), "{file}: {link} leads nowhere");
            if let Some(anchor) = anchor {
                let there = anchors(&target);
                let is_there = there.iter().any(|name| name == anchor);
                assert!(is_there, "{file}: {link}: {target} has {there:?}");
            }
        }
    }
    assert!(count > 30, "{count}");
}

#[test]
fn every_document_is_reached_from_the_readme() {
    let linked: Vec<String> = links("README.md");
    for file in documents() {
        let is_named = linked
            .iter()
            .any(|link| link.split('#').next() == Some(&file));
        let is_inside =
            file == "README.md" || file.starts_with("tests/") || file.starts_with("examples/");
        assert!(is_named || is_inside, "README.md has no link to {file}");
    }
}
