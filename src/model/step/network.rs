//! The network of steps.

use std::str::FromStr;

/// The network that steps see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NetworkMode {
    /// What the builder gives them.
    #[default]
    Default,
    /// None but their own loopback.
    None,
    /// That of the daemon's host or pod.
    Host,
}

/// Why a text is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no network of steps; choose default, none or host")]
pub struct InvalidNetwork(String);

impl NetworkMode {
    /// All modes, in the order in which help names them.
    pub const ALL: [Self; 3] = [Self::Default, Self::None, Self::Host];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::None => "none",
            Self::Host => "host",
        }
    }
}

impl FromStr for NetworkMode {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        Self::ALL
            .into_iter()
            .find(|mode| mode.as_str() == text)
            .ok_or_else(|| InvalidNetwork(text.to_owned()))
    }
}

impl std::fmt::Display for NetworkMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_means_its_mode() {
        for mode in NetworkMode::ALL {
            assert_eq!(mode.to_string().parse(), Ok(mode));
        }
        assert!("bridge".parse::<NetworkMode>().is_err());
    }
}
