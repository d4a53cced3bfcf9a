//! A result as a document that programs read, in the form that was asked for.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::table::plain;
use super::template::{Misfit, cells, filled};
use crate::cli::{Columns, Document};

/// The version of all documents: it only changes if a field goes or changes its meaning.
pub(super) const API_VERSION: &str = "buildkit.kubectl/v1";

/// The space that kubectl leaves between chosen columns, and how narrow one may be with it.
const GAP: u16 = 3;
const LEAST: u16 = 6;

/// Prints a document. A list has its things in `items`; each has a `name`.
///
/// A template that does not fit is an error of the kind [`io::ErrorKind::InvalidInput`].
pub(super) fn document(
    document: &impl Serialize,
    form: &Document,
    has_header: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    match form {
        Document::Json => {
            serde_json::to_writer_pretty(&mut *out, document)?;
            writeln!(out)
        }
        Document::Yaml => {
            let text = serde_saphyr::to_string(document).map_err(io::Error::other)?;
            writeln!(out, "{}", text.trim_end())
        }
        // The bare name, not `builder/NAME`: a builder is no object of the API server, and every
        // command of ours takes the bare name, so `ls -o name | xargs kubectl buildkit rm` works.
        Document::Name => {
            for item in items(serde_json::to_value(document)?) {
                writeln!(out, "{}", item["name"].as_str().unwrap_or_default())?;
            }
            Ok(())
        }
        Document::JsonPath(template) => {
            let text = filled(template, &serde_json::to_value(document)?).map_err(misfit)?;
            out.write_all(text.as_bytes())
        }
        Document::Columns(columns) => {
            let items = items(serde_json::to_value(document)?);
            out.write_all(chosen(columns, &items, has_header)?.as_bytes())
        }
    }
}

/// The things of a list; a single thing is its own list.
fn items(mut document: Value) -> Vec<Value> {
    match document.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => vec![document],
    }
}

fn chosen(columns: &Columns, items: &[Value], has_header: bool) -> io::Result<String> {
    let rows = items.iter().map(|item| cells(columns, item));
    let rows: Vec<_> = rows.collect::<Result<_, _>>().map_err(misfit)?;
    let header: Vec<&str> = columns.0.iter().map(|c| c.header.as_str()).collect();
    let header = has_header.then_some(header.as_slice());
    Ok(plain(header, &rows, GAP, LEAST))
}

fn misfit(misfit: Misfit) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, misfit)
}
