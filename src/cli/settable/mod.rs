//! Which flags can have defaults, and what they are called where no command line is: a key in the
//! configuration file, a variable of the environment. All follows from the flags' definition.

mod flag;
mod rivals;

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args as _, Command, CommandFactory as _};

use crate::model::nearest;

use super::Cli;
use super::settings::SettingArgs;

pub use flag::{Settable, in_one_line};
pub use rivals::rivals;

/// What variables of ours begin with.
pub const PREFIX: &str = "KUBECTL_BUILDKIT_";
/// What names one thing, or is about one call only.
const ONE_TIME: [&str; 7] = [
    "dry-run",
    "name",
    "node",
    "replica",
    "unset",
    "iidfile",
    "metadata-file",
];
/// Commands that people need to put wrong defaults right, or that have nothing to do with any.
const EXEMPT: [&str; 4] = ["config", "options", "completion", "__complete"];
/// The command whose flags are meant where those of several commands share no more than a name.
const FIRST: &str = "build";
/// `update` changes what is named and nothing else, so that nothing may be named behind one's back.
const CHANGES: &str = "update";

/// All flags that can have a default.
#[derive(Debug)]
pub struct Settables {
    flags: Vec<Settable>,
    /// Which flags each key is about.
    keys: BTreeMap<String, Vec<usize>>,
}

impl Default for Settables {
    fn default() -> Self {
        Self::new(&Cli::command())
    }
}

impl Settables {
    fn new(command: &Command) -> Self {
        let settings = longs(&SettingArgs::augment_args(Command::new("settings")));
        let globals = command.get_arguments();
        let mut flags: Vec<Settable> = globals.filter_map(|arg| Settable::new(None, arg)).collect();
        for below in command.get_subcommands() {
            let name = below.get_name();
            let arguments = below.get_arguments();
            let own = arguments.filter_map(|arg| Settable::new(Some(name), arg));
            let counts = |flag: &Settable| name != CHANGES || !settings.contains(flag.flag());
            flags.extend(own.filter(|_| !is_exempt(name)).filter(counts));
        }
        flags.retain(|flag| !ONE_TIME.contains(&flag.flag()));
        let mut keys: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, flag) in flags.iter().enumerate() {
            if let Some(command) = flag.command() {
                let key = format!("{command}.{}", flag.flag());
                keys.entry(key).or_default().push(index);
            }
            if is_common(flag, &flags, &settings) {
                keys.entry(flag.flag().to_owned()).or_default().push(index);
            }
        }
        Self { flags, keys }
    }

    /// The flags of a command that can have a default, with those that every command has.
    pub fn of_command<'a>(&'a self, command: &'a str) -> impl Iterator<Item = &'a Settable> {
        let is_its = move |flag: &&Settable| flag.command().is_none_or(|name| name == command);
        self.flags.iter().filter(is_its)
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Settable> {
        self.flags.iter()
    }

    /// The flags that a key is about.
    pub fn meant(&self, key: &str) -> Option<Vec<&Settable>> {
        let flags = self.keys.get(key)?.iter();
        Some(flags.map(|index| &self.flags[*index]).collect())
    }

    /// The keys that are about a flag; what is said of its command alone comes first.
    pub fn keys_of(&self, flag: &Settable) -> Vec<String> {
        let specific = flag.command().map(|name| format!("{name}.{}", flag.flag()));
        let keys = specific.into_iter().chain([flag.flag().to_owned()]);
        let is_about = |key: &String| {
            let flags = self.meant(key).unwrap_or_default();
            flags.into_iter().any(|meant| std::ptr::eq(meant, flag))
        };
        keys.filter(is_about).collect()
    }

    /// All keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }

    /// What to write in place of something that is no key.
    pub fn instead(&self, key: &str) -> String {
        let keys: Vec<&str> = self.keys().collect();
        let word = key.rsplit('.').next().unwrap_or(key);
        let with_flag = || {
            keys.iter()
                .find(|known| known.ends_with(&format!(".{word}")))
        };
        match nearest(key, &keys).or_else(|| with_flag().copied()) {
            Some(key) => format!("did you mean {key}?"),
            None => "write COMMAND.FLAG, for instance build.progress, or FLAG for every command \
                     that has it"
                .to_owned(),
        }
    }
}

/// Whether defaults are nothing to a command.
pub fn is_exempt(command: &str) -> bool {
    EXEMPT.contains(&command)
}

/// The variable of the environment for a key.
pub fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase().replace(['.', '-'], "_"))
}

/// Whether a flag's name alone means it, too. If `build` has a flag of this name, then those of other
/// commands are meant with it that take the same; what a node is made with is something else.
fn is_common(flag: &Settable, flags: &[Settable], settings: &BTreeSet<String>) -> bool {
    let named = || flags.iter().filter(|other| other.flag() == flag.flag());
    let first = named().find(|other| other.command() == Some(FIRST));
    let Some(first) = first else {
        return named().all(|other| other.takes() == flag.takes());
    };
    let is_first = flag.command() == Some(FIRST);
    let is_setting = flag.command() == Some("create") && settings.contains(flag.flag());
    is_first || (flag.takes() == first.takes() && !is_setting)
}

fn longs(command: &Command) -> BTreeSet<String> {
    let longs = command.get_arguments().filter_map(|flag| flag.get_long());
    longs.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
