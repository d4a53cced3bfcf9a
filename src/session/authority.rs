//! The proof towards a daemon that a session has a login, without showing it.
//!
//! A daemon keeps the tokens that it got, and gives them to another session that proves the same
//! authority: a key that follows from the login and a salt of the daemon's. Docker derives it from a
//! random seed in a file beside its configuration. Here nothing is kept: the key follows from the
//! login itself and from the client's private key for the daemon. Whoever has both has the same
//! authority, on every machine. The daemon's pod has neither, so it can try out no passwords; another
//! user of the builder has the second, and does not get at tokens of a login that is not theirs.

use std::io;

use ring::hmac::{self, HMAC_SHA256};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};

use crate::registry::Login;

/// Sets what is made here apart from everything else that the private key is used for.
const PURPOSE: &[u8] = b"kubectl-buildkit token authority 1";

/// Bytes of a seed of Ed25519.
const SEED: usize = 32;

/// Makes the proofs.
#[derive(Debug, Clone)]
pub(super) struct Authority(hmac::Key);

/// What a proof is about: the registry and its login, and the daemon that wants it.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) host: &'a str,
    pub(super) login: &'a Login,
    pub(super) salt: &'a [u8],
}

impl Authority {
    /// The one that follows from the client's private key.
    pub(super) const fn new(key: hmac::Key) -> Self {
        Self(key)
    }

    /// One for this process only, where nothing is known that the daemon does not know too.
    pub(super) fn random() -> io::Result<Self> {
        let key = hmac::Key::generate(HMAC_SHA256, &SystemRandom::new());
        let nothing = |_| io::Error::other("the operating system gave no random numbers");
        key.map(Self).map_err(nothing)
    }

    /// The public key.
    pub(super) fn public_key(&self, subject: Subject<'_>) -> io::Result<Vec<u8>> {
        Ok(self.pair(subject)?.public_key().as_ref().to_vec())
    }

    /// The payload behind its signature.
    pub(super) fn sign(&self, subject: Subject<'_>, payload: &[u8]) -> io::Result<Vec<u8>> {
        let signature = self.pair(subject)?.sign(payload);
        Ok([signature.as_ref(), payload].concat())
    }

    fn pair(&self, subject: Subject<'_>) -> io::Result<Ed25519KeyPair> {
        let Subject { host, login, salt } = subject;
        let mut seed = hmac::Context::with_key(&self.0);
        let parts = [host, &login.username, &login.secret, &login.registry_token];
        seed.update(PURPOSE);
        for part in parts {
            seed.update(&part.len().to_be_bytes());
            seed.update(part.as_bytes());
        }
        let salt = hmac::Key::new(HMAC_SHA256, salt);
        let bytes = hmac::sign(&salt, seed.sign().as_ref());
        let bytes = bytes.as_ref().get(..SEED).unwrap_or_default();
        Ed25519KeyPair::from_seed_unchecked(bytes)
            .map_err(|error| io::Error::other(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    fn login(secret: &str) -> Login {
        Login {
            username: "u".into(),
            secret: secret.into(),
            ..Login::default()
        }
    }

    fn subject<'a>(host: &'a str, login: &'a Login, salt: &'a [u8]) -> Subject<'a> {
        Subject { host, login, salt }
    }

    #[test]
    fn the_same_login_has_the_same_authority() {
        let of = |key: &[u8]| Authority::new(hmac::Key::new(HMAC_SHA256, key));
        let (ours, again, other) = (of(b"key"), of(b"key"), of(b"other"));
        let (login, changed) = (login("p"), login("q"));
        let key = ours.public_key(subject("a", &login, b"salt")).unwrap();
        assert_eq!(key.len(), 32);
        assert_eq!(
            again.public_key(subject("a", &login, b"salt")).unwrap(),
            key
        );
        let others = [
            other.public_key(subject("a", &login, b"salt")),
            ours.public_key(subject("b", &login, b"salt")),
            ours.public_key(subject("a", &changed, b"salt")),
            ours.public_key(subject("a", &login, b"pepper")),
            Authority::random()
                .unwrap()
                .public_key(subject("a", &login, b"salt")),
        ];
        for other in others {
            assert_ne!(other.unwrap(), key);
        }
    }

    #[test]
    fn a_signature_stands_before_what_it_signs() {
        let (authority, login) = (Authority::random().unwrap(), login("p"));
        let subject = subject("a", &login, b"salt");
        let signed = authority.sign(subject, b"payload").unwrap();
        let (signature, payload) = signed.split_at(64);
        assert_eq!(payload, b"payload");
        let key = authority.public_key(subject).unwrap();
        let key = UnparsedPublicKey::new(&ED25519, key);
        assert!(key.verify(payload, signature).is_ok());
        assert!(key.verify(b"another", signature).is_err());
    }
}
