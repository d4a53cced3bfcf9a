//! Takes a text apart: quotes of all kinds, brackets, separators, and what is between them.

use serde_json::Value;

use crate::model::Span;

use super::fault::Fault;

/// Quotes and brackets in each other that anybody can mean.
const MAX_DEPTH: usize = 16;

/// What shells, and those of Windows, have before a quote that is to stay.
const ESCAPES: [char; 3] = ['\\', '`', '^'];

/// A part of the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

/// What a part of the text is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Text,
    Blank,
    /// `,`, `;` or the end of a line.
    Separator,
    Equals,
    Colon,
    /// What one pair of quotes encloses.
    Quoted(Vec<Node>),
    /// What one pair of brackets encloses.
    Group(Vec<Node>),
    /// The same, if it is JSON as it stands.
    Json(Value),
}

enum Closes {
    End,
    Quote(char),
    Bracket(char),
}

struct Frame {
    closes: Closes,
    start: Span,
    nodes: Vec<Node>,
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    open: Vec<Frame>,
}

/// One quote with the backslashes before it.
#[derive(Clone, Copy)]
struct Quote {
    mark: char,
    span: Span,
}

/// The parts of `text`.
pub(super) fn nodes(text: &str) -> Result<Vec<Node>, Fault> {
    let mut lexer = Lexer {
        text,
        at: 0,
        open: vec![Frame {
            closes: Closes::End,
            start: Span { start: 0, end: 0 },
            nodes: Vec::new(),
        }],
    };
    while lexer.at < text.len() {
        lexer.step();
        if lexer.open.len() > MAX_DEPTH {
            let span = lexer.span(lexer.at.saturating_sub(1));
            let problem = "quotes or brackets are nested too deeply";
            return Err(Fault::new(text, span, problem, ""));
        }
    }
    lexer.finish()
}

/// The quote that a character stands for; texts that went through a word processor have others.
fn quote(c: char) -> Option<char> {
    match c {
        '"' | '\u{201c}' | '\u{201d}' | '\u{201e}' => Some('"'),
        '\'' | '\u{2018}' | '\u{2019}' => Some('\''),
        _ => None,
    }
}

