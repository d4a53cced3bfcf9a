//! What a Dockerfile offers: its stages, its build arguments, the images that it begins with.
//!
//! Not a parser of the language: what cannot be read is passed over, as somebody may be writing it.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// More than BuildKit reads of a Dockerfile.
const MOST: u64 = 1 << 20;

/// A Dockerfile.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Dockerfile {
    /// Its stages that have a name.
    pub(super) stages: Vec<Stage>,
    /// Its build arguments, each once.
    pub(super) arguments: Vec<Argument>,
    /// The images that its stages begin with, each once.
    pub(super) images: Vec<String>,
}

/// A stage.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stage {
    pub(super) name: String,
    /// What it begins with.
    pub(super) base: String,
}

/// A build argument.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Argument {
    pub(super) name: String,
    pub(super) default: Option<String>,
}

impl Dockerfile {
    /// Reads a file; what is none (a pipe, say, that nobody writes to) is empty.
    pub(super) fn open(path: &Path) -> Self {
        let is_file = path.metadata().is_ok_and(|metadata| metadata.is_file());
        let file = is_file.then(|| File::open(path).ok()).flatten();
        let mut text = Vec::new();
        match file.map(|file| file.take(MOST).read_to_end(&mut text)) {
            Some(Ok(_)) => Self::read(&String::from_utf8_lossy(&text)),
            _ => Self::default(),
        }
    }

    fn read(text: &str) -> Self {
        let mut file = Self::default();
        for line in instructions(text) {
            let (instruction, rest) = line.split_once(char::is_whitespace).unwrap_or((&line, ""));
            match instruction.to_ascii_uppercase().as_str() {
                "FROM" => file.from(rest),
                "ARG" => file.argument(rest),
                _ => {}
            }
        }
        file
    }

    fn from(&mut self, rest: &str) {
        let mut words = rest
            .split_whitespace()
            .skip_while(|word| word.starts_with("--"));
        let Some(base) = words.next() else { return };
        let is_stage = self
            .stages
            .iter()
            .any(|stage| stage.name.eq_ignore_ascii_case(base));
        if !is_stage
            && !base.contains('$')
            && base != "scratch"
            && !self.images.iter().any(|i| i == base)
        {
            self.images.push(base.to_owned());
        }
        if let (Some(word), Some(name)) = (words.next(), words.next())
            && word.eq_ignore_ascii_case("as")
        {
            self.stages.push(Stage {
                name: name.to_owned(),
                base: base.to_owned(),
            });
        }
    }

    fn argument(&mut self, rest: &str) {
        for word in shell_words::split(rest).unwrap_or_default() {
            let (name, default) = match word.split_once('=') {
                Some((name, default)) => (name.to_owned(), Some(default.to_owned())),
                None => (word, None),
            };
            match self.arguments.iter_mut().find(|there| there.name == name) {
                // A stage that uses an argument of before says its name alone.
                Some(there) => there.default = there.default.take().or(default),
                None => self.arguments.push(Argument { name, default }),
            }
        }
    }
}

/// The instructions, each as one line.
fn instructions(text: &str) -> Vec<String> {
    let escape = if is_escaped_by_backtick(text) {
        '`'
    } else {
        '\\'
    };
    let mut all = Vec::new();
    let mut open = String::new();
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
        // Comments and empty lines may stand inside an instruction.
        if line.starts_with('#') || line.is_empty() {
            continue;
        }
        if let Some(part) = line.strip_suffix(escape) {
            open.push_str(part);
            continue;
        }
        open.push_str(line);
        all.push(std::mem::take(&mut open));
    }
    all.push(open);
    all
}

/// Whether the directive at the top says so, as on Windows, whose paths have backslashes.
fn is_escaped_by_backtick(text: &str) -> bool {
    let directives = text
        .lines()
        .take_while(|line| line.trim_start().starts_with('#'));
    directives
        .filter_map(|line| line.trim_start_matches(['#', ' ', '\t']).split_once('='))
        .any(|(name, value)| name.trim().eq_ignore_ascii_case("escape") && value.trim() == "`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let file = Dockerfile::read(text);
        let stages = file.stages.iter().map(|s| format!("{}<{}", s.name, s.base));
        let arguments = file.arguments.iter().map(|argument| {
            let default = argument.default.as_ref().map(|d| format!("={d}"));
            format!("{}{}", argument.name, default.unwrap_or_default())
        });
        let lists = [stages.collect(), arguments.collect(), file.images.clone()];
        lists.map(|list: Vec<String>| list.join(" ")).join(" | ")
    }

    #[test]
    fn stages_arguments_and_images() {
        let text = "# syntax=docker/dockerfile:1\n\
            ARG GO=1.22 NAME=\"two words\"\n\
            FROM --platform=$BUILDPLATFORM \\\n  # why\n\n  golang:1 AS build\n\
            arg GO\n\
            ARG TOKEN\n\
            RUN echo \\\n  ARG NOT=1\n\
            from build as Test\n\
            FROM scratch\n\
            FROM base-$GO AS last\n";
        assert_eq!(
            read(text),
            "build<golang:1 Test<build last<base-$GO | GO=1.22 NAME=two words TOKEN | golang:1"
        );
    }

    #[test]
    fn half_of_one_is_no_trouble() {
        assert_eq!(read("FROM"), " |  | ");
        assert_eq!(read("FROM a AS"), " |  | a");
        assert_eq!(read("ARG \"A"), " |  | ");
        assert_eq!(read("\u{feff}FROM a AS b\r\nFROM c \\"), "b<a |  | a c");
        assert_eq!(read("# escape=`\nFROM a `\nAS b"), "b<a |  | a");
    }

    #[test]
    fn what_is_no_file_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Dockerfile::open(folder.path()), Dockerfile::default());
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, 0o600.into()).unwrap();
        assert_eq!(Dockerfile::open(&pipe), Dockerfile::default());
    }
}
