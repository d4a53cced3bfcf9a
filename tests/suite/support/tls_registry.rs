//! A registry that only talks to those whose certificate it knows.

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{ServerConfig, WebPkiClientVerifier};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use crate::support::folder::Folder;

/// A registry that another one is behind; it ends when this is dropped.
pub(crate) struct TlsRegistry {
    /// Its address.
    pub(crate) address: SocketAddr,
    /// What its clients need: `ca.pem`, `client.pem`, `client.key`.
    pub(crate) files: Folder,
    _runtime: Runtime,
}

impl TlsRegistry {
    /// Listens beside the registry `behind`, on another port.
    pub(crate) fn before(behind: &str) -> Self {
        let behind: SocketAddr = behind.parse().unwrap();
        let authority = authority();
        let (certificate, key) = signed(&authority, &behind.ip().to_string());
        let (client, client_key) = signed(&authority, "client");
        let files = Folder::new()
            .file("ca.pem", authority.pem())
            .file("client.pem", client.pem())
            .file("client.key", client_key.serialize_pem());

        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone()).unwrap();
        let known =
            WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider))
                .build()
                .unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(known)
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();

        let runtime = Runtime::new().unwrap();
        let listener = runtime
            .block_on(TcpListener::bind((behind.ip(), 0)))
            .unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(serve(listener, Arc::new(config).into(), behind));
        Self {
            address,
            files,
            _runtime: runtime,
        }
    }
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn signed(authority: &CertifiedIssuer<'_, KeyPair>, name: &str) -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new([name.to_owned()]).unwrap();
    (params.signed_by(&key, authority).unwrap(), key)
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, behind: SocketAddr) {
    while let Ok((stream, _)) = listener.accept().await {
        let tls = tls.clone();
        tokio::spawn(async move {
            let mut client = tls.accept(stream).await.ok()?;
            let mut registry = TcpStream::connect(behind).await.ok()?;
            tokio::io::copy_bidirectional(&mut client, &mut registry)
                .await
                .ok()
        });
    }
}
