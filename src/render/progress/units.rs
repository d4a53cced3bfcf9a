//! Sizes and parts of steps in words.

use crate::event::VertexStatus;

const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];

/// A number of bytes in decimal units, as BuildKit writes it: `999B`, `1.23kB`.
#[expect(
    clippy::cast_precision_loss,
    reason = "two decimals of a number below 1000 are shown"
)]
pub(super) fn bytes(count: i64) -> String {
    let mut base = 1_u64;
    let mut unit = None;
    for name in UNITS {
        if count.unsigned_abs() / 1000 < base {
            break;
        }
        base *= 1000;
        unit = Some(name);
    }
    match unit {
        Some(unit) => format!("{:.2}{unit}", count as f64 / base as f64),
        None => format!("{count}B"),
    }
}

/// How far a part of a step is: `1.00kB / 2.00kB`, or nothing if nothing is known.
pub(super) fn progress(part: &VertexStatus) -> Option<String> {
    match (part.current, part.total) {
        (0, 0) => None,
        (current, 0) => Some(bytes(current)),
        (current, total) => Some(format!("{} / {}", bytes(current), bytes(total))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_as_buildkit_writes_them() {
        for (count, text) in [
            (0, "0B"),
            (999, "999B"),
            (1000, "1.00kB"),
            (-1500, "-1.50kB"),
            (999_999, "1000.00kB"),
            (3_970_000, "3.97MB"),
            (i64::MAX, "9.22EB"),
        ] {
            assert_eq!(bytes(count), text);
        }
    }
}
