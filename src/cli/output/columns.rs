//! Columns of a table that a user chose: kubectl's `custom-columns`.

use super::parser;
use super::template::Path;

/// A table with the columns that somebody chose.
#[derive(Debug, Clone, PartialEq)]
pub struct Columns(pub Vec<Column>);

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name.
    pub header: String,
    /// What of an item stands in it.
    pub path: Path,
}

/// Why a text chooses no columns.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidColumns(String);

impl Columns {
    /// Reads `HEADER:PATH,HEADER:PATH`.
    pub fn from_spec(spec: &str) -> Result<Self, InvalidColumns> {
        let columns = spec.split(',').map(|part| {
            let (header, path) = part.split_once(':').ok_or_else(|| {
                InvalidColumns(format!(
                    "{part:?} is no column; write HEADER:PATH, for instance NAME:.name"
                ))
            })?;
            column(header, path)
        });
        columns.collect::<Result<_, _>>().map(Self)
    }

    /// Reads a file of two lines: headers, and below each its path.
    pub fn from_file(text: &str) -> Result<Self, InvalidColumns> {
        let mut lines = text.lines().map(str::split_whitespace);
        let (Some(headers), Some(paths)) = (lines.next(), lines.next()) else {
            let what = "write one line with headers and one with their paths";
            return Err(InvalidColumns(what.to_owned()));
        };
        let (headers, paths): (Vec<_>, Vec<_>) = (headers.collect(), paths.collect());
        if headers.len() != paths.len() || headers.is_empty() {
            return Err(InvalidColumns(format!(
                "it has {} headers and {} paths; write one path below each header",
                headers.len(),
                paths.len()
            )));
        }
        let columns = headers.into_iter().zip(paths);
        let columns = columns.map(|(header, path)| column(header, path));
        columns.collect::<Result<_, _>>().map(Self)
    }
}

/// A column; its path may lack the braces and the dot.
fn column(header: &str, path: &str) -> Result<Column, InvalidColumns> {
    let invalid = |why: String| InvalidColumns(format!("{path:?} is no path of a column: {why}"));
    let inner = path
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    let inner = inner.unwrap_or(path);
    if inner.is_empty() || inner.contains(['{', '}']) {
        return Err(invalid("write for instance .name".to_owned()));
    }
    let dotted = format!(".{}", inner.strip_prefix('.').unwrap_or(inner));
    let path = parser::path(&dotted).map_err(|error| invalid(error.to_string()))?;
    Ok(Column {
        header: header.to_owned(),
        path,
    })
}
