//! What is wrong with a configuration, and where.

use crate::error::Error;
use crate::model::Span;

/// Faults that a message shows.
const SHOWN: usize = 8;

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// Where it stands.
    pub(super) span: Span,
    /// Its name; empty if the text is no TOML.
    pub(super) setting: String,
    /// What is wrong with it.
    pub(super) problem: String,
    /// What to do instead.
    pub(super) instead: String,
}

impl Fault {
    fn line(&self, text: &str) -> String {
        let (line, column) = self.span.position(text);
        let Self {
            setting, problem, ..
        } = self;
        if setting.is_empty() {
            format!("{line}:{column}: {problem}")
        } else {
            format!("{line}:{column}: {setting}: {problem}")
        }
    }
}

/// The error for `faults` in the file `name`, which holds `text`; nothing if there are none.
pub(super) fn error(name: &str, text: &str, mut faults: Vec<Fault>) -> Option<Error> {
    faults.sort_by_key(|fault| fault.span.start);
    if let [fault] = faults.as_slice() {
        let excerpt = fault.span.excerpt(text);
        return Some(
            Error::usage(format!("{name}:{}", fault.line(text)))
                .because(format!("it says\n{excerpt}"))
                .hint(&fault.instead),
        );
    }
    if faults.is_empty() {
        return None;
    }
    let shown = faults.iter().take(SHOWN).map(|fault| {
        let excerpt = fault.span.excerpt(text).replace('\n', "\n  ");
        format!("{}\n  {excerpt}\n  {}", fault.line(text), fault.instead)
    });
    let mut lines: Vec<String> = shown.collect();
    if faults.len() > SHOWN {
        lines.push(format!("and {} more", faults.len() - SHOWN));
    }
    Some(
        Error::usage(format!("{name}: {} settings cannot be used", faults.len()))
            .because(lines.join("\n")),
    )
}
