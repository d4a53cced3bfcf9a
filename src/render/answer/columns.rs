//! Columns as Go's tabwriter sets them: each as wide as its widest cell and a gap, the last one as it is.

use crate::cli::help::wrapped;
use crate::render::text::{one_line, width as columns_of};

/// Prose gets at least so many columns, or stands below the row.
const LEAST: usize = 16;
/// What stands before prose below its row.
const BELOW: &str = "  ";

/// The rows, with `gap` blanks behind the widest cell of each column. On a terminal that is too narrow
/// the last cell, which is prose, is broken.
pub(super) fn columns(rows: &[Vec<String>], gap: usize, terminal: Option<usize>) -> String {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| one_line(cell.as_bytes())).collect())
        .collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0) + gap
    };
    let mut text = String::new();
    for row in &rows {
        let Some((last, before)) = row.split_last() else {
            text.push('\n');
            continue;
        };
        let mut line = String::new();
        for (column, cell) in before.iter().enumerate() {
            let blanks = width(column) - cell.chars().count();
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', blanks));
        }
        match terminal {
            Some(columns) if columns_of(&line) + columns_of(last) > columns => {
                text += &broken(&line, last, columns);
            }
            _ => text += &(line + last),
        }
        text.push('\n');
    }
    text
}

/// A row whose last cell is too long, in several lines.
fn broken(before: &str, last: &str, columns: usize) -> String {
    let start = columns_of(before);
    if start + LEAST <= columns {
        let indent = " ".repeat(start);
        let lines = wrapped(last, columns - start, "", "");
        return before.to_owned() + &lines.join(&format!("\n{indent}"));
    }
    let mut text = before.trim_end().to_owned();
    for line in wrapped(last, columns.saturating_sub(BELOW.len()), "", "") {
        text.extend(["\n", BELOW, &line]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_column_ends_where_it_ends() {
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
        let rows = [
            row(&["A", "LONG", "C"]),
            row(&["bé", "", "d e"]),
            row(&["", "x", ""]),
        ];
        let expected = "A    LONG   C\nbé          d e\n     x      \n";
        assert_eq!(columns(&rows, 3, None), expected);
        assert_eq!(columns(&[], 1, None), "");
    }

    #[test]
    fn prose_is_broken_where_a_terminal_is_narrow() {
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
        let rows = [
            row(&["TARGET", "DESCRIPTION"]),
            row(&["base", "what all of them begin with"]),
            row(&["last", ""]),
        ];
        assert_eq!(columns(&rows, 1, Some(40)), columns(&rows, 1, None));
        let expected = "TARGET DESCRIPTION\nbase   what all of them\n       begin with\nlast   \n";
        assert_eq!(columns(&rows, 1, Some(24)), expected);
        let expected =
            "TARGET\n  DESCRIPTION\nbase\n  what all of\n  them begin\n  with\nlast   \n";
        assert_eq!(columns(&rows, 1, Some(14)), expected);
    }
}
