//! Tables as kubectl prints them: columns held apart by blanks, nothing else, no line ever wrapped.

use comfy_table::{Table, presets};

use super::text::one_line;

/// Blanks between columns.
const GAP: u16 = 2;

/// A table with `header` and `rows`, without blanks at the ends of lines.
pub(super) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(header.to_vec());
    for row in rows {
        // A line end inside a cell would tear the row apart.
        table.add_row(row.iter().map(|cell| one_line(cell.as_bytes())));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    table.trim_fmt() + "\n"
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
