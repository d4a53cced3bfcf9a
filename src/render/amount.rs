//! Sizes and durations as buildx writes them.

use std::time::Duration;

const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// A number of bytes in binary units, with four digits that count: `488.3MiB`.
#[expect(
    clippy::cast_precision_loss,
    reason = "four digits of a number are shown"
)]
pub(super) fn bytes(count: u64) -> String {
    let mut value = count as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let decimals = match value {
        ..10.0 => 3,
        10.0..100.0 => 2,
        100.0..1000.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.decimals$}");
    let text = if decimals > 0 {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    format!("{text}{}", UNITS[unit])
}

/// A duration as Go writes it: `48h0m0s`.
pub(super) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let rest =
        Duration::from_secs(seconds % 60) + Duration::from_nanos(duration.subsec_nanos().into());
    let rest = rest.as_secs_f64();
    match (hours, minutes) {
        (0, 0) => format!("{rest}s"),
        (0, _) => format!("{minutes}m{rest}s"),
        _ => format!("{hours}h{minutes}m{rest}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        for (count, text) in [
            (0, "0B"),
            (1023, "1023B"),
            (1024, "1KiB"),
            (512_000_000, "488.3MiB"),
            (10 << 30, "10GiB"),
            (1_500 << 20, "1.465GiB"),
            (u64::MAX, "16EiB"),
        ] {
            assert_eq!(bytes(count), text);
        }
        for (seconds, text) in [
            (0.0, "0s"),
            (1.5, "1.5s"),
            (600.0, "10m0s"),
            (172_800.0, "48h0m0s"),
            (5_184_000.0, "1440h0m0s"),
        ] {
            assert_eq!(duration(Duration::from_secs_f64(seconds)), text);
        }
    }
}
