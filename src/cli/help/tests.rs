//! Help as people see it.

use clap::{Command, FromArgMatches as _};

use super::*;

const PLUGIN: &str = "kubectl buildkit";

/// All commands and the words that lead to them.
fn commands(command: &Command, path: &str) -> Vec<String> {
    // What begins with two underscores is for shells.
    let below = command
        .get_subcommands()
        .filter(|below| !below.get_name().starts_with("__"));
    let below = below.flat_map(|below| {
        let path = format!("{path} {}", below.get_name());
        commands(below, path.trim_start())
    });
    [path.to_owned()].into_iter().chain(below).collect()
}

fn help(path: &str) -> String {
    let words = PLUGIN.split(' ').take(1).chain(path.split_whitespace());
    let answer = command(PLUGIN, None).try_get_matches_from(words.chain(["--help"]));
    answer.unwrap_err().to_string()
}

#[test]
fn every_example_is_one_of_its_command() {
    for path in commands(&Cli::command(), "") {
        assert!(!examples(&path).is_empty(), "{path:?} has no examples");
        for Example { words, .. } in examples(&path) {
            assert!(words.starts_with(&path), "{path}: {words}");
            let words = shell_words::split(words).unwrap();
            let line = ["kubectl-buildkit".to_owned()].into_iter().chain(words);
            let matches = command(PLUGIN, None).try_get_matches_from(line);
            let read = matches.and_then(|matches| Cli::from_arg_matches(&matches));
            if let Err(error) = read {
                panic!("{path}: {error}");
            }
        }
    }
}

#[test]
fn examples_fit_a_terminal() {
    for path in commands(&Cli::command(), "") {
        let text = examples_text(PLUGIN, &path, None).unwrap();
        for line in text.lines() {
            assert!(line.len() <= 100, "{line}");
        }
    }
}

#[test]
fn examples_mean_the_same_on_a_narrow_terminal() {
    let mut broken = 0;
    for path in commands(&Cli::command(), "") {
        let whole = examples_text(PLUGIN, &path, None).unwrap();
        for columns in [20, 40, 80] {
            let text = examples_text(PLUGIN, &path, Some(columns)).unwrap();
            broken += usize::from(text != whole);
            let commands = |text: &str| -> Vec<Vec<String>> {
                let text = text.replace(" \\\n", " ");
                let lines = text.lines().map(str::trim);
                let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
                lines
                    .map(|line| shell_words::split(line).unwrap())
                    .collect()
            };
            assert_eq!(commands(&text), commands(&whole), "{text}");
            // What is too long has no blank where it could be broken.
            for line in text.lines().filter(|line| line.len() > columns) {
                let line = line.trim().trim_end_matches(" \\");
                assert!(!line.contains(' '), "{line}");
            }
        }
    }
    assert!(broken > 0);
}

#[test]
fn help_has_the_shape_of_kubectl() {
    for path in commands(&Cli::command(), "") {
        let help = help(&path);
        let at = |text: &str| {
            help.find(text)
                .unwrap_or_else(|| panic!("{text:?}: {help}"))
        };
        let typed = format!("{PLUGIN} {path}");
        let usage = at(&format!("\nUsage:\n  {}", typed.trim_end()));
        assert!(at("\nExamples:\n") < usage, "{help}");
        assert!(at("--help") < usage, "{help}");
        at("Use \"kubectl buildkit options\" for a list of global command-line options");
        assert!(!help.contains("--kubeconfig"), "{help}");
    }
}

#[test]
fn help_says_how_the_program_was_called() {
    let answer = command("kubectl-buildkit", None).try_get_matches_from(["x", "rm", "--help"]);
    let help = answer.unwrap_err().to_string();
    assert!(
        help.contains("\n  kubectl-buildkit rm [NAME...] [options]\n"),
        "{help}"
    );
    assert!(help.contains("\n  kubectl-buildkit rm team\n"), "{help}");
    assert!(!help.contains(PLUGIN), "{help}");
}

#[test]
fn options_are_all_of_kubectls_flags() {
    let text = options(None);
    for flag in kube_flags() {
        let flag = KubeArgs::augment_args(Command::new("x"))
            .get_arguments()
            .find(|argument| argument.get_id() == flag.as_str())
            .and_then(|argument| argument.get_long().map(str::to_owned));
        assert!(text.contains(&format!("--{}", flag.unwrap())), "{text}");
    }
    assert!(!text.contains("--help"), "{text}");
}

#[test]
fn pages() {
    insta::assert_snapshot!(["", "rm", "scale"].map(help).join("\n=====\n"));
}
