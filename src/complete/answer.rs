//! What a shell is told, in the protocol of Cobra, which kubectl and its scripts for shells speak.

use std::fmt;

/// Cobra's bits: no space after the word, no files besides the candidates, folders only.
const NO_SPACE: u32 = 2;
const NO_FILES: u32 = 4;
const FOLDERS: u32 = 16;

/// What a value ends with that goes on.
const OPEN_ENDS: [char; 5] = ['=', ',', '/', ':', '['];

/// What the word at the cursor could become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    /// The word.
    pub(super) value: String,
    /// What it is, in a few words; may be empty.
    pub(super) help: String,
    /// Whether more may follow in the same word.
    pub(super) goes_on: bool,
}

impl Candidate {
    pub(super) fn new(value: impl Into<String>, help: impl Into<String>) -> Self {
        let value = value.into();
        Self {
            goes_on: value.ends_with(OPEN_ENDS),
            help: help.into(),
            value,
        }
    }

    /// The same, where more may follow in the same word.
    pub(super) fn open(value: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            goes_on: true,
            ..Self::new(value, help)
        }
    }

    /// The same behind `prefix`.
    pub(super) fn behind(mut self, prefix: &str) -> Self {
        self.value.insert_str(0, prefix);
        self
    }
}

/// Which files the shell itself adds, as it knows best how to show them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum FileNames {
    /// None.
    #[default]
    None,
    /// Any, if no candidate fits.
    Any,
    /// Only folders.
    Folders,
}

/// What a shell is told about the word at the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    pub(super) candidates: Vec<Candidate>,
    pub(super) files: FileNames,
}

impl Answer {
    pub(super) fn of(candidates: Vec<Candidate>) -> Self {
        Self {
            candidates,
            files: FileNames::None,
        }
    }

    pub(super) fn files(files: FileNames) -> Self {
        Self {
            candidates: Vec::new(),
            files,
        }
    }

    /// Keeps what begins with `text`, each value once. Control characters cannot be typed, and must not
    /// reach the terminal.
    pub(super) fn keep(&mut self, text: &str) {
        let mut seen = Vec::new();
        self.candidates.retain(|candidate| {
            let value = &candidate.value;
            let is_new = !seen.contains(value);
            seen.push(value.clone());
            is_new && value.starts_with(text) && !value.chars().any(char::is_control)
        });
    }

    fn directive(&self) -> u32 {
        let files = match self.files {
            FileNames::None => NO_FILES,
            FileNames::Any => 0,
            FileNames::Folders => FOLDERS,
        };
        let goes_on = self.candidates.iter().any(|candidate| candidate.goes_on);
        files | if goes_on { NO_SPACE } else { 0 }
    }
}

/// One line for each candidate, a tab before what it is, and the directive as the last line.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for candidate in &self.candidates {
            let line = candidate.help.lines().next().unwrap_or_default();
            let help = line.replace(char::is_control, " ");
            match help.trim() {
                "" => writeln!(f, "{}", candidate.value)?,
                help => writeln!(f, "{}\t{help}", candidate.value)?,
            }
        }
        writeln!(f, ":{}", self.directive())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_cobra_prints_it() {
        let mut answer = Answer::of(vec![
            Candidate::new("a=", "one\ntwo"),
            Candidate::new("a=", "again"),
            Candidate::new("ab", "\u{1b}[31mred"),
            Candidate::new("a\nb", ""),
            Candidate::new("b", ""),
        ]);
        answer.keep("a");
        assert_eq!(answer.to_string(), "a=\tone\nab\t[31mred\n:6\n");
        answer.keep("ab");
        assert_eq!(answer.to_string(), "ab\t[31mred\n:4\n");
        let files = |files| Answer::files(files).to_string();
        assert_eq!(files(FileNames::Any), ":0\n");
        assert_eq!(files(FileNames::Folders), ":16\n");
    }
}
