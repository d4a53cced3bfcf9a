//! Digests of contents: `sha256:` and hexadecimal.

use std::fmt;
use std::str::FromStr;

/// How a digest is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// The one that everybody uses.
    Sha256,
    /// A longer one.
    Sha384,
    /// The longest one.
    Sha512,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// The word before the colon, and the name of the folder with its blobs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// Digits of such a digest.
    const fn digits(self) -> usize {
        match self {
            Self::Sha256 => 64,
            Self::Sha384 => 96,
            Self::Sha512 => 128,
        }
    }
}

/// The digest of a content. Its parts are safe as names of files: a known word and hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest {
    algorithm: Algorithm,
    hex: String,
}

/// Why a text is no digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no digest; it is sha256: and 64 hexadecimal digits")]
pub struct InvalidDigest(String);

impl Digest {
    /// The digest that has these bytes.
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Self {
        use fmt::Write as _;
        let mut hex = String::with_capacity(2 * bytes.len());
        for byte in bytes {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        Self { algorithm, hex }
    }

    /// How it is made.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// What stands behind the colon.
    pub fn hex(&self) -> &str {
        &self.hex
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.as_str(), self.hex)
    }
}

impl FromStr for Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        let invalid = || InvalidDigest(text.to_owned());
        let (word, hex) = text.split_once(':').ok_or_else(invalid)?;
        let algorithm = Algorithm::ALL
            .into_iter()
            .find(|algorithm| algorithm.as_str() == word)
            .ok_or_else(invalid)?;
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if hex.len() != algorithm.digits() || !hex.bytes().all(is_hex) {
            return Err(invalid());
        }
        Ok(Self {
            algorithm,
            hex: hex.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digests_are_digests() {
        let hex = "0a".repeat(32);
        for (word, digits) in [("sha256", 32), ("sha384", 48), ("sha512", 64)] {
            let text = format!("{word}:{}", "0a".repeat(digits));
            assert_eq!(text.parse::<Digest>().unwrap().to_string(), text);
        }
        for text in [
            String::new(),
            hex.clone(),
            format!("sha256:{}", &hex[1..]),
            format!("sha256:{hex}0"),
            format!("sha256:{}", hex.to_uppercase()),
            format!("md5:{hex}"),
            format!("sha256:../{}", &hex[3..]),
            format!("../sha256:{hex}"),
            "sha256:".to_owned(),
        ] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
        let made = Digest::new(Algorithm::Sha256, &[10; 32]);
        assert_eq!(made.to_string(), format!("sha256:{hex}"));
    }
}
