//! Tables as kubectl prints them: columns held apart by blanks, nothing else, no line ever wrapped.

use comfy_table::{ColumnConstraint, Table, Width, presets};

use super::text::{cut, one_line, width};

/// Blanks between columns.
pub(super) const GAP: u16 = 2;

/// A table with `header`, if there is one, and `rows`, without blanks at the ends of lines.
pub(super) fn table(header: Option<&[&str]>, rows: &[Vec<String>]) -> String {
    plain(header, rows, GAP, 0)
}

/// The same with so many blanks between columns, which are at least that wide with them, and without
/// a header if there is none.
pub(super) fn plain(header: Option<&[&str]>, rows: &[Vec<String>], gap: u16, least: u16) -> String {
    let least = vec![least; rows.first().map_or(0, Vec::len)];
    aligned(header, rows, gap, &least)
}

/// The same, with a width for each column that it has at least.
pub(super) fn aligned(
    header: Option<&[&str]>,
    rows: &[Vec<String>],
    gap: u16,
    least: &[u16],
) -> String {
    if header.is_none() && rows.is_empty() {
        return String::new();
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if let Some(header) = header {
        table.set_header(header.iter().map(|cell| one_line(cell.as_bytes())));
    }
    for row in rows {
        // A line end inside a cell would tear the row apart.
        table.add_row(row.iter().map(|cell| one_line(cell.as_bytes())));
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, gap));
        if let Some(least) = least.get(index) {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(*least)));
        }
    }
    table.trim_fmt() + "\n"
}

/// What may become of a column where a terminal is too narrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// Nothing: people copy what stands in it.
    Kept,
    /// It may be cut, to the width of its header; it is what the table is for.
    Cut,
    /// It may be cut, and left out: those with high numbers first.
    Spare(u8),
}

/// How wide a column is at least that is cut.
const NARROW: usize = 12;
/// What stands where something was cut off.
const CUT: &str = "\u{2026}";

/// Makes columns fit into so many cells of a terminal: those that matter least are left out until the
/// rest can be cut to fit, and then the widest are cut.
///
/// Gives the indexes of the columns that are left, and what is in them; the header is the first row.
pub(super) fn fitted(
    rows: &[Vec<String>],
    fits: &[Fit],
    columns: usize,
) -> (Vec<usize>, Vec<Vec<String>>) {
    let widest = |index: usize| rows.iter().map(|row| width(&row[index])).max();
    let natural: Vec<usize> = (0..fits.len()).map(|i| widest(i).unwrap_or(0)).collect();
    let floor = |index: usize| match fits[index] {
        Fit::Kept => natural[index],
        Fit::Cut => natural[index].min(width(&rows[0][index])),
        Fit::Spare(_) => natural[index].min(NARROW.max(width(&rows[0][index]))),
    };
    let total = |left: &[usize], of: &dyn Fn(usize) -> usize| {
        let gaps = usize::from(GAP) * left.len().saturating_sub(1);
        left.iter().map(|index| of(*index)).sum::<usize>() + gaps
    };
    let mut left: Vec<usize> = (0..fits.len()).collect();
    while total(&left, &floor) > columns {
        let spare = |index: &usize| match fits[*index] {
            Fit::Kept | Fit::Cut => None,
            Fit::Spare(order) => Some((order, *index)),
        };
        let Some((_, index)) = left.iter().filter_map(spare).max() else {
            break;
        };
        left.retain(|other| *other != index);
    }
    let mut widths = natural.clone();
    while total(&left, &|index| widths[index]) > columns {
        let cuttable = left.iter().filter(|index| widths[**index] > floor(**index));
        let Some(index) = cuttable.max_by_key(|index| widths[**index]) else {
            break;
        };
        widths[*index] -= 1;
    }
    let cut_row = |row: &Vec<String>| {
        let cells = left
            .iter()
            .map(|index| shortened(&row[*index], widths[*index]));
        cells.collect()
    };
    let rows = rows.iter().map(cut_row).collect();
    (left, rows)
}

/// A cell that takes no more than so many columns.
pub(super) fn shortened(cell: &str, columns: usize) -> String {
    if width(cell) <= columns {
        return cell.to_owned();
    }
    let kept = cut(cell, columns.saturating_sub(width(CUT)));
    format!("{}{CUT}", kept.trim_end_matches([' ', ',']))
}

/// How long ago something was, as kubectl writes it: two units while the first is small.
pub(super) fn age(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    let years = days / 365;
    let two = |big: i64, unit: &str, small: i64, small_unit: &str| {
        if small == 0 {
            format!("{big}{unit}")
        } else {
            format!("{big}{unit}{small}{small_unit}")
        }
    };
    match (minutes, hours, days) {
        (..2, _, _) => format!("{seconds}s"),
        (..10, _, _) => two(minutes, "m", seconds % 60, "s"),
        (..180, _, _) => format!("{minutes}m"),
        (_, ..8, _) => two(hours, "h", minutes % 60, "m"),
        (_, ..48, _) => format!("{hours}h"),
        (_, _, ..8) => two(days, "d", hours % 24, "h"),
        (_, _, ..730) => format!("{days}d"),
        _ if years < 8 => two(years, "y", days % 365, "d"),
        _ => format!("{years}y"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_written_as_kubectl_writes_them() {
        for (seconds, text) in [
            (-5, "0s"),
            (119, "119s"),
            (130, "2m10s"),
            (600, "10m"),
            (3 * 3600 + 120, "3h2m"),
            (8 * 3600 + 120, "8h"),
            (3 * 86400 + 3600 * 4, "3d4h"),
            (8 * 86400, "8d"),
            (729 * 86400, "729d"),
            (800 * 86400, "2y70d"),
            (9 * 365 * 86400, "9y"),
        ] {
            assert_eq!(age(seconds), text);
        }
    }
}
