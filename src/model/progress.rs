//! How the progress of work is shown: the values of `--progress`.

use std::fmt;
use std::str::FromStr;

/// The values of `--progress`: buildx's words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProgressMode {
    /// `tty` on a terminal, else `plain`.
    #[default]
    Auto,
    /// A picture that redraws itself.
    Tty,
    /// Lines, as a log keeps them.
    Plain,
    /// One JSON object per message of the daemon, for programs.
    RawJson,
    /// Warnings and the result.
    Quiet,
    /// Nothing, not even the result.
    None,
}

/// Why a text is no progress mode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no progress mode; choose auto, tty, plain, rawjson, quiet or none")]
pub struct InvalidProgressMode(String);

impl ProgressMode {
    /// All modes, in the order in which help names them.
    pub const ALL: [Self; 6] = [
        Self::Auto,
        Self::Tty,
        Self::Plain,
        Self::RawJson,
        Self::Quiet,
        Self::None,
    ];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Tty => "tty",
            Self::Plain => "plain",
            Self::RawJson => "rawjson",
            Self::Quiet => "quiet",
            Self::None => "none",
        }
    }
}

impl FromStr for ProgressMode {
    type Err = InvalidProgressMode;

    fn from_str(text: &str) -> Result<Self, InvalidProgressMode> {
        Self::ALL
            .into_iter()
            .find(|mode| mode.as_str() == text)
            .ok_or_else(|| InvalidProgressMode(text.to_owned()))
    }
}

impl fmt::Display for ProgressMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_means_its_mode() {
        for mode in ProgressMode::ALL {
            assert_eq!(mode.to_string().parse(), Ok(mode));
        }
        assert!("fancy".parse::<ProgressMode>().is_err());
    }
}
