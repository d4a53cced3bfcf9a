//! Certificates and keys that a configuration names: whether buildkitd will be able to read them.

use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};

use crate::model::Invalid;

use super::kind::Role;

/// What a file in binary form begins with: a sequence with a length of two bytes.
const DER: [u8; 2] = [0x30, 0x82];

/// Whether the content of a file can be what it is for.
pub(super) fn check(role: Role, content: &[u8]) -> Result<(), Invalid> {
    match role {
        Role::Authority | Role::Certificate => certificates(content).map(|_| ()),
        Role::Key => key(content).map(|_| ()),
    }
}

fn certificates(content: &[u8]) -> Result<Vec<CertificateDer<'static>>, Invalid> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(content).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) if content.starts_with(&DER) => Err(Invalid::new(
            "it is not in PEM",
            "openssl x509 -inform der -in FILE -out FILE.pem",
        )),
        Ok(_) => Err(Invalid::new(
            "it holds no certificate",
            "a file with -----BEGIN CERTIFICATE-----",
        )),
        Err(error) => Err(broken(&error)),
    }
}

fn key(content: &[u8]) -> Result<PrivateKeyDer<'static>, Invalid> {
    match PrivateKeyDer::from_pem_slice(content) {
        Ok(key) => Ok(key),
        Err(rustls::pki_types::pem::Error::NoItemsFound) if is_encrypted(content) => {
            Err(Invalid::new(
                "the key is encrypted, and nobody would be there to type its password",
                "openssl pkey -in FILE -out FILE.plain",
            ))
        }
        Err(rustls::pki_types::pem::Error::NoItemsFound) => Err(Invalid::new(
            "it holds no private key in PEM",
            "a file with -----BEGIN PRIVATE KEY-----",
        )),
        Err(error) => Err(broken(&error)),
    }
}

fn broken(error: &rustls::pki_types::pem::Error) -> Invalid {
    Invalid::new(
        format!("it is broken PEM: {error}"),
        "a file that openssl can read",
    )
}

fn is_encrypted(content: &[u8]) -> bool {
    String::from_utf8_lossy(content).contains("ENCRYPTED")
}

/// Whether the key is another certificate's. A key of a kind that is not known here may be fine.
pub(super) fn is_foreign(certificate: &[u8], private: &[u8]) -> bool {
    let (Ok(chain), Ok(private)) = (certificates(certificate), key(private)) else {
        return false;
    };
    let joined = CertifiedKey::from_der(chain, private, &default_provider());
    matches!(
        joined,
        Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch))
    )
}

#[cfg(test)]
pub(super) mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    /// A certificate and its key.
    pub(in super::super) fn pair() -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(Vec::new()).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    #[test]
    fn what_is_no_certificate_or_key_is_named() {
        let (certificate, private) = pair();
        let both = format!("{certificate}{private}");
        for role in [Role::Authority, Role::Certificate, Role::Key] {
            assert_eq!(check(role, both.as_bytes()), Ok(()));
        }
        let problem = |role, content: &[u8]| check(role, content).unwrap_err().problem;
        let der = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
        let encrypted = private.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        let cut = certificate.replace("END CERT", "EDN CERT");
        for (role, content, part) in [
            (Role::Authority, private.as_bytes(), "no certificate"),
            (Role::Authority, &der, "not in PEM"),
            (Role::Authority, b"", "no certificate"),
            (Role::Authority, cut.as_bytes(), "broken PEM"),
            (Role::Key, certificate.as_bytes(), "no private key"),
            (Role::Key, encrypted.as_bytes(), "encrypted"),
        ] {
            let problem = problem(role, content);
            assert!(problem.contains(part), "{problem}");
        }
    }

    #[test]
    fn a_key_of_another_certificate_is_noticed() {
        let (one, two) = (pair(), pair());
        let is_foreign = |a: &str, b: &str| is_foreign(a.as_bytes(), b.as_bytes());
        assert!(!is_foreign(&one.0, &one.1));
        assert!(is_foreign(&one.0, &two.1));
        assert!(!is_foreign("", &two.1));
    }
}
