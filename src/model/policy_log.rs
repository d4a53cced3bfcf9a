//! How much policies tell of what they decide.

use std::str::FromStr;

/// How much policies tell of what they decide.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyLog {
    /// Nothing.
    Nothing,
    /// What they print and decide.
    #[default]
    Decisions,
    /// Also everything that they know of a source.
    Input,
}

/// Why a text is no such amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no log level; write error, info or debug")]
pub struct InvalidPolicyLog(String);

impl FromStr for PolicyLog {
    type Err = InvalidPolicyLog;

    /// The levels that buildx knows (logrus v1.9): nothing is told at warn or below.
    fn from_str(text: &str) -> Result<Self, InvalidPolicyLog> {
        match text.to_ascii_lowercase().as_str() {
            "panic" | "fatal" | "error" | "warn" | "warning" => Ok(Self::Nothing),
            "info" => Ok(Self::Decisions),
            "debug" | "trace" => Ok(Self::Input),
            _ => Err(InvalidPolicyLog(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels() {
        assert_eq!("Warn".parse(), Ok(PolicyLog::Nothing));
        assert_eq!("info".parse(), Ok(PolicyLog::Decisions));
        assert_eq!("trace".parse(), Ok(PolicyLog::Input));
        assert!("loud".parse::<PolicyLog>().is_err());
    }
}
