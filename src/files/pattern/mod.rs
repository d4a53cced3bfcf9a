//! Patterns as `.dockerignore` has them, with the meaning that BuildKit's own client gives them.
//!
//! A pattern is anchored at the root. `*` and `?` stay within a name, `**` crosses folders, `[a-z]`
//! and `[^a-z]` are classes, `\` takes away a meaning. In a list the last match wins, and `!` takes
//! back. A match of a folder holds for all below it; which patterns matched a folder is [`Carried`]
//! through the walk, since a later `!` may still take back a single file below.
//!
//! Where BuildKit's client lets pieces of a pattern leak into a regular expression (`\d`, `^`, `*` in
//! a class), the character stands for itself here, as the pattern's documentation says.

mod syntax;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use regex::Regex;

use super::path;
use syntax::{Token, Tokens};

/// A pattern that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("pattern {pattern:?} is invalid: {fault}")]
pub struct PatternError {
    /// The pattern as it was given.
    pub pattern: String,
    /// What is wrong with it.
    pub fault: PatternFault,
}

/// What can be wrong with a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatternFault {
    /// `!` with nothing behind it.
    #[error("`!` needs a pattern behind it")]
    NothingTakenBack,
    /// `\` with nothing behind it.
    #[error("`\\` at the end escapes nothing")]
    TrailingEscape,
    /// `[` that is never closed.
    #[error("`[` is not closed by `]`")]
    OpenClass,
    /// `[]`, or `-` where a character has to stand.
    #[error("a class needs characters or ranges: escape a literal `-` or `]` with `\\`")]
    EmptyRange,
    /// `[z-a]`.
    #[error("a range in a class ends before it starts")]
    ReversedRange,
    /// The pattern needs more memory than any sensible one.
    #[error("it is too complex")]
    TooComplex,
}

/// How one pattern looks at a path. Most lines of real lists need no regular expression.
#[derive(Debug)]
enum Rule {
    Exact(String),
    /// `literal**`
    Prefix(String),
    /// `**literal`
    Suffix(String),
    Regex {
        /// Literal start and end of the pattern: far cheaper to refuse by than the expression.
        head: String,
        tail: String,
        regex: Regex,
    },
}

impl Rule {
    fn new(text: &str) -> Result<Self, PatternFault> {
        let Tokens { list, plain } = Tokens::parse(text)?;
        let literals = |tokens: &[Token]| tokens.iter().map(Token::literal).collect();
        match list.as_slice() {
            [Token::Rest] => return Ok(Self::Prefix(String::new())),
            [start @ .., Token::Rest] => {
                if let Some(prefix) = literals(start) {
                    return Ok(Self::Prefix(prefix));
                }
            }
            [Token::Folders, ..] if plain => {
                if literals(&list[1..]).is_some() {
                    return Ok(Self::Suffix(text[2..].to_owned()));
                }
            }
            all => {
                if let Some(exact) = literals(all) {
                    return Ok(Self::Exact(exact));
                }
            }
        }
        let regex = Regex::new(&syntax::expression(&list)).map_err(|_| PatternFault::TooComplex)?;
        let head = list.iter().map_while(Token::literal).collect();
        let tail: Vec<char> = list.iter().rev().map_while(Token::literal).collect();
        let tail = tail.into_iter().rev().collect();
        Ok(Self::Regex { head, tail, regex })
    }

    fn matches(&self, path: &str) -> bool {
        match self {
            Self::Exact(text) => path == text,
            Self::Prefix(prefix) => path.starts_with(prefix.as_str()),
            Self::Suffix(suffix) => {
                path.ends_with(suffix.as_str()) || suffix.strip_prefix('/') == Some(path)
            }
            Self::Regex { head, tail, regex } => {
                path.starts_with(head.as_str())
                    && path.ends_with(tail.as_str())
                    && regex.is_match(path)
            }
        }
    }

    /// Whether some path below `folder`, which ends with `/`, could match. May say yes too often.
    fn reaches(&self, folder: &str) -> bool {
        match self {
            Self::Exact(text) => text.starts_with(folder),
            Self::Prefix(head) | Self::Regex { head, .. } => {
                head.starts_with(folder) || folder.starts_with(head.as_str())
            }
            Self::Suffix(_) => true,
        }
    }
}

/// One line of a list.
#[derive(Debug)]
struct Pattern {
    rule: Rule,
    /// The line started with `!`.
    takes_back: bool,
}

impl Pattern {
    /// `None` for a line without anything on it.
    fn parse(line: &[u8]) -> Result<Option<Self>, PatternError> {
        let line = trim(line);
        if line.is_empty() {
            return Ok(None);
        }
        let refuse = |fault| PatternError {
            pattern: path::shown(line),
            fault,
        };
        let cleaned = path::clean(line);
        let (takes_back, text) = match cleaned.strip_prefix(b"!") {
            Some(rest) => (true, rest),
            None => (false, cleaned.as_slice()),
        };
        if text.is_empty() {
            return Err(refuse(PatternFault::NothingTakenBack));
        }
        let rule = Rule::new(&as_text(text)).map_err(refuse)?;
        Ok(Some(Self { rule, takes_back }))
    }
}

