//! Columns as Go's tabwriter sets them: each as wide as its widest cell and a gap, the last one as it is.

use crate::render::text::one_line;

/// The rows, with `gap` blanks behind the widest cell of each column.
pub(super) fn columns(rows: &[Vec<String>], gap: usize) -> String {
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
        for (column, cell) in row.iter().enumerate() {
            text.push_str(cell);
            if column + 1 < row.len() {
                let blanks = width(column) - cell.chars().count();
                text.extend(std::iter::repeat_n(' ', blanks));
            }
        }
        text.push('\n');
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
        assert_eq!(columns(&rows, 3), expected);
        assert_eq!(columns(&[], 1), "");
    }
}
