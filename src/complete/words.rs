//! Words typed so far: which command they lead to, which values they give, and what the word at the
//! cursor is part of. Half a command line makes no sense yet, so nothing is refused.

use clap::{Arg, ArgAction, Command};

/// A command line up to the cursor.
#[derive(Debug)]
pub(super) struct Line<'c> {
    /// The command that the words lead to.
    pub(super) command: &'c Command,
    /// The arguments that were given before the cursor, in order, by their ids; flags have no value.
    pub(super) given: Vec<(&'c str, Option<String>)>,
    /// What the word at the cursor is.
    pub(super) spot: Spot<'c>,
}

/// What the word at the cursor is part of.
#[derive(Debug)]
pub(super) enum Spot<'c> {
    /// The name of a flag, or the beginning of one.
    Flag(String),
    /// The name of a subcommand, or the beginning of one.
    Subcommand(String),
    /// The value of an argument.
    Value {
        /// The argument.
        argument: &'c Arg,
        /// What of the value was typed.
        text: String,
        /// What stands before the value in the same word, and counts as part of it for shells.
        before: String,
        /// Whether the value stands behind `--flag=` or `-f=`, which does not count.
        is_behind_equals: bool,
    },
    /// A word where none belongs.
    Surplus,
}

impl<'c> Line<'c> {
    /// Reads `words`, of which the last one is at the cursor. `root` has to be built.
    pub(super) fn read(root: &'c Command, words: &[String]) -> Self {
        let (last, before) = match words.split_last() {
            Some((last, before)) => (last.as_str(), before),
            None => ("", words),
        };
        let mut reader = Reader {
            command: root,
            given: Vec::new(),
            positional: 1,
            is_escaped: false,
            waiting: None,
        };
        for word in before {
            reader.word(word);
        }
        let spot = reader.spot(last);
        Self {
            command: reader.command,
            given: reader.given,
            spot,
        }
    }

    /// The last value that was given for an argument.
    pub(super) fn value(&self, id: &str) -> Option<&str> {
        self.values(id).last()
    }

    /// All values that were given for an argument.
    pub(super) fn values(&self, id: &str) -> impl DoubleEndedIterator<Item = &str> {
        let of_it = self.given.iter().filter(move |(given, _)| *given == id);
        of_it.filter_map(|(_, value)| value.as_deref())
    }

    /// Whether an argument was given.
    pub(super) fn has(&self, id: &str) -> bool {
        self.given.iter().any(|(given, _)| *given == id)
    }
}

/// How far the words were read.
struct Reader<'c> {
    command: &'c Command,
    given: Vec<(&'c str, Option<String>)>,
    /// The index of the next positional argument.
    positional: usize,
    /// Whether `--` was read: all that follows is positional.
    is_escaped: bool,
    /// The option whose value is the next word.
    waiting: Option<&'c Arg>,
}

impl<'c> Reader<'c> {
    fn word(&mut self, word: &str) {
        if let Some(option) = self.waiting.take() {
            self.give(option, Some(word));
        } else if self.is_escaped || word == "-" || !word.starts_with('-') {
            self.bare(word);
        } else if word == "--" {
            self.is_escaped = true;
        } else if let Some(flag) = word.strip_prefix("--") {
            let (name, value) = halves(flag);
            if let Some(option) = self.long(name) {
                self.option(option, value);
            }
        } else if let Some((option, value)) = self.shorts(&word[1..], true) {
            self.option(option, value.map(|(value, _)| value));
        }
    }

