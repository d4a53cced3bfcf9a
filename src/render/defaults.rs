//! Defaults, and where each comes from.

use std::io::{self, Write};

use serde::Serialize;

use super::document::{API_VERSION, document};
use super::table::table;
use crate::cli::Shape;
use crate::defaults::{Effective, Source, View};

/// The document of defaults. Its field names are a promise.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    api_version: &'static str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    key: &'a str,
    values: &'a [String],
    /// For which commands; all if none is named.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    commands: &'a [String],
    source: Place<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", untagged)]
enum Place<'a> {
    Variable {
        variable: &'a str,
    },
    File {
        file: String,
        line: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        context: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        namespace: Option<&'a str>,
    },
    BuiltIn {
        built_in: bool,
    },
}

/// Prints the defaults that count to `out`, which is standard output.
pub fn defaults(view: &View, shape: &Shape, mut out: impl Write) -> io::Result<()> {
    match shape {
        Shape::Text | Shape::Wide => out.write_all(rows(view).as_bytes())?,
        Shape::Document(form) => document(&all(view), form, true, &mut out)?,
    }
    out.flush()
}

fn rows(view: &View) -> String {
    if view.effective.is_empty() {
        let file = view.file.as_ref().map(|file| file.display().to_string());
        let file = file.unwrap_or_else(|| "no file".to_owned());
        return format!("No defaults are set: neither in {file} nor in the environment.\n");
    }
    let rows = view.effective.iter().map(|one| {
        vec![
            one.entry.key.clone(),
            one.entry.values.join(" "),
            place(one),
            one.entry.source.to_string(),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    table(Some(&["KEY", "VALUE", "COUNTS", "FROM"]), &rows)
}

/// Where a value counts, in a few words.
fn place(one: &Effective) -> String {
    let Source::File { scope, .. } = &one.entry.source else {
        return "everywhere".to_owned();
    };
    match (&scope.context, &scope.namespace) {
        (None, _) => "everywhere".to_owned(),
        (Some(context), None) => context.clone(),
        (Some(context), Some(namespace)) => format!("{context}/{namespace}"),
    }
}

fn all(view: &View) -> Document<'_> {
    let items = view.effective.iter().map(|one| Item {
        key: &one.entry.key,
        values: &one.entry.values,
        commands: &one.commands,
        source: match &one.entry.source {
            Source::Variable(variable) | Source::Theirs(variable) => Place::Variable { variable },
            Source::File { path, line, scope } => Place::File {
                file: path.display().to_string(),
                line: *line,
                context: scope.context.as_deref(),
                namespace: scope.namespace.as_deref(),
            },
            Source::BuiltIn => Place::BuiltIn { built_in: true },
        },
    });
    Document {
        api_version: API_VERSION,
        kind: "DefaultList",
        file: view.file.as_ref().map(|file| file.display().to_string()),
        context: view.scope.context.as_deref(),
        namespace: view.scope.namespace.as_deref(),
        items: items.collect(),
    }
}
