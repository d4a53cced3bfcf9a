//! What cannot be read, where it stands, and what was probably meant.

use std::fmt;

use crate::model::Span;

/// A text that cannot be read as driver options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    text: String,
    option: Option<String>,
    problem: String,
    span: Span,
    instead: String,
}

impl Fault {
    /// A problem at `span`, where `instead` would do.
    pub(super) fn new(text: &str, span: Span, problem: impl Into<String>, instead: &str) -> Self {
        Self {
            text: text.to_owned(),
            option: None,
            problem: problem.into(),
            span,
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
        let before = self.text.get(..self.span.start).unwrap_or_default();
        let after = self.text.get(self.span.end..).unwrap_or_default();
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
        self.span.excerpt(&self.text)
    }

    /// Line and column, from 1.
    fn position(&self) -> String {
        let (line, column) = self.span.position(&self.text);
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
