//! Private keys in files.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use rsa::RsaPrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::DecodePrivateKey as _;
use ssh_key::PrivateKey;
use ssh_key::private::RsaKeypair;

/// The most that is read of a key file, in bytes: what is longer is no key.
const LONGEST: u64 = 100 << 10;

/// A private key that can sign.
#[derive(Clone)]
pub struct Key(pub(super) PrivateKey);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.0.algorithm())
    }
}

/// What is in a key file.
#[derive(Debug)]
pub enum KeyFile {
    /// A key.
    Open(Key),
    /// A key that needs its passphrase.
    Locked(Locked),
}

/// A key that needs its passphrase.
#[derive(Debug)]
pub struct Locked(Key);

impl Locked {
    /// The key, if `passphrase` is its own.
    pub fn unlock(&self, passphrase: &str) -> Option<Key> {
        self.0.0.decrypt(passphrase).ok().map(Key)
    }
}

/// Why a file gives no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It cannot be read.
    #[error("cannot read {0}")]
    Unreadable(PathBuf, #[source] io::Error),
    /// There is no key in it, or one of an unknown kind.
    #[error("{0} is no private key that can be used")]
    NoKey(PathBuf),
    /// It is in an old form that has its own encryption.
    #[error("{0} is encrypted in an old form")]
    OldEncryption(PathBuf),
    /// It is the public half.
    #[error("{0} is a public key; the private one is needed")]
    Public(PathBuf),
}

impl KeyFileError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unreadable(..) => None,
            Self::NoKey(_) | Self::OldEncryption(_) => {
                Some("ssh-keygen -p -f FILE writes it in the form of today")
            }
            Self::Public(_) => Some("name the file without .pub"),
        }
    }
}

/// Reads a key file: OpenSSH's form, or an RSA key as PKCS#1 or PKCS#8.
pub fn open(path: &Path) -> Result<KeyFile, KeyFileError> {
    use io::Read as _;
    let mut text = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(LONGEST).read_to_string(&mut text))
        .map_err(|error| KeyFileError::Unreadable(path.to_owned(), error))?;
    read(&text, path)
}

fn read(text: &str, path: &Path) -> Result<KeyFile, KeyFileError> {
    let no_key = || KeyFileError::NoKey(path.to_owned());
    if text.contains("BEGIN OPENSSH PRIVATE KEY") {
        let key = Key(PrivateKey::from_openssh(text).map_err(|_| no_key())?);
        return Ok(if key.0.is_encrypted() {
            KeyFile::Locked(Locked(key))
        } else {
            KeyFile::Open(key)
        });
    }
    if text.contains("Proc-Type: 4,ENCRYPTED") || text.contains("BEGIN ENCRYPTED PRIVATE KEY") {
        return Err(KeyFileError::OldEncryption(path.to_owned()));
    }
    if text.starts_with("ssh-") || text.starts_with("ecdsa-") || text.contains("PUBLIC KEY") {
        return Err(KeyFileError::Public(path.to_owned()));
    }
    let pair = RsaPrivateKey::from_pkcs1_pem(text).or_else(|_| RsaPrivateKey::from_pkcs8_pem(text));
    let pair = RsaKeypair::try_from(pair.map_err(|_| no_key())?).map_err(|_| no_key())?;
    Ok(KeyFile::Open(Key(PrivateKey::from(pair))))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    // Made for these tests by ssh-keygen; they open nothing.
    pub(in crate::ssh) const ED25519: &str = include_str!("testdata/ed25519");
    pub(in crate::ssh) const P256: &str = include_str!("testdata/p256");
    pub(in crate::ssh) const RSA: &str = include_str!("testdata/rsa");
    const RSA_PKCS1: &str = include_str!("testdata/rsa_pkcs1");
    const RSA_PKCS8: &str = include_str!("testdata/rsa_pkcs8");
    const LOCKED: &str = include_str!("testdata/locked");
    const OLD: &str = include_str!("testdata/rsa_old_encryption");

    fn file(text: &str) -> Result<KeyFile, KeyFileError> {
        read(text, Path::new("/k"))
    }

    pub(in crate::ssh) fn key(text: &str) -> Key {
        match file(text).unwrap() {
            KeyFile::Open(key) => key,
            KeyFile::Locked(_) => panic!("locked"),
        }
    }

    #[test]
    fn the_same_rsa_key_in_each_form() {
        let public = |text| key(text).0.public_key().to_bytes().unwrap();
        assert_eq!(public(RSA_PKCS1), public(RSA));
        assert_eq!(public(RSA_PKCS8), public(RSA));
    }

    #[test]
    fn a_locked_key_opens_to_its_passphrase_only() {
        let KeyFile::Locked(locked) = file(LOCKED).unwrap() else {
            panic!("not locked")
        };
        assert!(locked.unlock("wrong").is_none());
        let key = locked.unlock("open sesame").unwrap();
        assert_eq!(format!("{key:?}"), "Key(ssh-ed25519)");
    }

    #[test]
    fn what_is_no_key_says_what_it_is() {
        let message = |text| {
            let error = file(text).unwrap_err();
            (error.to_string(), error.hint().is_some())
        };
        let public = key(ED25519).0.public_key().to_openssh().unwrap();
        let no_key = ("/k is no private key that can be used".to_owned(), true);
        assert_eq!(message("hello"), no_key);
        assert_eq!(message("-----BEGIN OPENSSH PRIVATE KEY-----\nx\n"), no_key);
        let public_half = "/k is a public key; the private one is needed";
        assert_eq!(message(&public), (public_half.to_owned(), true));
        let old = ("/k is encrypted in an old form".to_owned(), true);
        assert_eq!(message(OLD), old);
        assert!(matches!(
            open(Path::new("/nonexistent")),
            Err(KeyFileError::Unreadable(..))
        ));
    }
}
