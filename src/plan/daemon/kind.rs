//! Values that settings of buildkitd can have, in its configuration or as flags.

use toml::de::DeValue;

use crate::cli;
use crate::model::{Invalid, boolean, nearest};

/// Words of which a setting is one.
pub(super) mod words {
    pub(in super::super) const ENTITLEMENTS: &[&str] =
        &["network.host", "security.insecure", "device"];
    pub(in super::super) const NETWORKS: &[&str] = &["auto", "bridge", "cni", "host"];
    pub(in super::super) const LOG_FORMATS: &[&str] = &["text", "json"];
    pub(in super::super) const LOG_LEVELS: &[&str] = &[
        "trace", "debug", "info", "warn", "warning", "error", "fatal", "panic",
    ];
}

/// What a file that a configuration names is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Authority,
    Certificate,
    Key,
}

/// What kind of value it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Switch,
    Text,
    /// From the first to the second.
    Number(i64, i64),
    /// An amount of disk space, in bytes, with a unit, or a share of the disk.
    Size,
    /// A duration as Go writes it, or seconds.
    Time,
    Word(&'static [&'static str]),
    /// One of the words, in upper or lower case.
    AnyCase(&'static [&'static str]),
    /// A file of this machine.
    File(Role),
    /// A folder of this machine with certificates.
    Folder,
}

impl Kind {
    /// What it must be, with an example.
    pub(super) fn expected(self) -> String {
        let (what, example) = match self {
            Self::Switch => return "true or false".to_owned(),
            Self::Text => ("a text", "\"text\"".to_owned()),
            Self::Number(least, _) => ("a number", least.max(1).to_string()),
            Self::Size => ("an amount of disk space", "\"20GB\"".to_owned()),
            Self::Time => ("a duration", "\"48h\"".to_owned()),
            Self::Word(words) | Self::AnyCase(words) => {
                ("a word", format!("{:?}", words.first().unwrap_or(&"")))
            }
            Self::File(_) => ("the name of a file", "\"certs/ca.pem\"".to_owned()),
            Self::Folder => ("the name of a folder", "\"certs\"".to_owned()),
        };
        format!("{what}, for instance {example}")
    }

    /// Whether a text can be its value.
    pub(super) fn check_text(self, text: &str) -> Result<(), Invalid> {
        match self {
            Self::Size => size(text),
            Self::Time => time(text),
            Self::Word(words) => word(text, words),
            Self::AnyCase(words) => word(&text.to_ascii_lowercase(), words),
            Self::Switch => switch(text),
            Self::Number(least, most) => match text.parse() {
                Ok(number) => range(number, least, most),
                Err(_) => Err(Invalid::new(format!("{text:?} is no number"), "4")),
            },
            Self::Text | Self::File(_) | Self::Folder => Ok(()),
        }
    }

    /// Whether a number can be its value.
    pub(super) fn check_number(self, number: i64) -> Result<(), Invalid> {
        match self {
            Self::Number(least, most) => range(number, least, most),
            Self::Size => range(number, 0, i64::MAX),
            _ => Ok(()),
        }
    }

    /// Whether buildkitd takes a value of this type for it.
    pub(super) const fn takes(self, value: &DeValue<'_>) -> bool {
        match self {
            Self::Switch => matches!(value, DeValue::Boolean(_)),
            Self::Number(..) => matches!(value, DeValue::Integer(_)),
            Self::Size | Self::Time => matches!(value, DeValue::String(_) | DeValue::Integer(_)),
            Self::Text | Self::Word(_) | Self::AnyCase(_) | Self::File(_) | Self::Folder => {
                matches!(value, DeValue::String(_))
            }
        }
    }
}

fn range(number: i64, least: i64, most: i64) -> Result<(), Invalid> {
    if number < least {
        return Err(Invalid::new(
            format!("{number} is less than {least}"),
            least.to_string(),
        ));
    }
    if number > most {
        return Err(Invalid::new(
            format!("{number} is more than {most}"),
            most.to_string(),
        ));
    }
    Ok(())
}

fn switch(text: &str) -> Result<(), Invalid> {
    let problem = || Invalid::new(format!("{text:?} is neither true nor false"), "true");
    boolean(text).map(|_| ()).ok_or_else(problem)
}

/// An empty word means the default, in all of buildkitd.
fn word(text: &str, words: &[&str]) -> Result<(), Invalid> {
    if text.is_empty() || words.contains(&text) {
        return Ok(());
    }
    let instead = nearest(text, words).or(words.first().copied());
    Err(Invalid::new(
        format!("{text:?} is none of {}", words.join(", ")),
        instead.unwrap_or_default(),
    ))
}

/// As `units.RAMInBytes`, or a share of the disk.
fn size(text: &str) -> Result<(), Invalid> {
    if text.is_empty() {
        return Ok(());
    }
    let invalid = |instead: &str| Err(Invalid::new(format!("{text:?} is no amount"), instead));
    if let Some(percent) = text.strip_suffix('%') {
        return match percent.parse::<u8>() {
            Ok(0..=100) => Ok(()),
            _ => invalid("80%"),
        };
    }
    let digits = text.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ');
    let (number, unit) = text.split_at(digits.map_or(0, |at| at + 1));
    let number = number.strip_suffix(' ').unwrap_or(number);
    let is_number = number
        .parse::<f64>()
        .is_ok_and(|number| number.is_finite() && number >= 0.0);
    let unit = unit.to_ascii_lowercase();
    let is_unit = unit.is_empty()
        || unit == "b"
        || unit
            .strip_prefix(['k', 'm', 'g', 't', 'p'])
            .is_some_and(|rest| matches!(rest, "" | "b" | "ib"));
    if is_number && is_unit {
        Ok(())
    } else {
        invalid("20GB, 20GiB or 80%")
    }
}

/// As `time.ParseDuration`, or seconds.
fn time(text: &str) -> Result<(), Invalid> {
    if text.is_empty() || text.parse::<i64>().is_ok() {
        return Ok(());
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !unsigned.contains(char::is_whitespace) && cli::duration(unsigned).is_ok() {
        return Ok(());
    }
    // Go knows no unit longer than an hour, and people know days.
    let hours = |unit, factor: u64| {
        let count = text.strip_suffix(unit)?.trim().parse::<u32>().ok()?;
        Some(format!("{}h", u64::from(count) * factor))
    };
    let instead = hours('d', 24)
        .or_else(|| hours('w', 7 * 24))
        .unwrap_or_else(|| "48h".to_owned());
    Err(Invalid::new(format!("{text:?} is no duration"), instead))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_disk_space() {
        for text in [
            "", "0", "512MB", "1.5 GiB", "10g", "7kb", "20%", "100%", "3B",
        ] {
            assert_eq!(size(text), Ok(()), "{text}");
        }
        for text in [
            "GB", "-1GB", "101%", "-5%", "1.5%", "10 giga", "1GBi", "10i", "%", " ", "NaN",
            "infGB", "1_000",
        ] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations() {
        for text in ["", "48h", "3600", "-1s", "1h30m", "10us", "1.5h", "0"] {
            assert_eq!(time(text), Ok(()), "{text}");
        }
        let instead = |text| time(text).unwrap_err().instead;
        assert_eq!(instead("7d"), "168h");
        assert_eq!(instead("2w"), "336h");
        assert_eq!(instead("two days"), "48h");
    }

    #[test]
    fn words() {
        assert_eq!(word("host", words::NETWORKS), Ok(()));
        let error = word("hosst", words::NETWORKS).unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"hosst\" is none of auto, bridge, cni, host; write for instance host"
        );
    }
}
