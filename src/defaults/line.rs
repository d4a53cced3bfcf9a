//! The command line with what is not in it.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command, FromArgMatches as _};

use super::source::{Entry, Source};
use super::world::{World, checked};
use crate::cli::settable::{Settable, in_one_line, is_exempt, rivals};
use crate::cli::{Cli, CreateArgs, KubeArgs, driver_opt, help};
use crate::env::{self, Env};
use crate::error::Error;
use crate::model::boolean;

/// The flag whose values are flags in another spelling.
const DRIVER_OPT: &str = "driver_opt";

/// A command line that was read.
#[derive(Debug)]
pub struct Read {
    /// What it says, defaults included.
    pub cli: Cli,
    /// What its user should know of defaults.
    pub notes: Vec<String>,
}

/// Why a command line says nothing that can be done.
#[derive(Debug)]
pub enum Refused {
    /// It makes no sense, or asks for help.
    Words(Box<clap::Error>),
    /// Defaults make no sense.
    Defaults(Error),
}

impl From<clap::Error> for Refused {
    fn from(error: clap::Error) -> Self {
        Self::Words(Box::new(error))
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Defaults(error)
    }
}

/// Reads a command line, whose first word is the program's, with all defaults of `env`.
pub fn read(line: &[OsString], program: &'static str, env: &Env) -> Result<Read, Refused> {
    let command = help::command(program, env::output_columns());
    let looked = look(&command, line)?;
    let mut world = World::new(env);
    let mut notes = std::mem::take(&mut world.notes);
    let matches = match looked.subcommand() {
        Some((name, typed)) if !is_exempt(name) => {
            let words = defaults(&mut world, &command, name, typed)?;
            filled(command, line, &words)?
        }
        _ => {
            notes.clear();
            command.try_get_matches_from(line)?
        }
    };
    let cli = Cli::from_arg_matches(&matches)?;
    Ok(Read { cli, notes })
}

/// The line with `words` in it.
fn filled(
    command: Command,
    line: &[OsString],
    words: &[Filled<'_>],
) -> Result<ArgMatches, Refused> {
    let mut longer = line.to_vec();
    insert(&mut longer, words.iter().flat_map(Filled::words));
    let error = match command.clone().try_get_matches_from(&longer) {
        Ok(matches) => return Ok(matches),
        Err(error) => error,
    };
    // What is missing without them, too, no default is to blame for.
    if error.kind() == ErrorKind::MissingRequiredArgument {
        command.try_get_matches_from(line)?;
    }
    Err(refused(error, words))
}

/// The builder that `create` would make with nothing else on its command line.
pub fn create(kube: &KubeArgs, env: &Env) -> crate::error::Result<CreateArgs> {
    let mut line: Vec<OsString> = vec!["kubectl-buildkit".into(), "create".into()];
    let context = kube.context.iter().map(|name| format!("--context={name}"));
    let namespace = kube
        .namespace
        .iter()
        .map(|name| format!("--namespace={name}"));
    line.extend(context.chain(namespace).map(OsString::from));
    match read(&line, "kubectl buildkit", env).map(|read| read.cli.command) {
        Ok(crate::cli::Command::Create(args)) => Ok(*args),
        Ok(_) => Ok(CreateArgs::default()),
        Err(Refused::Defaults(error)) => Err(error),
        Err(Refused::Words(error)) => {
            Err(Error::usage("defaults of `create` make no sense").because(in_one_line(&error)))
        }
    }
}

/// What was typed. What is required may come from elsewhere.
fn look(command: &Command, line: &[OsString]) -> Result<ArgMatches, clap::Error> {
    match command.clone().try_get_matches_from(line) {
        Err(error) if error.kind() == ErrorKind::MissingRequiredArgument => {
            let lenient = command.clone().ignore_errors(true);
            lenient.try_get_matches_from(line).map_err(|_| error)
        }
        looked => looked,
    }
}

/// A default for a flag that was not typed.
struct Filled<'a> {
    flag: &'a Settable,
    entry: Entry,
}

