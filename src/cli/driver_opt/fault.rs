//! What cannot be read, where it stands, and what was probably meant.

use std::fmt;

/// A text that cannot be read as driver options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    text: String,
    option: Option<String>,
    problem: String,
    start: usize,
    end: usize,
    instead: String,
}

/// A place in a text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Span {
    /// The text at this place.
    pub(super) fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

impl Fault {
    /// A problem at `span`, where `instead` would do.
    pub(super) fn new(text: &str, span: Span, problem: impl Into<String>, instead: &str) -> Self {
        Self {
            text: text.to_owned(),
            option: None,
            problem: problem.into(),
            start: span.start,
            end: span.end,
            instead: instead.to_owned(),
        }
    }

    /// Names the option that it is about.
    pub(super) fn about(mut self, option: impl fmt::Display) -> Self {
        self.option = Some(option.to_string());
        self
    }

    /// The text as it would be right.
    pub fn corrected(&self) -> String {
        let before = self.text.get(..self.start).unwrap_or_default();
        let after = self.text.get(self.end..).unwrap_or_default();
        if !self.instead.is_empty() || before.ends_with('=') {
            return format!("{before}{}{after}", self.instead);
        }
        // Without the item the separator beside it has nothing to separate.
        let separator = [',', ';'];
        match after.strip_prefix(separator) {
            Some(after) => format!("{before}{after}"),
            None => format!(
                "{}{after}",
                before.strip_suffix(separator).unwrap_or(before)
            ),
        }
    }

    /// The line in question, and a mark below the place.
    pub fn excerpt(&self) -> String {
        let before = self.text.get(..self.start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let rest = self.text.get(line_start..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let visible = |c: char| if c.is_control() { ' ' } else { c };
        let width = |text: &str| text.chars().count();
        let column = width(before.get(line_start..).unwrap_or_default());
        let marked = self.text.get(self.start..self.end).unwrap_or_default();
        let marked = width(marked.lines().next().unwrap_or_default()).max(1);
        let shown: String = line.chars().map(visible).collect();
        format!("{shown}\n{}{}", " ".repeat(column), "^".repeat(marked))
    }

    /// Line and column, from 1.
    fn position(&self) -> String {
        let before = self.text.get(..self.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        if line > 1 {
            format!("line {line}, column {column}")
        } else {
            format!("column {column}")
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(option) = &self.option {
            write!(f, "{option}: ")?;
        }
        write!(f, "{} ({})", self.problem, self.position())
    }
}

impl std::error::Error for Fault {}
