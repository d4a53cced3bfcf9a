//! Amounts of memory as docker writes them: `64m`, `1.5GiB`, `1048576`. Units are powers of 1024.

use std::fmt;
use std::str::FromStr;

/// An amount of memory, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MemorySize(u64);

/// Why a text is no amount of memory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no size; write bytes, or a number with k, m or g, for instance 64m or 1.5g")]
pub struct InvalidMemory(String);

/// Digits behind the point that matter: a byte of a pebibyte needs no more.
const PRECISION: usize = 18;

impl MemorySize {
    /// How many bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

/// What a unit stands for, by docker's rules: one letter, then `b`, `ib` or nothing.
fn factor(unit: &str) -> Option<u128> {
    let unit = unit.to_ascii_lowercase();
    if unit.is_empty() || unit == "b" {
        return Some(1);
    }
    let (letter, rest) = unit.split_at_checked(1)?;
    let power = "kmgtp".find(letter)? + 1;
    let power = u32::try_from(power).ok()?;
    matches!(rest, "" | "b" | "ib").then(|| 1024_u128.pow(power))
}

/// The number before the unit, times `factor`. Whole numbers, so that no byte is lost to rounding.
fn multiplied(number: &str, factor: u128) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(fraction) || whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let fraction = fraction.get(..PRECISION).unwrap_or(fraction);
    let read = |digits: &str| match digits {
        "" => Some(0),
        digits => digits.parse::<u128>().ok(),
    };
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let part = read(fraction)?.checked_mul(factor)? / scale;
    read(whole)?.checked_mul(factor)?.checked_add(part)
}

impl FromStr for MemorySize {
    type Err = InvalidMemory;

    fn from_str(text: &str) -> Result<Self, InvalidMemory> {
        let is_number = |c: char| c.is_ascii_digit() || c == '.';
        let trimmed = text.trim();
        let end = trimmed.rfind(is_number).map_or(0, |last| last + 1);
        let (number, unit) = trimmed.split_at(end);
        let bytes = factor(unit.trim_start()).and_then(|factor| multiplied(number, factor));
        // The daemon counts in signed numbers.
        bytes
            .and_then(|bytes| i64::try_from(bytes).ok())
            .and_then(|bytes| u64::try_from(bytes).ok())
            .map(Self)
            .ok_or_else(|| InvalidMemory(text.to_owned()))
    }
}

impl fmt::Display for MemorySize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let table = [
            ("0", 0),
            ("32", 32),
            ("32b", 32),
            ("32B", 32),
            ("32k", 32 << 10),
            ("32K", 32 << 10),
            ("32kb", 32 << 10),
            ("32Kib", 32 << 10),
            ("64m", 64 << 20),
            ("1.5g", 3 << 29),
            (".5g", 1 << 29),
            ("1.g", 1 << 30),
            ("32 mb", 32 << 20),
            ("2t", 2 << 40),
            ("1pib", 1 << 50),
            ("0.3b", 0),
        ];
        for (text, bytes) in table {
            assert_eq!(text.parse(), Ok(MemorySize(bytes)), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        let texts = [
            "",
            "b",
            "k",
            "-1",
            "-1k",
            "1e",
            "1bb",
            "1kk",
            "1kbb",
            "1 k b",
            "1.2.3",
            ".",
            "1e3",
            "x1",
            "9999999999g",
            "1é",
            "8e18p",
        ];
        for text in texts {
            assert!(text.parse::<MemorySize>().is_err(), "{text}");
        }
    }
}
