//! Ways to show the progress of work.

use std::str::FromStr;

/// How progress is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProgressMode {
    /// On a terminal as `Tty`, elsewhere as `Plain`.
    #[default]
    Auto,
    /// A live picture.
    Tty,
    /// Lines that are never taken back.
    Plain,
    /// One JSON object per message of the daemon.
    RawJson,
    /// Nothing but the result.
    Quiet,
    /// Nothing at all.
    None,
}

/// Why a text is no mode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no way to show progress; use auto, tty, plain, rawjson, quiet or none")]
pub struct InvalidProgressMode(String);

impl FromStr for ProgressMode {
    type Err = InvalidProgressMode;

    fn from_str(text: &str) -> Result<Self, InvalidProgressMode> {
        match text {
            "auto" => Ok(Self::Auto),
            "tty" => Ok(Self::Tty),
            "plain" => Ok(Self::Plain),
            "rawjson" => Ok(Self::RawJson),
            "quiet" => Ok(Self::Quiet),
            "none" => Ok(Self::None),
            _ => Err(InvalidProgressMode(text.to_owned())),
        }
    }
}
