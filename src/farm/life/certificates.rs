//! The certificates with which a node's daemon and its clients know each other.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::CertifiedKey;

use crate::manifest::{Credentials, Identity, SERVER_NAME};

const VALID_FOR: Duration = Duration::from_hours(24 * 365 * 10);
/// Clocks of cluster nodes may be behind.
const VALID_BEFORE: Duration = Duration::from_hours(1);
const AUTHORITY: &str = "kubectl-buildkit";
const CLIENT_NAME: &str = "client";

/// Certificates could not be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot make certificates")]
pub struct CertificateError(#[from] rcgen::Error);

/// New certificates for one node. The authority's key is gone when this returns: nobody can ever
/// add a client or pose as the daemon.
pub(in crate::farm) fn make() -> Result<Credentials, CertificateError> {
    let now = SystemTime::now();
    let mut params = params(AUTHORITY, now, &[])?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    Ok(Credentials {
        daemon: identity(
            &authority,
            SERVER_NAME,
            ExtendedKeyUsagePurpose::ServerAuth,
            now,
        )?,
        client: identity(
            &authority,
            CLIENT_NAME,
            ExtendedKeyUsagePurpose::ClientAuth,
            now,
        )?,
    })
}

fn params(
    name: &str,
    now: SystemTime,
    names: &[String],
) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = (now - VALID_BEFORE).into();
    params.not_after = (now + VALID_FOR).into();
    Ok(params)
}

fn identity(
    authority: &CertifiedIssuer<'_, KeyPair>,
    name: &str,
    usage: ExtendedKeyUsagePurpose,
    now: SystemTime,
) -> Result<Identity, rcgen::Error> {
    let mut params = params(name, now, &[name.to_owned()])?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![usage];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, authority)?;
    Ok(Identity {
        authority: authority.pem().into_bytes(),
        certificate: certificate.pem().into_bytes(),
        key: key.serialize_pem().into_bytes(),
    })
}

/// Whether a daemon with the one identity and a client with the other would accept each other now.
pub(super) fn belong_together(daemon: &Identity, client: &Identity) -> bool {
    accept_each_other(daemon, client).is_ok()
}

fn accept_each_other(daemon: &Identity, client: &Identity) -> Result<(), Box<dyn StdError>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let now = UnixTime::now();
    let client_certificate = checked(client, &provider)?;
    let daemon_certificate = checked(daemon, &provider)?;
    WebPkiClientVerifier::builder_with_provider(roots(daemon)?, Arc::clone(&provider))
        .build()?
        .verify_client_cert(&client_certificate, &[], now)?;
    let name = ServerName::try_from(SERVER_NAME)?;
    WebPkiServerVerifier::builder_with_provider(roots(client)?, provider)
        .build()?
        .verify_server_cert(&daemon_certificate, &[], &name, &[], now)?;
    Ok(())
}

fn roots(identity: &Identity) -> Result<Arc<RootCertStore>, Box<dyn StdError>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&identity.authority)?)?;
    Ok(Arc::new(roots))
}

/// The certificate, if the key is its own.
fn checked(
    identity: &Identity,
    provider: &CryptoProvider,
) -> Result<CertificateDer<'static>, Box<dyn StdError>> {
    let certificate = CertificateDer::from_pem_slice(&identity.certificate)?;
    let key = PrivateKeyDer::from_pem_slice(&identity.key)?;
    CertifiedKey::from_der(vec![certificate.clone()], key, provider)?;
    Ok(certificate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_accepts_itself_and_no_other() {
        let (one, two) = (make().unwrap(), make().unwrap());
        accept_each_other(&one.daemon, &one.client).unwrap();
        for (daemon, client) in [
            (&one.daemon, &two.client),
            (&one.client, &one.client),
            (&one.daemon, &one.daemon),
        ] {
            assert!(!belong_together(daemon, client));
        }
    }

    #[test]
    fn a_key_of_another_certificate_is_noticed() {
        let (one, two) = (make().unwrap(), make().unwrap());
        let mut client = one.client.clone();
        client.key = two.client.key;
        assert!(!belong_together(&one.daemon, &client));
    }

    #[test]
    fn nothing_secret_is_shown() {
        let made = make().unwrap();
        assert!(!format!("{made:?}").contains("PRIVATE"));
    }
}
