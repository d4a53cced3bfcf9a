//! Values that several flags share.

use std::str::FromStr;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, ArgAction};

use crate::model;

/// The help of a builder's name that may be left out.
pub(super) const BUILDER_HELP: &str = "Name of the builder [default: $BUILDX_BUILDER, else what `use` chose, else the only one in the namespace]";

/// `KEY=VALUE`, or `KEY` alone: the value is then taken from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyValue {
    /// What stands before the first `=`.
    pub key: String,
    /// What stands behind it.
    pub value: Option<String>,
}

/// Why a text is no `KEY=VALUE`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} has no key; write KEY=VALUE")]
pub struct InvalidKeyValue(String);

impl FromStr for KeyValue {
    type Err = InvalidKeyValue;

    fn from_str(text: &str) -> Result<Self, InvalidKeyValue> {
        let (key, value) = match text.split_once('=') {
            Some((key, value)) => (key, Some(value.to_owned())),
            None => (text, None),
        };
        if key.is_empty() {
            return Err(InvalidKeyValue(text.to_owned()));
        }
        Ok(Self {
            key: key.to_owned(),
            value,
        })
    }
}

/// What makes a flag one that is given alone or as `--flag=true|false`.
pub(super) trait YesOrNo: Sized {
    /// Alone it is a yes; with a value that value counts, so that a yes can be taken back.
    fn yes_or_no(self) -> Self;

    /// The same, and a no where nothing is said.
    fn no_unless_said(self) -> Self;
}

impl YesOrNo for Arg {
    fn yes_or_no(self) -> Self {
        self.value_name("BOOL")
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .value_parser(boolean)
            .action(ArgAction::Set)
    }

    fn no_unless_said(self) -> Self {
        self.yes_or_no()
            .default_value("false")
            .hide_default_value(true)
    }
}

/// A parser for values that are one word out of a few; help and completions show the words.
pub(super) fn words<T>(
    all: &[T],
    word: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> + use<T>
where
    T: Copy + FromStr + Send + Sync + 'static,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let words: Vec<_> = all
        .iter()
        .map(|value| PossibleValue::new(word(*value)))
        .collect();
    PossibleValuesParser::new(words).try_map(|word| word.parse())
}

/// Why a text is no yes or no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither yes nor no; write true or false")]
pub(super) struct InvalidBoolean(String);

/// Reads yes or no in Go's spellings, which every flag of buildx takes.
pub(super) fn boolean(text: &str) -> Result<bool, InvalidBoolean> {
    model::boolean(text).ok_or_else(|| InvalidBoolean(text.to_owned()))
}

/// Why a text is no count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no number of pods; write for instance 2")]
pub(super) struct InvalidCount(String);

/// Reads how many of something there shall be: as many as fit into Kubernetes' own field.
pub(super) fn count(text: &str) -> Result<i32, InvalidCount> {
    let count = text.trim().parse().ok().filter(|count| *count >= 0);
    count.ok_or_else(|| InvalidCount(text.to_owned()))
}

/// Why a text is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no duration; write for instance 90s, 2m or 1h30m")]
pub struct InvalidDuration(String);

/// Reads a duration as Go writes it (`1h30m`, `1.5s`, `250ms`); a bare number counts seconds.
pub fn duration(text: &str) -> Result<Duration, InvalidDuration> {
    let invalid = || InvalidDuration(text.to_owned());
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(invalid());
    }
    if let Ok(seconds) = rest.parse::<u32>() {
        return Ok(Duration::from_secs(seconds.into()));
    }
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .ok_or_else(invalid)?;
        let (number, tail) = rest.split_at(digits);
        let unit_end = tail
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let seconds = number.parse::<f64>().map_err(|_| invalid())?
            * unit_seconds(unit).ok_or_else(invalid)?;
        let part = Duration::try_from_secs_f64(seconds).map_err(|_| invalid())?;
        total = total.checked_add(part).ok_or_else(invalid)?;
        rest = tail;
    }
    Ok(total)
}

fn unit_seconds(unit: &str) -> Option<f64> {
    match unit {
        "ns" => Some(1e-9),
        "us" | "µs" => Some(1e-6),
        "ms" => Some(0.001),
        "s" => Some(1.0),
        "m" => Some(60.0),
        "h" => Some(3600.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_and_no() {
        assert_eq!(boolean("T"), Ok(true));
        assert_eq!(boolean("0"), Ok(false));
        for text in ["", "yes", "tRue", " true"] {
            assert_eq!(boolean(text), Err(InvalidBoolean(text.into())));
        }
    }

    #[test]
    fn durations() {
        let table = [
            ("90", 90_000),
            ("90s", 90_000),
            ("1h30m", 5_400_000),
            ("1.5s", 1_500),
            ("250ms", 250),
            ("1000us", 1),
            ("1s1000000ns", 1_001),
            ("0", 0),
        ];
        for (text, milliseconds) in table {
            assert_eq!(
                duration(text),
                Ok(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
        for text in ["", "s", "1x", "-1s", "1s2", "1e9h", "NaNs", "1..2s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_may_stand_alone_but_not_a_value() {
        assert_eq!(
            "A=b=c".parse(),
            Ok(KeyValue {
                key: "A".into(),
                value: Some("b=c".into())
            })
        );
        assert_eq!(
            "A".parse(),
            Ok(KeyValue {
                key: "A".into(),
                value: None
            })
        );
        assert!("=b".parse::<KeyValue>().is_err());
    }
}
