//! How a list of things is printed: the values of `-o`.

use std::fmt;
use std::str::FromStr;

/// The values of `-o`: kubectl's words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OutputFormat {
    /// Columns for people.
    #[default]
    Table,
    /// More columns.
    Wide,
    /// One JSON document.
    Json,
    /// One YAML document.
    Yaml,
    /// Names, one on each line.
    Name,
}

/// Why a text is no output format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no output format; choose table, wide, json, yaml or name")]
pub struct InvalidOutputFormat(String);

impl OutputFormat {
    /// All formats, in the order in which help names them.
    pub const ALL: [Self; 5] = [Self::Table, Self::Wide, Self::Json, Self::Yaml, Self::Name];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Wide => "wide",
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Name => "name",
        }
    }
}

impl FromStr for OutputFormat {
    type Err = InvalidOutputFormat;

    fn from_str(text: &str) -> Result<Self, InvalidOutputFormat> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == text)
            .ok_or_else(|| InvalidOutputFormat(text.to_owned()))
    }
}

impl fmt::Display for OutputFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_means_its_format() {
        for format in OutputFormat::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
        }
        assert!("xml".parse::<OutputFormat>().is_err());
    }
}
