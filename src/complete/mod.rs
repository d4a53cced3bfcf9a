//! Completion: words typed so far → what is asked → candidates.
//!
//! Nothing here changes anything, prints, or fails: what cannot be known in time is left out.

mod answer;
mod dockerfile;
mod driver_option;
mod form;
mod objects;
mod paths;
mod scripts;
mod shell;
mod subject;
mod value;
mod words;
mod world;

pub use answer::Answer;
pub use scripts::{BASH, ELVISH, EXACT, FISH, POWERSHELL, SHIM, SHIM_NAME, ZSH};
pub use shell::Shell;

use clap::{Arg, Args as _, Command, FromArgMatches as _};

use crate::cli::KubeArgs;
use crate::env::Env;

use answer::Candidate;
use subject::Subject;
use value::Question;
use words::{Line, Spot, is_many, takes_value};
use world::World;

/// What the last of `words` could become, on a command line of `root`. `shell` is the one whose
/// script for kubectl is going to read the answer, if it is one of those.
pub async fn complete(
    mut root: Command,
    words: &[String],
    env: &Env,
    shell: Option<Shell>,
) -> Answer {
    root.build();
    let line = Line::read(&root, words);
    let world = World::new(kube_args(&line), env);
    let answer = answer(&line, &world).await;
    match (shell, words.last()) {
        (Some(shell), Some(last)) => shell.fit(answer, last, &line.spot),
        _ => answer,
    }
}

/// kubectl's flags among what was given, in any command.
fn kube_args(line: &Line<'_>) -> KubeArgs {
    let command = KubeArgs::augment_args(Command::new("kubectl").no_binary_name(true));
    let mut command = command.ignore_errors(true);
    command.build();
    let mut words = Vec::new();
    for argument in command.get_arguments() {
        let id = argument.get_id().as_str();
        let long = argument.get_long().unwrap_or_default();
        words.extend(line.values(id).map(|value| format!("--{long}={value}")));
        if !takes_value(argument) && line.has(id) {
            words.push(format!("--{long}"));
        }
    }
    let matches = command.try_get_matches_from(words).ok();
    let args = matches.and_then(|matches| KubeArgs::from_arg_matches(&matches).ok());
    args.unwrap_or_default()
}

async fn answer(line: &Line<'_>, world: &World) -> Answer {
    let (mut answer, text) = match &line.spot {
        Spot::Flag(text) => (Answer::of(flags(line, text)), text.as_str()),
        Spot::Subcommand(text) => (Answer::of(subcommands(line.command)), text.as_str()),
        Spot::Surplus => return Answer::default(),
        Spot::Value {
            argument,
            text,
            before,
            ..
        } => {
            let mut answer = value(line, world, argument, text).await;
            answer.keep(text);
            let all = std::mem::take(&mut answer.candidates).into_iter();
            answer.candidates = all.map(|candidate| candidate.behind(before)).collect();
            return answer;
        }
    };
    answer.keep(text);
    answer
}

async fn value(line: &Line<'_>, world: &World, argument: &Arg, text: &str) -> Answer {
    let at = match argument.get_value_delimiter() {
        Some(delimiter) => text
            .rfind(delimiter)
            .map_or(0, |at| at + delimiter.len_utf8()),
        None => 0,
    };
    let (before, last) = text.split_at(at);
    let possible: Vec<Candidate> = argument
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| {
            let help = value.get_help().map(ToString::to_string);
            Candidate::new(value.get_name(), help.unwrap_or_default())
        })
        .collect();
    let mut answer = if possible.is_empty() {
        let subject = subject::of(line.command, argument).unwrap_or(Subject::Free);
        let question = Question {
            line,
            world,
            text: last,
        };
        value::answer(subject, question).await
    } else {
        Answer::of(possible)
    };
    let id = argument.get_id().as_str();
    // Those of the same list, or those that were given before, as the names of `rm`.
    let is_listed = |value: &String| {
        before.split(',').any(|given| given == value)
            || (argument.is_positional() && line.values(id).any(|given| given == value))
    };
    answer
        .candidates
        .retain(|candidate| !is_listed(&candidate.value));
    let all = std::mem::take(&mut answer.candidates).into_iter();
    answer.candidates = all.map(|candidate| candidate.behind(before)).collect();
    answer
}

fn subcommands(command: &Command) -> Vec<Candidate> {
    let shown = command
        .get_subcommands()
        .filter(|command| !command.is_hide_set());
    let candidate = |command: &Command| {
        let about = command.get_about().map(ToString::to_string);
        Candidate::new(command.get_name(), about.unwrap_or_default())
    };
    shown.map(candidate).collect()
}

/// The flags that may still be given; the short ones too if `text` is only a dash.
fn flags(line: &Line<'_>, text: &str) -> Vec<Candidate> {
    let mut all = Vec::new();
    let shown = line.command.get_arguments().filter(|argument| {
        let is_left = is_many(argument) || !line.has(argument.get_id().as_str());
        !argument.is_hide_set() && is_left
    });
    for argument in shown {
        let help = argument
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        if let Some(short) = argument.get_short().filter(|_| text == "-") {
            all.push(Candidate::new(format!("-{short}"), &help));
        }
        if let Some(long) = argument.get_long() {
            all.push(Candidate::new(format!("--{long}"), help));
        }
    }
    all
}

#[cfg(test)]
mod tests;
