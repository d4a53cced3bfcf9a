//! `ls --watch`: builders that changed, one after another.

use std::io::{self, Write};

use super::builder_columns::{Column, builder_rows, columns, header};
use super::builder_document::{REMOVED, item};
use super::builder_list::List;
use super::document::document;
use super::table::{Fit, GAP, aligned, fitted, shortened};
use super::text::width;
use crate::cli::{Document, Shape};
use crate::model::Builder;

/// A builder before and after a change; one of them may not be there.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// As it was.
    pub before: Option<&'a Builder>,
    /// As it is.
    pub after: Option<&'a Builder>,
}

/// What was printed so far: later lines stand below it.
#[derive(Default)]
pub struct Watched {
    table: Option<Layout>,
    has_document: bool,
}

/// The table that the first builders made.
struct Layout {
    columns: Vec<Column>,
    /// How wide columns have been, at most.
    widths: Vec<usize>,
    /// Whether columns are cut to these widths.
    is_cut: bool,
}

impl Watched {
    /// Prints what changed to `out`, which is standard output. `list` has all builders as they are.
    pub fn print(
        &mut self,
        list: &List<'_>,
        changes: &[Change<'_>],
        shape: &Shape,
        mut out: impl Write,
    ) -> io::Result<()> {
        match shape {
            Shape::Text | Shape::Wide => {
                let is_wide = *shape == Shape::Wide;
                out.write_all(self.rows(list, changes, is_wide).as_bytes())?;
            }
            Shape::Document(form) => {
                for change in changes {
                    self.document(list, *change, form, &mut out)?;
                }
            }
        }
        out.flush()
    }

    fn document(
        &mut self,
        list: &List<'_>,
        change: Change<'_>,
        form: &Document,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let shown = match (change.before, change.after) {
            (_, Some(after)) => item(list, after),
            (Some(before), None) => item(list, before).removed(),
            (None, None) => return Ok(()),
        };
        let is_first = !std::mem::replace(&mut self.has_document, true);
        if *form == Document::Yaml && !is_first {
            writeln!(out, "---")?;
        }
        document(&shown, form, is_first && list.has_header, out)
    }

    fn rows(&mut self, list: &List<'_>, changes: &[Change<'_>], is_wide: bool) -> String {
        let is_first = self.table.is_none();
        let layout = self
            .table
            .get_or_insert_with(|| Layout::new(columns(list, is_wide)));
        let new_rows = changes
            .iter()
            .flat_map(|change| layout.changed(list, *change));
        let mut rows: Vec<Vec<String>> = new_rows.collect();
        if rows.is_empty() {
            self.table = self.table.take().filter(|_| !is_first);
            return String::new();
        }
        let heads = header(&layout.columns);
        if is_first {
            rows.insert(0, heads);
            rows = layout.first(list, rows);
        } else {
            rows = layout.later(rows);
        }
        let least = layout.least();
        let head = is_first.then(|| rows.remove(0)).filter(|_| list.has_header);
        let head: Option<Vec<&str>> = head
            .as_ref()
            .map(|row| row.iter().map(String::as_str).collect());
        aligned(head.as_deref(), &rows, GAP, &least)
    }
}

impl Layout {
    const fn new(columns: Vec<Column>) -> Self {
        Self {
            columns,
            widths: Vec::new(),
            is_cut: false,
        }
    }

    /// The rows that are other than they were, and those of nodes that are gone.
    fn changed(&self, list: &List<'_>, change: Change<'_>) -> Vec<Vec<String>> {
        let rows = |builder| builder_rows(list, &self.columns, builder);
        let before = change.before.map(rows).unwrap_or_default();
        let after = change.after.map(rows).unwrap_or_default();
        let name = |row: &Vec<String>| {
            let name = self.columns.iter().position(Column::is_name);
            name.map(|name| row[name].clone())
        };
        let names: Vec<_> = after.iter().map(name).collect();
        let status = self
            .columns
            .iter()
            .position(|column| column.header == "STATUS");
        let gone = before.iter().filter(|row| !names.contains(&name(row)));
        let gone = gone.map(|row| {
            let mut row = row.clone();
            if let Some(status) = status {
                REMOVED.clone_into(&mut row[status]);
            }
            row
        });
        let new = after.iter().filter(|row| !before.contains(row)).cloned();
        new.chain(gone).collect()
    }

    /// Fits the first rows, of which the first is the header, to the terminal.
    fn first(&mut self, list: &List<'_>, rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
        let columns = list.width.filter(|_| !list.no_trunc);
        self.is_cut = columns.is_some();
        let rows = match columns {
            None => rows,
            Some(columns) => {
                let fits: Vec<Fit> = self.columns.iter().map(|column| column.fit).collect();
                let (left, rows) = fitted(&rows, &fits, columns);
                let all = std::mem::take(&mut self.columns).into_iter().enumerate();
                let kept = all.filter(|(index, _)| left.contains(index));
                self.columns = kept.map(|(_, column)| column).collect();
                rows
            }
        };
        self.widen(&rows);
        rows
    }

    /// Cuts later rows as the first ones were; what is never cut makes its column wider.
    fn later(&mut self, mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
        if self.is_cut {
            for row in &mut rows {
                for (index, cell) in row.iter_mut().enumerate() {
                    if self.columns[index].fit != Fit::Kept {
                        *cell = shortened(cell, self.widths[index]);
                    }
                }
            }
        }
        self.widen(&rows);
        rows
    }

    fn widen(&mut self, rows: &[Vec<String>]) {
        self.widths.resize(self.columns.len(), 0);
        for row in rows {
            for (widest, cell) in self.widths.iter_mut().zip(row) {
                *widest = (*widest).max(width(cell));
            }
        }
    }

    /// The widths with the gaps between columns.
    fn least(&self) -> Vec<u16> {
        let widths = self.widths.iter();
        let widths = widths.map(|width| u16::try_from(*width).unwrap_or(u16::MAX - GAP) + GAP);
        widths.collect()
    }
}

#[cfg(test)]
#[path = "builder_watch_tests.rs"]
mod tests;