impl Filled<'_> {
    fn words(&self) -> Vec<OsString> {
        let is_theirs = matches!(self.entry.source, Source::Theirs(_));
        if is_theirs || self.flag.says_nothing(&self.entry.values) {
            return Vec::new();
        }
        self.flag.words(&self.entry.values)
    }

    /// Whether it is in the way of others.
    fn speaks(&self) -> bool {
        let is_theirs = matches!(self.entry.source, Source::Theirs(_));
        is_theirs || !self.words().is_empty()
    }
}

fn defaults<'a>(
    world: &'a mut World<'_>,
    command: &Command,
    name: &'a str,
    typed: &ArgMatches,
) -> Result<Vec<Filled<'a>>, Refused> {
    world.read_file()?;
    if let Some(fault) = world.faults().into_iter().next() {
        return Err(fault.into());
    }
    let scope = world.scope(&KubeArgs::from_arg_matches(typed)?);
    let mut all = Vec::new();
    for flag in world.settables.of_command(name) {
        if is_typed(typed, flag.id()) {
            continue;
        }
        if let Some(entry) = world.counts(flag, &scope) {
            checked(flag, &entry)?;
            all.push(Filled { flag, entry });
        }
    }
    if all.is_empty() {
        return Ok(all);
    }
    let mut built = command.clone();
    built.build();
    let Some(command) = built.find_subcommand(name) else {
        return Ok(all);
    };
    let excluded: Vec<bool> = all
        .iter()
        .map(|one| yields(one, &all, command, typed))
        .collect();
    let mut excluded = excluded.into_iter();
    all.retain(|_| !excluded.next().unwrap_or_default());
    Ok(all)
}

/// Whether a default gives way to something that counts more and excludes it.
fn yields(one: &Filled<'_>, all: &[Filled<'_>], command: &Command, typed: &ArgMatches) -> bool {
    let rank = one.entry.source.rank();
    if is_driver_option(typed, one.flag.flag()) {
        return true;
    }
    rivals(command, one.flag.id()).iter().any(|rival| {
        let mut others = all.iter().filter(|other| other.flag.id() == rival);
        let is_below = others.any(|other| other.speaks() && other.entry.source.rank() < rank);
        is_below || (is_typed(typed, rival) && !is_no(typed, rival))
    })
}

/// Whether the flag was typed in buildx's spelling.
fn is_driver_option(typed: &ArgMatches, flag: &str) -> bool {
    if !is_typed(typed, DRIVER_OPT) {
        return false;
    }
    let mut texts = typed.get_raw(DRIVER_OPT).into_iter().flatten();
    texts.any(|text| {
        let flags = driver_opt::flags(&text.to_string_lossy());
        flags
            .iter()
            .any(|known| known.strip_prefix("--") == Some(flag))
    })
}

fn is_typed(matches: &ArgMatches, id: &str) -> bool {
    let is_known = matches.try_contains_id(id).is_ok();
    is_known && matches.value_source(id) == Some(ValueSource::CommandLine)
}

/// Whether a flag was typed to say no.
fn is_no(matches: &ArgMatches, id: &str) -> bool {
    let mut raw = matches.get_raw(id).into_iter().flatten();
    raw.next_back()
        .and_then(|value| boolean(value.to_str()?))
        .is_some_and(|is| !is)
}

/// Puts words where flags may stand.
fn insert(line: &mut Vec<OsString>, words: impl Iterator<Item = OsString>) {
    let end = line.iter().position(|word| word == "--");
    let at = end.unwrap_or(line.len());
    line.splice(at..at, words);
}

/// What is wrong with a command line that makes sense without defaults.
fn refused(error: clap::Error, defaults: &[Filled<'_>]) -> Refused {
    let from: Vec<String> = defaults
        .iter()
        .filter(|default| default.speaks())
        .map(|Filled { entry, .. }| format!("{} ({})", entry.key, entry.source))
        .collect();
    if from.is_empty() {
        return error.into();
    }
    let error = Error::usage("defaults do not fit what was typed")
        .because(in_one_line(&error))
        .hint(format!("see what counts: {}", from.join(", ")));
    Refused::Defaults(error)
}

#[cfg(test)]
mod tests;
