//! Help in kubectl's shape: what it does, examples, flags, and how it is typed at the end.

mod examples;
mod program;

use clap::{Arg, ArgAction, Args as _, Command, CommandFactory as _};

use super::Cli;
use super::kube::KubeArgs;

pub use examples::{Example, examples};
pub use program::program;

/// The program's command line, for people who call it as `program` says.
///
/// Flags that every command takes are read and left out of each command's help: `options` has them.
pub fn command(program: &'static str) -> Command {
    let mut command = Cli::command().bin_name(program);
    for flag in kube_flags() {
        command = command.mut_arg(flag, |flag| flag.hide(true));
    }
    shaped(command, program, "")
}

/// The ids of the flags that every command takes.
pub fn kube_flags() -> Vec<String> {
    let flags = KubeArgs::augment_args(Command::new("options"));
    let ids = flags.get_arguments().map(|flag| flag.get_id().to_string());
    ids.collect()
}

/// What `options` says: the flags that every command takes.
pub fn options() -> String {
    let flags = KubeArgs::augment_args(Command::new("options"));
    let mut flags = flags
        .disable_help_flag(true)
        .help_template("The following options can be passed to any command:\n\n{options}");
    flags.render_help().to_string()
}

/// The text of a command's examples, each line ready to be typed.
pub fn examples_text(program: &str, path: &str) -> Option<String> {
    let examples = examples(path);
    let lines = examples
        .iter()
        .map(|Example { purpose, words }| format!("  # {purpose}\n  {program} {words}"));
    (!examples.is_empty()).then(|| lines.collect::<Vec<_>>().join("\n\n"))
}

/// A command and those below it; `path` are the words that lead to it.
fn shaped(command: Command, program: &'static str, path: &str) -> Command {
    let names: Vec<String> = command
        .get_subcommands()
        .map(|below| below.get_name().to_owned())
        .collect();
    let typed = format!("{program} {path}").trim_end().to_owned();
    let usage = usage(&command, &typed);
    let mut command = command
        .help_template(template(program, &typed, !names.is_empty()))
        .subcommand_help_heading("Available Commands")
        .override_usage(usage);
    if let Some(text) = examples_text(program, path) {
        command = command.before_help(format!("Examples:\n{text}"));
    }
    for name in names {
        let path = format!("{path} {name}").trim_start().to_owned();
        command = command.mut_subcommand(name, |below| shaped(below, program, &path));
    }
    command
}

fn template(program: &str, typed: &str, has_commands: bool) -> String {
    let commands = if has_commands {
        format!("Use \"{typed} <command> --help\" for more information about a given command.\n")
    } else {
        String::new()
    };
    format!(
        "{{about-with-newline}}\n{{before-help}}{{all-args}}\n\nUsage:\n  {{usage}}\n\n{commands}\
         Use \"{program} options\" for a list of global command-line options \
         (applies to all commands).{{after-help}}"
    )
}

/// How a command is typed: its words, then what is named, then its flags.
fn usage(command: &Command, typed: &str) -> String {
    if command.has_subcommands() {
        return format!("{typed} COMMAND [options]");
    }
    let named = command.get_positionals().map(named);
    let flags = command.get_opts().filter(|flag| flag.is_required_set());
    let flags = flags.filter_map(|flag| Some(format!("--{}={}", flag.get_long()?, value(flag))));
    let words = [typed.to_owned()].into_iter().chain(named).chain(flags);
    let words: Vec<String> = words.chain(["[options]".to_owned()]).collect();
    words.join(" ")
}

fn named(argument: &Arg) -> String {
    let several = if matches!(argument.get_action(), ArgAction::Append) {
        "..."
    } else {
        ""
    };
    let value = value(argument);
    if argument.is_required_set() {
        format!("{value}{several}")
    } else {
        format!("[{value}{several}]")
    }
}

fn value(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default();
    names.first().map_or_else(
        || argument.get_id().as_str().to_uppercase(),
        ToString::to_string,
    )
}

#[cfg(test)]
mod tests;
