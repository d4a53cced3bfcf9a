//! Sizes and parts of steps in words.

use super::interval::seconds_between;
use crate::event::VertexStatus;

/// A rate is told after so many seconds.
const MIN_SECONDS: f64 = 1.0;

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

/// How fast a part of a step is that runs: `12.30MB/s`, or nothing if it is too new to tell.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "two decimals of a number below 1000 are shown"
)]
pub(super) fn rate(part: &VertexStatus) -> Option<String> {
    let (started, now) = part.started.zip(part.timestamp)?;
    let seconds = seconds_between(started, now);
    let is_telling = part.completed.is_none() && part.current > 0 && seconds >= MIN_SECONDS;
    is_telling.then(|| format!("{}/s", bytes((part.current as f64 / seconds) as i64)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::progress::fixtures::part;

    #[test]
    fn a_rate_needs_time_to_be_true() {
        let rate = |current, from, to, is_over: bool| {
            let mut part = part("a", "layer", (current, 9), (from, to))
                .statuses
                .remove(0);
            if !is_over {
                part.completed = None;
            }
            super::rate(&part)
        };
        assert_eq!(rate(3_000_000, 500, 2000, false).unwrap(), "2.00MB/s");
        assert_eq!(rate(999, 0, 999, false), None);
        assert_eq!(rate(0, 0, 5000, false), None);
        assert_eq!(rate(5000, 0, 5000, true), None);
    }

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
