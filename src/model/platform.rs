//! Platforms: `os/architecture[/variant]`, in the spelling that containerd and BuildKit agree on.

use std::fmt;
use std::str::FromStr;

/// What an image runs on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Platform {
    os: String,
    architecture: String,
    variant: Option<String>,
    /// Version and features of the operating system, `10.0.17763+win32k`; kept as they were typed.
    release: Option<String>,
}

/// Why a text is no platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no platform; write os/architecture, for instance linux/amd64 or linux/arm/v7")]
pub struct InvalidPlatform(String);

impl Platform {
    /// A platform from parts that are already in the normal spelling, as a daemon reports them.
    pub fn new(os: &str, architecture: &str, variant: &str) -> Self {
        let (architecture, variant) = normal(architecture, variant);
        Self {
            os: os.to_ascii_lowercase(),
            architecture,
            variant,
            release: None,
        }
    }

    /// The same without the version of its operating system, which nodes do not tell.
    #[must_use]
    pub fn without_release(&self) -> Self {
        Self {
            release: None,
            ..self.clone()
        }
    }

    /// The version of the operating system, for instance `10.0.17763`.
    pub fn os_version(&self) -> Option<&str> {
        let version = self.release.as_deref()?.split('+').next()?;
        Some(version).filter(|version| !version.is_empty())
    }

    /// The operating system, for instance `linux`.
    pub fn os(&self) -> &str {
        &self.os
    }

    /// The architecture in Go's spelling, for instance `arm64`.
    pub fn architecture(&self) -> &str {
        &self.architecture
    }

    /// The variant, for instance `v7`; none where the architecture's default is meant.
    pub fn variant(&self) -> Option<&str> {
        self.variant.as_deref()
    }
}

/// Words that are architectures where they stand alone.
const ARCHITECTURES: [&str; 14] = [
    "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64",
    "ppc64le", "riscv64", "s390x", "wasm",
];

/// Divides `windows(10.0.17763)` into the system and its release.
fn system(text: &str) -> Option<(&str, Option<String>)> {
    let Some((system, rest)) = text.split_once('(') else {
        return Some((text, None));
    };
    let release = rest.strip_suffix(')')?;
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"_.%-+".contains(&byte);
    let are_features = release
        .split('+')
        .skip(1)
        .all(|feature| !feature.is_empty());
    if !release.bytes().all(is_known) || !are_features {
        return None;
    }
    Some((system, Some(release.to_owned()).filter(|r| !r.is_empty())))
}

/// The normal spelling of an architecture and a variant, by containerd's rules
/// (`platforms.Normalize`): aliases resolved, default variants dropped.
fn normal(architecture: &str, variant: &str) -> (String, Option<String>) {
    let architecture = architecture.to_ascii_lowercase();
    let variant = variant.to_ascii_lowercase();
    let (architecture, variant) = match (architecture.as_str(), variant.as_str()) {
        ("i386", _) => ("386", ""),
        ("x86_64" | "x86-64" | "amd64", "v1" | "") => ("amd64", ""),
        ("x86_64" | "x86-64", variant) => ("amd64", variant),
        ("aarch64" | "arm64", "8" | "v8" | "") => ("arm64", ""),
        ("aarch64", variant) => ("arm64", variant),
        ("armhf", _) | ("arm", "7" | "v7" | "") => ("arm", "v7"),
        ("armel", _) | ("arm", "6") => ("arm", "v6"),
        ("arm", "5") => ("arm", "v5"),
        ("arm", "8") => ("arm", "v8"),
        other => other,
    };
    (
        architecture.to_owned(),
        Some(variant.to_owned()).filter(|v| !v.is_empty()),
    )
}

impl FromStr for Platform {
    type Err = InvalidPlatform;

    fn from_str(text: &str) -> Result<Self, InvalidPlatform> {
        let invalid = || InvalidPlatform(text.to_owned());
        let word = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        };
        let mut parts: Vec<&str> = text.trim().split('/').collect();
        let (first, release) = system(parts[0]).ok_or_else(invalid)?;
        parts[0] = first;
        if !parts.iter().all(|part| word(part)) {
            return Err(invalid());
        }
        let platform = match parts[..] {
            [architecture] => Some(Self::new("linux", architecture, ""))
                .filter(|platform| ARCHITECTURES.contains(&platform.architecture()))
                .filter(|_| release.is_none()),
            [os, architecture] => Some(Self::new(os, architecture, "")),
            [os, architecture, variant] => Some(Self::new(os, architecture, variant)),
            _ => None,
        };
        let platform = platform.ok_or_else(invalid)?;
        Ok(Self {
            release,
            ..platform
        })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            os,
            architecture,
            variant,
            release,
        } = self;
        f.write_str(os)?;
        if let Some(release) = release {
            write!(f, "({release})")?;
        }
        match variant {
            Some(variant) => write!(f, "/{architecture}/{variant}"),
            None => write!(f, "/{architecture}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_become_one_spelling() {
        let table = [
            ("linux/amd64", "linux/amd64"),
            ("linux/x86_64", "linux/amd64"),
            ("linux/amd64/v1", "linux/amd64"),
            ("linux/amd64/v3", "linux/amd64/v3"),
            ("linux/arm64/v8", "linux/arm64"),
            ("linux/aarch64", "linux/arm64"),
            ("linux/arm", "linux/arm/v7"),
            ("linux/arm/7", "linux/arm/v7"),
            ("linux/armel", "linux/arm/v6"),
            ("linux/i386", "linux/386"),
            ("Windows/AMD64", "windows/amd64"),
            ("arm64", "linux/arm64"),
            ("windows(10.0.17763)/amd64", "windows(10.0.17763)/amd64"),
            (
                "windows(10.0.17763+win32k)/x86_64",
                "windows(10.0.17763+win32k)/amd64",
            ),
            ("windows()/amd64", "windows/amd64"),
        ];
        for (text, normal) in table {
            assert_eq!(text.parse::<Platform>().unwrap().to_string(), normal);
        }
    }

    #[test]
    fn what_is_no_platform_is_refused() {
        for text in [
            "",
            "linux",
            "linux/",
            "/amd64",
            "a/b/c/d",
            "linux/am d64",
            "linux,amd64",
            "anything",
            "amd64(1)",
            "windows(10/amd64",
            "windows(1 0)/amd64",
            "windows(10+)/amd64",
            "(10)/amd64",
        ] {
            assert!(text.parse::<Platform>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn nodes_do_not_tell_their_release() {
        let platform: Platform = "windows(10.0.17763+win32k)/amd64".parse().unwrap();
        assert_eq!(platform.os_version(), Some("10.0.17763"));
        assert_eq!(platform.without_release().to_string(), "windows/amd64");
        let features: Platform = "windows(+win32k)/amd64".parse().unwrap();
        assert_eq!(features.os_version(), None);
    }
}
