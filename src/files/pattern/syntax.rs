//! The pieces of one pattern, and the regular expression that they make.

use std::iter::Peekable;
use std::str::Chars;

use super::PatternFault;

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A character that stands for itself.
    Literal(char),
    /// `?`
    Character,
    /// `*`
    Name,
    /// `**` or `**/` with more behind it: any folders, or none.
    Folders,
    /// `**` at the end: all that is left.
    Rest,
    /// A class, ready for a regular expression.
    Class(String),
}

impl Token {
    pub(super) const fn literal(&self) -> Option<char> {
        match self {
            Self::Literal(c) => Some(*c),
            _ => None,
        }
    }
}

/// The pieces of a pattern in order.
#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) list: Vec<Token>,
    /// No literal was written with `\` or is a stray `]`. Go's fast path for `**literal`, which
    /// also matches within a name, applies to such patterns only.
    pub(super) plain: bool,
}

impl Tokens {
    pub(super) fn parse(pattern: &str) -> Result<Self, PatternFault> {
        let mut list = Vec::with_capacity(pattern.len());
        let mut plain = true;
        let mut rest = pattern.chars().peekable();
        while let Some(c) = rest.next() {
            let token = match c {
                '*' => stars(&mut rest),
                '?' => Token::Character,
                '[' => Token::Class(class(&mut rest)?),
                '\\' => {
                    plain = false;
                    Token::Literal(rest.next().ok_or(PatternFault::TrailingEscape)?)
                }
                ']' => {
                    plain = false;
                    Token::Literal(']')
                }
                c => Token::Literal(c),
            };
            list.push(token);
        }
        Ok(Self { list, plain })
    }
}

/// What follows a first `*`.
fn stars(rest: &mut Peekable<Chars<'_>>) -> Token {
    if rest.next_if_eq(&'*').is_none() {
        return Token::Name;
    }
    rest.next_if_eq(&'/');
    if rest.peek().is_none() {
        return Token::Rest;
    }
    Token::Folders
}

/// What follows `[`, up to and with its `]`, as a class of a regular expression.
fn class(rest: &mut Peekable<Chars<'_>>) -> Result<String, PatternFault> {
    let mut class = String::from("[");
    if rest.next_if_eq(&'^').is_some() {
        class.push('^');
    }
    let mut empty = true;
    loop {
        if !empty && rest.next_if_eq(&']').is_some() {
            class.push(']');
            return Ok(class);
        }
        empty = false;
        if let Some(name) = named(rest) {
            class.push_str(name);
            continue;
        }
        let low = member(rest)?;
        escape(&mut class, low);
        if rest.next_if_eq(&'-').is_some() {
            let high = member(rest)?;
            if high < low {
                return Err(PatternFault::ReversedRange);
            }
            class.push('-');
            escape(&mut class, high);
        }
    }
}

/// Takes `[:digit:]` and its like, which work in the lists that people have.
fn named(rest: &mut Peekable<Chars<'_>>) -> Option<&'static str> {
    const NAMES: [&str; 14] = [
        "[:alnum:]",
        "[:alpha:]",
        "[:ascii:]",
        "[:blank:]",
        "[:cntrl:]",
        "[:digit:]",
        "[:graph:]",
        "[:lower:]",
        "[:print:]",
        "[:punct:]",
        "[:space:]",
        "[:upper:]",
        "[:word:]",
        "[:xdigit:]",
    ];
    let name = NAMES
        .into_iter()
        .find(|name| rest.clone().take(name.len()).eq(name.chars()))?;
    rest.nth(name.len() - 1);
    Some(name)
}

/// One end of a range.
fn member(rest: &mut Peekable<Chars<'_>>) -> Result<char, PatternFault> {
    match rest.next() {
        None => Err(PatternFault::OpenClass),
        Some('-' | ']') => Err(PatternFault::EmptyRange),
        Some('\\') => rest.next().ok_or(PatternFault::TrailingEscape),
        Some(c) => Ok(c),
    }
}

/// The regular expression of a whole pattern.
pub(super) fn expression(tokens: &[Token]) -> String {
    let mut expression = String::from(r"(?s)\A");
    for token in tokens {
        match token {
            Token::Literal(c) => escape(&mut expression, *c),
            Token::Character => expression.push_str("[^/]"),
            Token::Name => expression.push_str("[^/]*"),
            Token::Folders => expression.push_str("(?:.*/)?"),
            Token::Rest => expression.push_str(".*"),
            Token::Class(class) => expression.push_str(class),
        }
    }
    expression.push_str(r"\z");
    expression
}

fn escape(expression: &mut String, c: char) {
    expression.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
}
