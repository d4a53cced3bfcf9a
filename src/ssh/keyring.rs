//! An agent of our own: it holds the keys of files that were named.

use rsa::pkcs1v15;
use rsa::sha2::{Sha256, Sha512};
use rsa::signature::{SignatureEncoding as _, Signer as _};
use rsa::{BigUint, RsaPrivateKey};
use ssh_key::private::{KeypairData, RsaKeypair};
use ssh_key::{Algorithm, HashAlg, Mpint, PrivateKey, Signature};

use super::key_file::Key;
use super::message::{self, FAILURE, IDENTITIES_ANSWER, REQUEST_IDENTITIES, SIGN_REQUEST};

/// Asks for a signature of an RSA key with SHA-256.
const RSA_SHA2_256: u32 = 2;
/// Asks for a signature of an RSA key with SHA-512.
const RSA_SHA2_512: u32 = 4;

/// Keys that can be listed and signed with.
#[derive(Debug)]
pub struct Keyring(Vec<Key>);

impl Keyring {
    /// A ring of `keys`.
    pub fn new(keys: Vec<Key>) -> Self {
        Self(keys)
    }

    /// The answer to a message.
    pub(super) fn answer(&self, request: &[u8]) -> Vec<u8> {
        let answer = match request {
            [REQUEST_IDENTITIES] => self.identities(),
            [SIGN_REQUEST, rest @ ..] => self.signature(rest),
            _ => None,
        };
        answer.unwrap_or_else(|| vec![FAILURE])
    }

    fn identities(&self) -> Option<Vec<u8>> {
        let mut answer = vec![IDENTITIES_ANSWER];
        answer.extend(u32::try_from(self.0.len()).ok()?.to_be_bytes());
        for Key(key) in &self.0 {
            message::put(&mut answer, &key.public_key().to_bytes().ok()?);
            message::put(&mut answer, key.comment().as_bytes());
        }
        Some(answer)
    }

    fn signature(&self, mut request: &[u8]) -> Option<Vec<u8>> {
        let public = message::take(&mut request)?;
        let data = message::take(&mut request)?;
        let flags = message::take_number(&mut request)?;
        let is_wanted = |key: &&Key| key.0.public_key().to_bytes().is_ok_and(|own| own == public);
        let Key(key) = self.0.iter().find(is_wanted)?;
        let signature = sign(key, data, flags)?;
        let mut answer = vec![message::SIGN_RESPONSE];
        message::put(&mut answer, &Vec::<u8>::try_from(signature).ok()?);
        Some(answer)
    }
}

/// Signs; RSA with SHA-1 is refused, as OpenSSH refuses it.
fn sign(key: &PrivateKey, data: &[u8], flags: u32) -> Option<Signature> {
    let KeypairData::Rsa(pair) = key.key_data() else {
        return key.try_sign(data).ok();
    };
    let key = rsa_key(pair)?;
    let (hash, signature) = if flags & RSA_SHA2_512 != 0 {
        (
            HashAlg::Sha512,
            pkcs1v15::SigningKey::<Sha512>::new(key).try_sign(data),
        )
    } else if flags & RSA_SHA2_256 != 0 {
        (
            HashAlg::Sha256,
            pkcs1v15::SigningKey::<Sha256>::new(key).try_sign(data),
        )
    } else {
        return None;
    };
    let algorithm = Algorithm::Rsa { hash: Some(hash) };
    Signature::new(algorithm, signature.ok()?.to_vec()).ok()
}

/// The key as its library takes it. ssh-key 0.6 has a conversion that takes one prime twice.
fn rsa_key(pair: &RsaKeypair) -> Option<RsaPrivateKey> {
    let number = |part: &Mpint| Some(BigUint::from_bytes_be(part.as_positive_bytes()?));
    let primes = vec![number(&pair.private.p)?, number(&pair.private.q)?];
    let (modulus, exponent) = (number(&pair.public.n)?, number(&pair.public.e)?);
    RsaPrivateKey::from_components(modulus, exponent, number(&pair.private.d)?, primes).ok()
}

#[cfg(test)]
mod tests {
    use rsa::signature::Verifier as _;

    use super::super::key_file::tests::{ED25519, P256, RSA, key};
    use super::*;

    fn request(key: &PrivateKey, flags: u32) -> Vec<u8> {
        let mut request = vec![SIGN_REQUEST];
        message::put(&mut request, &key.public_key().to_bytes().unwrap());
        message::put(&mut request, b"to be signed");
        request.extend(flags.to_be_bytes());
        request
    }

    #[test]
    fn each_kind_of_key_signs_what_its_public_half_verifies() {
        for (text, flags, algorithm) in [
            (ED25519, 0, "ssh-ed25519"),
            (P256, 0, "ecdsa-sha2-nistp256"),
            (RSA, RSA_SHA2_256, "rsa-sha2-256"),
            (RSA, RSA_SHA2_512, "rsa-sha2-512"),
            (RSA, RSA_SHA2_256 | RSA_SHA2_512, "rsa-sha2-512"),
        ] {
            let ring = Keyring::new(vec![key(ED25519), key(text)]);
            let wanted = key(text).0;
            let answer = ring.answer(&request(&wanted, flags));
            let [message::SIGN_RESPONSE, rest @ ..] = &answer[..] else {
                panic!("{algorithm}: {answer:?}")
            };
            let signature = message::take(&mut &rest[..]).unwrap();
            let signature = Signature::try_from(signature).unwrap();
            assert_eq!(signature.algorithm().to_string(), algorithm);
            wanted
                .public_key()
                .key_data()
                .verify(b"to be signed", &signature)
                .unwrap();
        }
    }

    #[test]
    fn what_it_does_not_know_or_may_not_do_fails() {
        let ring = Keyring::new(vec![key(ED25519)]);
        let other = key(P256).0;
        let remove_all = [19];
        for request in [
            request(&other, 0),
            Keyring::new(vec![]).answer(&[]),
            remove_all.to_vec(),
            vec![SIGN_REQUEST, 0, 0, 0, 9, 1],
            vec![REQUEST_IDENTITIES, 0],
        ] {
            assert_eq!(ring.answer(&request), [FAILURE], "{request:?}");
        }
        let rsa = Keyring::new(vec![key(RSA)]);
        assert_eq!(rsa.answer(&request(&key(RSA).0, 0)), [FAILURE]);
    }

    #[test]
    fn keys_are_listed_with_their_comments() {
        let answer = Keyring::new(vec![key(ED25519), key(P256)]).answer(&[REQUEST_IDENTITIES]);
        let [IDENTITIES_ANSWER, 0, 0, 0, 2, rest @ ..] = &answer[..] else {
            panic!("{answer:?}")
        };
        let mut rest = rest;
        for text in [ED25519, P256] {
            let public = key(text).0.public_key().to_bytes().unwrap();
            assert_eq!(message::take(&mut rest).unwrap(), public);
            assert_eq!(message::take(&mut rest).unwrap(), b"test");
        }
        assert!(rest.is_empty());
    }
}
