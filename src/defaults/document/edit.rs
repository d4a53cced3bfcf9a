//! Changes of the text, each of one setting. What cannot be changed without a doubt is left to its author.

use std::ops::Range;

use toml::{Table, Value};

use super::{CONTEXTS, Document, Item, NAMESPACES};
use crate::defaults::scope::Scope;

/// The text is written in a way that is not understood well enough to change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the file is written in a way that only a person can change")]
pub(in crate::defaults) struct Unchangeable;

/// `text` with a key at a place set to `values`.
pub(in crate::defaults) fn set(
    text: &str,
    scope: &Scope,
    key: &str,
    values: &[String],
) -> Result<String, Unchangeable> {
    let before = Document::read(text);
    let written = value_text(values);
    let new = match before.find(scope, key) {
        Some(item) => replaced(text, &item.span, &written),
        None => added(text, &before, scope, key, &written),
    };
    let after = Document::read(&new);
    let is_set = after
        .find(scope, key)
        .is_some_and(|item| item.values == values);
    let is_rest_kept = others(&before, scope, key).eq(others(&after, scope, key));
    if is_set && is_rest_kept && after.faults.len() == before.faults.len() {
        Ok(new)
    } else {
        Err(Unchangeable)
    }
}

/// `text` without a key at a place; none if it does not have it.
pub(in crate::defaults) fn unset(
    text: &str,
    scope: &Scope,
    key: &str,
) -> Result<Option<String>, Unchangeable> {
    let before = Document::read(text);
    let Some(item) = before.find(scope, key) else {
        return Ok(None);
    };
    let start = text[..item.span.start].rfind('\n').map_or(0, |at| at + 1);
    let new = replaced(text, &(start..line_end(text, item.span.end)), "");
    let after = Document::read(&new);
    let is_gone = after.find(scope, key).is_none();
    if is_gone && others(&before, scope, key).eq(others(&after, scope, key)) {
        Ok(Some(new))
    } else {
        Err(Unchangeable)
    }
}

/// The other settings, without where they stand.
fn others<'a>(
    document: &'a Document,
    scope: &'a Scope,
    key: &'a str,
) -> impl Iterator<Item = (&'a Scope, &'a str, &'a [String])> {
    let is_other = move |item: &&Item| item.scope != *scope || item.key != key;
    let items = document.items.iter().filter(is_other);
    items.map(|item| (&item.scope, item.key.as_str(), &item.values[..]))
}

fn replaced(text: &str, range: &Range<usize>, with: &str) -> String {
    format!("{}{with}{}", &text[..range.start], &text[range.end..])
}

/// The end of the line, with its line end.
fn line_end(text: &str, from: usize) -> usize {
    text[from..]
        .find('\n')
        .map_or(text.len(), |at| from + at + 1)
}

/// `text` with a new line where it belongs.
fn added(text: &str, document: &Document, scope: &Scope, key: &str, value: &str) -> String {
    let sections = sections(text, document);
    let place = path(scope);
    let (command, flag) = key.split_once('.').unwrap_or(("", key));
    let of_command = || {
        let path: Vec<&str> = place.iter().copied().chain([command]).collect();
        let section = sections.iter().find(|section| section.path == path)?;
        Some((section, flag))
    };
    let of_place = || {
        let section = sections.iter().find(|section| section.path == place)?;
        Some((section, key))
    };
    if let Some((section, key)) = of_command().or_else(of_place) {
        let items = document.items.iter();
        let last = items.filter(|item| section.lines.contains(&item.span.start));
        let at = last.map(|item| line_end(text, item.span.end)).max();
        let line = format!("{key} = {value}\n");
        return inserted(text, at.unwrap_or(section.start), &line);
    }
    let names: Vec<String> = place.iter().map(|name| key_text(name)).collect();
    let section = format!("[{}]\n{key} = {value}\n", names.join("."));
    let gap = if text.trim().is_empty() { "" } else { "\n" };
    inserted(text, text.len(), &format!("{gap}{section}"))
}

/// `text` with `lines` at the start of a line.
fn inserted(text: &str, at: usize, lines: &str) -> String {
    let (before, after) = text.split_at(at);
    let end = if before.is_empty() || before.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    format!("{before}{end}{lines}{after}")
}

/// A part of the text with the header that names its table.
struct Section {
    path: Vec<String>,
    /// Where lines can be added if there are none.
    start: usize,
    lines: Range<usize>,
}

fn sections(text: &str, document: &Document) -> Vec<Section> {
    let is_in_value = |at: usize| {
        let mut spans = document.items.iter().map(|item| &item.span);
        spans.any(|span| span.start < at && at < span.end)
    };
    let mut sections = vec![Section {
        path: Vec::new(),
        start: 0,
        lines: 0..text.len(),
    }];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        if line.trim_start().starts_with('[')
            && !is_in_value(at)
            && let Some(path) = header(line)
        {
            if let Some(last) = sections.last_mut() {
                last.lines.end = at;
            }
            sections.push(Section {
                path,
                start: end,
                lines: end..text.len(),
            });
        } else if sections.len() == 1
            && line.trim_start().starts_with('#')
            && at == sections[0].start
        {
            // What is said at the top stays there.
            sections[0].start = end;
        }
        at = end;
    }
    sections
}

/// The names in a header.
fn header(line: &str) -> Option<Vec<String>> {
    let mut table: Table = line.parse().ok()?;
    let mut path = Vec::new();
    while let Some((name, Value::Table(inner))) = std::mem::take(&mut table).into_iter().next() {
        path.push(name);
        table = inner;
    }
    Some(path).filter(|path| !path.is_empty())
}

fn path(scope: &Scope) -> Vec<&str> {
    let context = scope.context.iter().flat_map(|name| [CONTEXTS, name]);
    let namespace = scope.namespace.iter().flat_map(|name| [NAMESPACES, name]);
    context.chain(namespace).collect()
}

/// A name as a key of TOML.
fn key_text(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(is_bare) {
        name.to_owned()
    } else {
        Value::String(name.to_owned()).to_string()
    }
}

fn value_text(values: &[String]) -> String {
    match values {
        [value] => scalar_text(value),
        values => {
            let values: Vec<String> = values.iter().map(|value| scalar_text(value)).collect();
            format!("[{}]", values.join(", "))
        }
    }
}

/// Yes, no and numbers as such, everything else as a text.
fn scalar_text(value: &str) -> String {
    let is_number = value
        .parse::<i64>()
        .is_ok_and(|number| number.to_string() == value);
    if is_number || ["true", "false"].contains(&value) {
        value.to_owned()
    } else {
        Value::String(value.to_owned()).to_string()
    }
}
