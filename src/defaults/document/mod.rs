//! The text of the configuration file. It is TOML, and edited in place: comments, blanks and order are its
//! author's.
//!
//! ```toml
//! build.progress = "plain"
//!
//! [contexts.prod]
//! builder = "team"
//!
//! [contexts.prod.namespaces.web]
//! build.cache-from = ["registry.example/a", "registry.example/b"]
//! ```

mod edit;

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::scope::Scope;

pub(super) use edit::{Unchangeable, set, unset};

const CONTEXTS: &str = "contexts";
const NAMESPACES: &str = "namespaces";

/// What the file says, as far as it can be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) items: Vec<Item>,
    pub(super) faults: Vec<Fault>,
}

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) scope: Scope,
    pub(super) key: String,
    pub(super) values: Vec<String>,
    pub(super) line: usize,
    /// Where its value stands.
    span: Range<usize>,
}

/// Something that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) problem: String,
}

impl Document {
    /// Reads `text`; what can be read of a broken one is there.
    pub(super) fn read(text: &str) -> Self {
        let (table, errors) = DeTable::parse_recoverable(text);
        let faults = errors.iter().map(|error| Fault {
            line: line_of(text, error.span().unwrap_or_default().start),
            problem: format!("this is no TOML: {}", error.message()),
        });
        let mut reader = Reader {
            text,
            document: Self {
                items: Vec::new(),
                faults: faults.collect(),
            },
        };
        reader.everywhere(table.get_ref());
        let mut document = reader.document;
        document.items.sort_by_key(|item| item.span.start);
        document.faults.sort_by_key(|fault| fault.line);
        document
    }

    /// What is said of a key at a place, not around it.
    pub(super) fn find(&self, scope: &Scope, key: &str) -> Option<&Item> {
        let mut items = self.items.iter();
        items.find(|item| item.scope == *scope && item.key == key)
    }
}

struct Reader<'a> {
    text: &'a str,
    document: Document,
}

impl Reader<'_> {
    fn everywhere(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            match (&**key.get_ref(), value.get_ref().as_table()) {
                (CONTEXTS, Some(contexts)) => self.contexts(contexts),
                (key, _) => self.entry(&Scope::EVERYWHERE, key, value),
            }
        }
    }

    fn contexts(&mut self, contexts: &DeTable<'_>) {
        for (name, value) in contexts {
            let scope = Scope {
                context: Some(name.get_ref().to_string()),
                namespace: None,
            };
            let Some(context) = value.get_ref().as_table() else {
                self.fault(value.span().start, "a kube context is a table of keys");
                continue;
            };
            for (key, value) in context {
                match (&**key.get_ref(), value.get_ref().as_table()) {
                    (NAMESPACES, Some(namespaces)) => self.namespaces(&scope, namespaces),
                    (key, _) => self.entry(&scope, key, value),
                }
            }
        }
    }

    fn namespaces(&mut self, context: &Scope, namespaces: &DeTable<'_>) {
        for (name, value) in namespaces {
            let scope = Scope {
                namespace: Some(name.get_ref().to_string()),
                ..context.clone()
            };
            let Some(namespace) = value.get_ref().as_table() else {
                self.fault(value.span().start, "a namespace is a table of keys");
                continue;
            };
            for (key, value) in namespace {
                self.entry(&scope, key.get_ref(), value);
            }
        }
    }

    /// A key with its value, or a command with its flags.
    fn entry(&mut self, scope: &Scope, key: &str, value: &Spanned<DeValue<'_>>) {
        if let Some(flags) = value.get_ref().as_table() {
            for (flag, value) in flags {
                self.value(scope, format!("{key}.{}", flag.get_ref()), value);
            }
        } else {
            self.value(scope, key.to_owned(), value);
        }
    }

    fn value(&mut self, scope: &Scope, key: String, value: &Spanned<DeValue<'_>>) {
        let span = value.span();
        let Some(values) = texts(value.get_ref()) else {
            let problem = format!("{key}: write a text, a number, true, false or a list of those");
            return self.fault(span.start, &problem);
        };
        self.document.items.push(Item {
            scope: scope.clone(),
            key,
            values,
            line: line_of(self.text, span.start),
            span,
        });
    }

    fn fault(&mut self, start: usize, problem: &str) {
        self.document.faults.push(Fault {
            line: line_of(self.text, start),
            problem: problem.to_owned(),
        });
    }
}

fn texts(value: &DeValue<'_>) -> Option<Vec<String>> {
    match value {
        DeValue::Array(values) => {
            let values = values.iter().map(|value| scalar(value.get_ref()));
            values.collect()
        }
        value => Some(vec![scalar(value)?]),
    }
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Boolean(is) => Some(is.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        _ => None,
    }
}

/// The number of the line in which a byte stands.
fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().iter().take(at);
    1 + before.filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests;
