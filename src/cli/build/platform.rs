//! `--platform`: platforms, and words that depend on the machine.

use std::str::FromStr;

use crate::model::{InvalidPlatform, Platform};

/// A platform as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlatformArg {
    /// That of this machine.
    Local,
    /// An operating system, for the processor of this machine.
    System(String),
    /// A platform.
    Named(Platform),
}

/// Words that are operating systems, as Go and containerd know them.
const SYSTEMS: [&str; 17] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
    "zos",
];

impl FromStr for PlatformArg {
    type Err = InvalidPlatform;

    fn from_str(text: &str) -> Result<Self, InvalidPlatform> {
        let word = text.trim().to_ascii_lowercase();
        match word.as_str() {
            "local" => Ok(Self::Local),
            "macos" => Ok(Self::System("darwin".to_owned())),
            system if SYSTEMS.contains(&system) => Ok(Self::System(word)),
            _ => text.parse().map(Self::Named),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_depend_on_the_machine() {
        assert_eq!("Local".parse(), Ok(PlatformArg::Local));
        assert_eq!("windows".parse(), Ok(PlatformArg::System("windows".into())));
        assert_eq!("macOS".parse(), Ok(PlatformArg::System("darwin".into())));
        let named = PlatformArg::Named("linux/arm64".parse().unwrap());
        assert_eq!("arm64".parse(), Ok(named));
        assert!("anywhere".parse::<PlatformArg>().is_err());
    }
}