fn is_edge(c: Option<char>, brackets: [char; 2]) -> bool {
    c.is_none_or(|c| c.is_whitespace() || ",;=:".contains(c) || brackets.contains(&c))
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// From `start` to here, or at least one character.
    fn span(&self, start: usize) -> Span {
        Span {
            start: self.text.floor_char_boundary(start),
            end: self.at,
        }
    }

    fn push(&mut self, kind: Kind, length: usize) {
        let start = self.at;
        self.at += length;
        let span = self.span(start);
        self.append(Node { kind, span });
    }

    fn append(&mut self, node: Node) {
        let Some(frame) = self.open.last_mut() else {
            return;
        };
        match frame.nodes.last_mut() {
            Some(last) if last.kind == Kind::Blank && node.kind == Kind::Blank => {
                last.span.end = node.span.end;
            }
            _ => frame.nodes.push(node),
        }
    }

    fn step(&mut self) {
        let quotes = self.quotes();
        if !quotes.is_empty() {
            return self.quoted(&quotes);
        }
        let rest = self.rest();
        let Some(c) = rest.chars().next() else {
            return;
        };
        match c {
            ',' | ';' | '\n' => self.push(Kind::Separator, 1),
            '=' => self.push(Kind::Equals, 1),
            ':' => self.push(Kind::Colon, 1),
            '[' | '{' => self.bracket(c),
            ']' | '}' => self.end_bracket(c),
            // A shell joins such lines.
            '\\' if rest.starts_with("\\\n") => self.push(Kind::Blank, 2),
            '\\' if rest.starts_with("\\\r\n") => self.push(Kind::Blank, 3),
            '-' if rest.starts_with("- ") && self.begins_line() => self.push(Kind::Blank, 1),
            c if c.is_whitespace() => self.push(Kind::Blank, c.len_utf8()),
            _ => self.word(rest),
        }
    }

    /// Whether nothing but blanks stands before this place in its line or list: there YAML has a
    /// dash before each entry.
    fn begins_line(&self) -> bool {
        let nodes = self.open.last().map(|frame| frame.nodes.as_slice());
        let before = nodes.unwrap_or_default().iter().rev();
        let mut before = before.skip_while(|node| node.kind == Kind::Blank);
        before
            .next()
            .is_none_or(|node| node.kind == Kind::Separator)
    }

    fn word(&mut self, rest: &str) {
        let sign = |c: char| ",;=:[]{}".contains(c) || ESCAPES.contains(&c);
        let special = |c: char| c.is_whitespace() || sign(c) || quote(c).is_some();
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let more = rest.get(first..).unwrap_or_default();
        let length = first + more.find(special).unwrap_or(more.len());
        self.push(Kind::Text, length);
    }

    /// The quotes that stand here side by side.
    fn quotes(&self) -> Vec<Quote> {
        let mut quotes = Vec::new();
        let mut start = self.at;
        for (offset, c) in self.rest().char_indices() {
            let at = self.at + offset;
            match quote(c) {
                Some(mark) => {
                    let end = at + c.len_utf8();
                    quotes.push(Quote {
                        mark,
                        span: Span { start, end },
                    });
                    start = end;
                }
                None if ESCAPES.contains(&c) => {}
                None => break,
            }
        }
        quotes
    }

    /// Decides by what stands at both sides whether quotes open or close something, or are text.
    fn quoted(&mut self, quotes: &[Quote]) {
        let end = quotes.last().map_or(self.at, |quote| quote.span.end);
        let before = self.text.get(..self.at).unwrap_or_default();
        let after = self.text.get(end..).unwrap_or_default();
        let opens = is_edge(before.chars().next_back(), ['[', '{']);
        let closes = is_edge(after.chars().next(), [']', '}']);
        match (opens, closes) {
            (true, false) => self.open_all(quotes),
            (false, true) => self.close_or_keep(quotes),
            (false, false) => self.keep(quotes),
            (true, true) => self.empty_and_close(quotes),
        }
        self.at = end;
    }

    fn open_all(&mut self, quotes: &[Quote]) {
        for quote in quotes {
            self.open.push(Frame {
                closes: Closes::Quote(quote.mark),
                start: quote.span,
                nodes: Vec::new(),
            });
        }
    }

    fn keep(&mut self, quotes: &[Quote]) {
        for Quote { span, .. } in quotes {
            self.append(Node {
                kind: Kind::Text,
                span: *span,
            });
        }
    }

    fn close_or_keep(&mut self, quotes: &[Quote]) {
        for quote in quotes {
            if self.marks().next() == Some(quote.mark) {
                self.close_quote(quote.span.end);
            } else {
                self.keep(&[*quote]);
            }
        }
    }

    /// Quotes with nothing at either side: pairs of them are empty texts, the rest closes.
    fn empty_and_close(&mut self, quotes: &[Quote]) {
        let fits = |count: &usize| {
            let closing = quotes.iter().skip(quotes.len() - count);
            (quotes.len() - count).is_multiple_of(2)
                && self
                    .marks()
                    .take(*count)
                    .eq(closing.map(|quote| quote.mark))
        };
        let Some(count) = (0..=quotes.len()).rev().find(fits) else {
            return self.open_all(quotes);
        };
        let (empty, closing) = quotes.split_at(quotes.len() - count);
        if let (Some(first), Some(last)) = (empty.first(), empty.last()) {
            self.append(Node {
                kind: Kind::Quoted(Vec::new()),
                span: Span {
                    start: first.span.start,
                    end: last.span.end,
                },
            });
        }
        self.close_or_keep(closing);
    }

    /// The open quotes, innermost first.
    fn marks(&self) -> impl Iterator<Item = char> + '_ {
        self.open
            .iter()
            .rev()
            .filter_map(|frame| match frame.closes {
                Closes::Quote(mark) => Some(mark),
                _ => None,
            })
    }

    fn close_quote(&mut self, end: usize) {
        while let Some(frame) = self.open.pop() {
            if matches!(frame.closes, Closes::Quote(_)) {
                let span = Span {
                    start: frame.start.start,
                    end,
                };
                return self.append(Node {
                    kind: Kind::Quoted(frame.nodes),
                    span,
                });
            }
            self.inline(frame);
        }
    }

    /// A bracket that nothing closes is text.
    fn inline(&mut self, frame: Frame) {
        self.append(Node {
            kind: Kind::Text,
            span: frame.start,
        });
        for node in frame.nodes {
            self.append(node);
        }
    }

    fn bracket(&mut self, bracket: char) {
        let last = self.open.last().and_then(|frame| frame.nodes.last());
        let begins = last.is_none_or(|node| {
            matches!(
                node.kind,
                Kind::Blank | Kind::Separator | Kind::Equals | Kind::Colon
            )
        });
        if !begins {
            return self.push(Kind::Text, 1);
        }
        if let Some((value, length)) = json(self.rest()) {
            return self.push(Kind::Json(value), length);
        }
        let start = self.at;
        self.at += 1;
        self.open.push(Frame {
            closes: Closes::Bracket(if bracket == '[' { ']' } else { '}' }),
            start: self.span(start),
            nodes: Vec::new(),
        });
    }

    fn end_bracket(&mut self, bracket: char) {
        match self.open.pop() {
            Some(frame) if matches!(frame.closes, Closes::Bracket(c) if c == bracket) => {
                self.at += 1;
                let span = self.span(frame.start.start);
                self.append(Node {
                    kind: Kind::Group(frame.nodes),
                    span,
                });
            }
            other => {
                self.open.extend(other);
                self.push(Kind::Text, 1);
            }
        }
    }

    fn finish(mut self) -> Result<Vec<Node>, Fault> {
        while let Some(frame) = self.open.pop() {
            match frame.closes {
                Closes::End => return Ok(frame.nodes),
                Closes::Bracket(_) => self.inline(frame),
                Closes::Quote(mark) => {
                    let problem = format!("the quote {mark} is not closed");
                    return Err(Fault::new(self.text, frame.start, problem, ""));
                }
            }
        }
        Ok(Vec::new())
    }
}

/// JSON that begins here, and how long it is.
fn json(text: &str) -> Option<(Value, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = values.next()?.ok()?;
    Some((value, values.byte_offset()))
}