/// A pattern for a single name.
#[derive(Debug)]
pub(super) struct Glob(Rule);

impl Glob {
    /// `None` if `pattern` is invalid: then it matches nothing.
    pub(super) fn new(pattern: &[u8]) -> Option<Self> {
        Rule::new(&as_text(pattern)).ok().map(Self)
    }

    pub(super) fn matches(&self, name: &[u8]) -> bool {
        self.0.matches(&as_text(name))
    }

    /// Whether `pattern` stands for more than one name.
    pub(super) fn is_one(pattern: &[u8]) -> bool {
        let mut bytes = pattern.iter();
        while let Some(byte) = bytes.next() {
            match byte {
                b'\\' => _ = bytes.next(),
                b'*' | b'?' | b'[' => return true,
                _ => {}
            }
        }
        false
    }

    /// The pattern that matches `name` and nothing else.
    pub(super) fn escape(name: &[u8]) -> Vec<u8> {
        let mut pattern = Vec::with_capacity(name.len());
        for byte in name {
            if b"\\*?[]!".contains(byte) {
                pattern.push(b'\\');
            }
            pattern.push(*byte);
        }
        pattern
    }

    /// The name that a pattern without wildcards stands for.
    pub(super) fn unescape(pattern: &[u8]) -> Vec<u8> {
        let mut name = Vec::with_capacity(pattern.len());
        let mut bytes = pattern.iter();
        while let Some(byte) = bytes.next() {
            let literal = if *byte == b'\\' { bytes.next() } else { None };
            name.push(*literal.unwrap_or(byte));
        }
        name
    }
}

/// Which patterns of a list matched a folder or one above it.
#[derive(Debug, Clone, Default)]
pub(super) struct Carried(Vec<bool>);

impl Carried {
    fn has(&self, index: usize) -> bool {
        self.0.get(index).copied().unwrap_or_default()
    }
}

/// An ordered list of patterns.
#[derive(Debug)]
pub(super) struct Matcher {
    patterns: Vec<Pattern>,
}

impl Matcher {
    pub(super) fn new<P: AsRef<[u8]>>(lines: &[P]) -> Result<Self, PatternError> {
        let patterns = lines
            .iter()
            .filter_map(|line| Pattern::parse(line.as_ref()).transpose())
            .collect::<Result<_, _>>()?;
        Ok(Self { patterns })
    }

    /// Whether `path` matches, given what its folder carries.
    pub(super) fn matches(&self, path: &[u8], parent: &Carried) -> bool {
        self.judge(path, parent, |_| {})
    }

    /// The same for a folder, with what it carries to all below it.
    pub(super) fn enter(&self, path: &[u8], parent: &Carried) -> (bool, Carried) {
        let mut carried = vec![false; self.patterns.len()];
        let matched = self.judge(path, parent, |index| {
            if let Some(slot) = carried.get_mut(index) {
                *slot = true;
            }
        });
        (matched, Carried(carried))
    }

    /// A pattern that could not change the verdict is not looked at and so not carried: the
    /// daemon's other clients do the same, and lists exist that depend on it.
    fn judge(&self, path: &[u8], parent: &Carried, mut hit: impl FnMut(usize)) -> bool {
        let path = as_text(path);
        let mut matched = false;
        for (index, pattern) in self.patterns.iter().enumerate() {
            let holds =
                parent.has(index) || (pattern.takes_back == matched && pattern.rule.matches(&path));
            if holds {
                hit(index);
                matched = !pattern.takes_back;
            }
        }
        matched
    }

    /// Whether anything below `folder` could still match where the folder does not.
    pub(super) fn may_match_below(&self, folder: &[u8], carried: &Carried) -> bool {
        self.reaches(folder, carried, false)
    }

    /// Whether anything below `folder` could be taken back where the folder matches.
    pub(super) fn may_take_back_below(&self, folder: &[u8], carried: &Carried) -> bool {
        self.reaches(folder, carried, true)
    }

    /// What the folder already carries gave the verdict that it has; only a pattern that newly
    /// matches further down can turn it.
    fn reaches(&self, folder: &[u8], carried: &Carried, takes_back: bool) -> bool {
        let folder = path::join(folder, b"");
        let folder = as_text(&folder);
        self.patterns
            .iter()
            .enumerate()
            .filter(|(index, pattern)| pattern.takes_back == takes_back && !carried.has(*index))
            .any(|(_, pattern)| pattern.rule.reaches(&folder))
    }
}

/// `bytes` as text in which each byte that is not UTF-8 is one character of its own.
///
/// So `?` stands for one character of a name in any encoding. The characters are the last of the
/// private use area, which nobody has in file names.
fn as_text(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len() * 2);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        let strange = chunk.invalid().iter();
        text.extend(strange.filter_map(|byte| char::from_u32(0x0010_FF00 + u32::from(*byte))));
    }
    Cow::Owned(text)
}

/// Without white space around it.
fn trim(line: &[u8]) -> &[u8] {
    match std::str::from_utf8(line) {
        Ok(text) => text.trim().as_bytes(),
        Err(_) => line.trim_ascii(),
    }
}
