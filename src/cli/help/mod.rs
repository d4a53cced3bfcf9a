//! Help in kubectl's shape: what it does, examples, flags, and how it is typed at the end.

mod examples;
mod program;
mod wrap;

use clap::{Arg, ArgAction, Args as _, Command, CommandFactory as _};

use super::Cli;
use super::kube::KubeArgs;

pub use examples::{Example, examples};
pub use program::program;
pub use wrap::wrapped;

/// Where a terminal is narrower, what a flag does stands below it and not beside it.
const NARROW: usize = 60;
/// What stands before a line of a command that began above it, and behind a line that goes on below.
const INDENT: &str = "    ";
const MARK: &str = " \\";
/// A blank at which no line is broken.
const GLUE: char = '\u{a0}';

/// The program's command line, for people who call it as `program` says, on a terminal of so many
/// columns if it is one.
///
/// Flags that every command takes are read and left out of each command's help: `options` has them.
pub fn command(program: &'static str, columns: Option<usize>) -> Command {
    let mut command = Cli::command()
        .bin_name(program)
        .next_line_help(is_narrow(columns));
    for flag in kube_flags() {
        command = command.mut_arg(flag, |flag| flag.hide(true));
    }
    shaped(command, Page { program, columns }, "")
}

/// What all pages have in common.
#[derive(Debug, Clone, Copy)]
struct Page {
    program: &'static str,
    columns: Option<usize>,
}

fn is_narrow(columns: Option<usize>) -> bool {
    columns.is_some_and(|columns| columns < NARROW)
}

/// A text of which no line is too long, if there is a terminal.
fn fitted(text: &str, columns: Option<usize>, indent: &str) -> String {
    match columns {
        Some(columns) => wrapped(text, columns, indent, "").join("\n"),
        None => text.to_owned(),
    }
}

/// The ids of the flags that every command takes.
pub fn kube_flags() -> Vec<String> {
    let flags = KubeArgs::augment_args(Command::new("options"));
    let ids = flags.get_arguments().map(|flag| flag.get_id().to_string());
    ids.collect()
}

/// What `options` says: the flags that every command takes.
pub fn options(columns: Option<usize>) -> String {
    let title = "The following options can be passed to any command:";
    let title = fitted(title, columns, "");
    let flags = KubeArgs::augment_args(Command::new("options"));
    let mut flags = flags
        .disable_help_flag(true)
        .next_line_help(is_narrow(columns))
        .help_template(format!("{title}\n\n{{options}}"));
    flags.render_help().to_string()
}

/// The text of a command's examples, each line ready to be typed.
pub fn examples_text(program: &str, path: &str, columns: Option<usize>) -> Option<String> {
    let examples = examples(path);
    let lines = examples.iter().map(|Example { purpose, words }| {
        let purpose = fitted(&format!("  # {purpose}"), columns, "  # ");
        let words = format!("  {program} {words}");
        format!("{purpose}\n{}", typeable(&words, columns))
    });
    (!examples.is_empty()).then(|| lines.collect::<Vec<_>>().join("\n\n"))
}

/// Flags with what they take, as far as there is room for both in a line.
fn glued(command: &str, columns: usize) -> String {
    let room = columns.saturating_sub(INDENT.len() + MARK.len());
    let mut words = command.split(' ').peekable();
    let mut text = String::new();
    while let Some(word) = words.next() {
        text.push_str(word);
        if let Some(next) = words.peek() {
            let is_pair = word.starts_with('-') && !next.starts_with('-');
            let fits = word.len() + 1 + next.len() <= room;
            text.push(if is_pair && fits { GLUE } else { ' ' });
        }
    }
    text
}

/// A command that means the same on a narrow terminal. Its words have no blanks in them.
fn typeable(command: &str, columns: Option<usize>) -> String {
    let fits = |columns: usize| command.lines().all(|line| line.len() <= columns);
    match columns.filter(|columns| !fits(*columns)) {
        Some(columns) => {
            let line = glued(&command.replace(" \\\n    ", " "), columns);
            let lines = wrapped(&line, columns, INDENT, MARK).join("\n");
            lines.replace(GLUE, " ")
        }
        None => command.to_owned(),
    }
}

/// A command and those below it; `path` are the words that lead to it.
fn shaped(command: Command, page: Page, path: &str) -> Command {
    let names: Vec<String> = command
        .get_subcommands()
        .map(|below| below.get_name().to_owned())
        .collect();
    let typed = format!("{} {path}", page.program).trim_end().to_owned();
    let usage = usage(&command, &typed);
    // Two blanks stand before it in help.
    let usage = fitted(
        &usage,
        page.columns.map(|columns| columns.saturating_sub(2)),
        "      ",
    );
    let examples = examples_text(page.program, path, page.columns);
    let mut command = command
        .help_template(template(page, &typed, examples, !names.is_empty()))
        .subcommand_help_heading("Available Commands")
        .override_usage(usage);
    for name in names {
        let path = format!("{path} {name}").trim_start().to_owned();
        command = command.mut_subcommand(name, |below| shaped(below, page, &path));
    }
    command
}

/// What help consists of. clap does not break what stands here: examples would be of no use then.
fn template(page: Page, typed: &str, examples: Option<String>, has_commands: bool) -> String {
    let Page { program, columns } = page;
    let commands = if has_commands {
        let text =
            format!("Use \"{typed} <command> --help\" for more information about a given command.");
        fitted(&text, columns, "") + "\n"
    } else {
        String::new()
    };
    let options = format!(
        "Use \"{program} options\" for a list of global command-line options (applies to all commands)."
    );
    let options = fitted(&options, columns, "");
    let examples = examples.map(|text| format!("Examples:\n{text}\n\n"));
    let examples = examples.unwrap_or_default();
    format!(
        "{{about-with-newline}}\n{examples}{{all-args}}\n\nUsage:\n  {{usage}}\n\n{commands}\
         {options}{{after-help}}"
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