    fn spot(&mut self, word: &str) -> Spot<'c> {
        if let Some(argument) = self.waiting.take() {
            return value(argument, word, "", false);
        }
        if self.is_escaped || !word.starts_with('-') {
            return self.bare_spot(word);
        }
        if let Some(flag) = word.strip_prefix("--") {
            let (name, text) = halves(flag);
            return match (self.long(name).filter(|option| takes_value(option)), text) {
                (Some(argument), Some(text)) => value(argument, text, "", true),
                _ => Spot::Flag(word.to_owned()),
            };
        }
        match self.shorts(&word[1..], false) {
            Some((argument, Some((text, is_behind_equals)))) => {
                let before = &word[..word.len() - text.len()];
                let before = if is_behind_equals { "" } else { before };
                value(argument, text, before, is_behind_equals)
            }
            _ => Spot::Flag(word.to_owned()),
        }
    }

    /// A word that is no flag.
    fn bare(&mut self, word: &str) {
        if !self.is_escaped
            && let Some(subcommand) = self.command.find_subcommand(word)
        {
            self.command = subcommand;
            self.positional = 1;
        } else if let Some(argument) = self.next_positional() {
            self.give(argument, Some(word));
            if !is_many(argument) {
                self.positional += 1;
            }
        }
    }

    fn bare_spot(&self, word: &str) -> Spot<'c> {
        if let Some(argument) = self.next_positional() {
            value(argument, word, "", false)
        } else if self.is_escaped {
            Spot::Surplus
        } else if self.command.has_subcommands() {
            Spot::Subcommand(word.to_owned())
        } else {
            // Whoever typed nothing yet may want to see what is left.
            Spot::Flag(word.to_owned())
        }
    }

    fn next_positional(&self) -> Option<&'c Arg> {
        let mut all = self.command.get_positionals();
        all.find(|argument| argument.get_index() == Some(self.positional))
    }

    fn option(&mut self, option: &'c Arg, text: Option<&str>) {
        if text.is_none() && takes_value(option) && !option.is_require_equals_set() {
            self.waiting = Some(option);
        } else {
            self.give(option, text);
        }
    }

    fn give(&mut self, argument: &'c Arg, text: Option<&str>) {
        let id = argument.get_id().as_str();
        self.given.push((id, text.map(str::to_owned)));
    }

    fn long(&self, name: &str) -> Option<&'c Arg> {
        self.command.get_arguments().find(|argument| {
            let aliases = argument.get_all_aliases().unwrap_or_default();
            argument.get_long() == Some(name) || aliases.contains(&name)
        })
    }

    fn short(&self, name: char) -> Option<&'c Arg> {
        self.command.get_arguments().find(|argument| {
            let aliases = argument.get_all_short_aliases().unwrap_or_default();
            argument.get_short() == Some(name) || aliases.contains(&name)
        })
    }

    /// Reads the letters behind one dash up to the first that takes a value, if there is one. The value
    /// comes with whether it stands behind `=`. Flags before it are given if `gives`.
    fn shorts<'w>(
        &mut self,
        letters: &'w str,
        gives: bool,
    ) -> Option<(&'c Arg, Option<(&'w str, bool)>)> {
        for (at, letter) in letters.char_indices() {
            let option = self.short(letter)?;
            let rest = &letters[at + letter.len_utf8()..];
            let is_alone = option.is_require_equals_set() && !rest.starts_with('=');
            if takes_value(option) && !is_alone {
                let value = match rest.strip_prefix('=') {
                    Some(value) => Some((value, true)),
                    None => Some((rest, false)).filter(|_| !rest.is_empty()),
                };
                return Some((option, value));
            }
            if gives {
                self.give(option, None);
            }
        }
        None
    }
}

fn value<'c>(argument: &'c Arg, text: &str, before: &str, is_behind_equals: bool) -> Spot<'c> {
    Spot::Value {
        argument,
        text: text.to_owned(),
        before: before.to_owned(),
        is_behind_equals,
    }
}

fn halves(text: &str) -> (&str, Option<&str>) {
    match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    }
}

/// Whether an argument can have a value at all.
pub(super) fn takes_value(argument: &Arg) -> bool {
    argument
        .get_num_args()
        .is_some_and(|count| count.takes_values())
}

/// Whether an argument may be given again.
pub(super) fn is_many(argument: &Arg) -> bool {
    matches!(argument.get_action(), ArgAction::Append | ArgAction::Count)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    /// What is at the cursor, and all that was given before it.
    fn read(line: &str) -> String {
        let mut root = Cli::command();
        root.build();
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let line = Line::read(&root, &words);
        let spot = match &line.spot {
            Spot::Flag(text) => format!("flag {text}"),
            Spot::Subcommand(text) => format!("subcommand {text}"),
            Spot::Surplus => "surplus".to_owned(),
            Spot::Value {
                argument,
                text,
                before,
                is_behind_equals,
            } => {
                let equals = if *is_behind_equals { " =" } else { "" };
                format!("{} {before}|{text}{equals}", argument.get_id())
            }
        };
        let given = line.given.iter().map(|(id, value)| match value {
            Some(value) => format!(" {id}={value}"),
            None => format!(" {id}"),
        });
        format!("{spot};{}", given.collect::<String>())
    }

    #[test]
    fn what_is_at_the_cursor() {
        for (line, expected) in [
            ("", "subcommand ;"),
            ("bu", "subcommand bu;"),
            ("-n bui", "namespace |bui;"),
            ("-n build ls -", "flag -; namespace=build"),
            ("ls --out", "flag --out;"),
            ("ls -o", "flag -o;"),
            ("ls -oj", "output -o|j;"),
            ("ls -Ao=j", "output |j =;"),
            ("ls --output=j", "output |j =;"),
            ("ls x", "flag x;"),
            ("ls -- x", "surplus;"),
            ("build --push ", "build_context |; push"),
            ("build --push=", "push | =;"),
            ("build -- -", "build_context |-;"),
            ("build - -", "flag -; build_context=-"),
            ("b -f x/D --target ", "target |; file=x/D"),
            ("build -fx/D --target=", "target | =; file=x/D"),
            ("build --tag ls -t b ", "build_context |; tags=ls tags=b"),
            ("rm a b", "names |b; names=a"),
            ("create a b", "flag b; name=a"),
            ("create --config ", "buildkitd_config |;"),
            ("create --unknown x --node ", "node |; name=x"),
            ("create --spread --node ", "node |; spread"),
            ("build -qD ", "build_context |; quiet debug"),
            ("build -Dq=", "quiet | =;"),
        ] {
            assert_eq!(read(line), expected, "{line}");
        }
    }
}
