//! Defaults, and where each comes from.

use std::io::{self, Write};

use serde::Serialize;

use super::document::{API_VERSION, document};
use super::table::{Fit, fitted, table};
use super::text::one_line;
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

const HEADER: [&str; 4] = ["KEY", "VALUE", "COUNTS", "FROM"];
/// What matters most is what counts.
const FITS: [Fit; 4] = [Fit::Kept, Fit::Cut, Fit::Spare(1), Fit::Spare(2)];
/// The column that says where a value comes from.
const FROM: usize = 3;

/// Prints the defaults that count to `out`, which is standard output; `width` is that of its terminal, if
/// it is one.
pub fn defaults(
    view: &View,
    shape: &Shape,
    width: Option<usize>,
    mut out: impl Write,
) -> io::Result<()> {
    match shape {
        Shape::Text | Shape::Wide => out.write_all(rows(view, width).as_bytes())?,
        Shape::Document(form) => document(&all(view), form, true, &mut out)?,
    }
    out.flush()
}

fn rows(view: &View, width: Option<usize>) -> String {
    if view.effective.is_empty() {
        let file = view.file.as_ref().map(|file| file.display().to_string());
        let file = file.unwrap_or_else(|| "no file".to_owned());
        return format!("No defaults are set: neither in {file} nor in the environment.\n");
    }
    let rows = view.effective.iter().map(|one| {
        vec![
            one.entry.key.clone(),
            one_line(one.entry.values.join(" ").as_bytes()),
            place(one),
            one.entry.source.to_string(),
        ]
    });
    let mut rows: Vec<Vec<String>> = [HEADER.map(str::to_owned).to_vec()]
        .into_iter()
        .chain(rows)
        .collect();
    if let Some(width) = width {
        rows = narrowed(view, rows, width);
    }
    let header = rows.remove(0);
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    table(Some(&header), &rows)
}

/// The rows, the header first, as far as a terminal has room for them. All have the same file, so its
/// folder goes before anything else.
fn narrowed(view: &View, mut rows: Vec<Vec<String>>, width: usize) -> Vec<Vec<String>> {
    if fitted(&rows, &FITS, width).1 != rows {
        for (row, one) in rows.iter_mut().skip(1).zip(&view.effective) {
            if let Source::File { path, line, .. } = &one.entry.source
                && let Some(name) = path.file_name()
            {
                row[FROM] = format!("{}:{line}", name.display());
            }
        }
    }
    fitted(&rows, &FITS, width).1
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::settable::Settables;
    use crate::defaults::{Entry, Scope};
    use crate::render::text::width;

    fn view(keys: &[&str], value: &str) -> View {
        let one = |key: &&str| Effective {
            entry: Entry {
                key: (*key).to_owned(),
                values: vec![value.to_owned()],
                source: Source::File {
                    path: "/home/somebody/.config/kubectl-buildkit/config.toml".into(),
                    line: 7,
                    scope: Scope::EVERYWHERE,
                },
            },
            commands: Vec::new(),
        };
        View {
            scope: Scope::EVERYWHERE,
            file: None,
            effective: keys.iter().map(one).collect(),
            notes: Vec::new(),
        }
    }

    fn printed(view: &View, width: Option<usize>) -> String {
        let mut out = Vec::new();
        defaults(view, &Shape::Text, width, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_narrow_terminal_gets_what_matters_most() {
        let view = view(&["build.cache-from"], "registry.example/web/cache");
        let widths = [None, Some(120), Some(90), Some(80), Some(60), Some(40)];
        let tables = widths.map(|width| {
            let title = width.map_or("a pipe".to_owned(), |width| format!("{width} columns"));
            format!("{title}\n{}", printed(&view, width))
        });
        insta::assert_snapshot!(tables.join("\n"));
    }

    #[test]
    fn every_key_has_room_for_its_value() {
        let settables = Settables::default();
        let keys: Vec<&str> = settables.keys().collect();
        let text = printed(&view(&keys, &"long ".repeat(20)), Some(40));
        for line in text.lines() {
            assert!(width(line) <= 40, "{line}");
        }
        assert!(
            text.lines().skip(1).all(|line| line.contains(" long")),
            "{text}"
        );
    }
}
