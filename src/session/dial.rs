//! From an address or a tunnel to a gRPC channel.

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::BoxFuture;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint};

/// Bytes both ways: a socket, a port-forward, one end of a pipe.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Any [`Stream`].
pub type BoxStream = Box<dyn Stream>;

/// Opens a new stream to the daemon; called again if the first one is lost between two calls.
pub type Dial = Arc<dyn Fn() -> BoxFuture<'static, io::Result<BoxStream>> + Send + Sync>;

/// Largest message in either direction: the daemon's own limit.
pub(super) const MAX_MESSAGE: usize = 16 << 20;

/// Largest header list that is taken. Errors of a build carry the Dockerfile and stack traces in a
/// trailer; hyper's default of 16 KiB would turn them into a protocol error.
const MAX_HEADERS: u32 = 16 << 20;

/// How much the daemon may send before it must wait for us, per call and in all. Session and
/// exports share the connection, so the whole is larger than a part.
const STREAM_WINDOW: u32 = 8 << 20;
const CONNECTION_WINDOW: u32 = 16 << 20;

/// What mutual TLS needs; all in PEM.
pub struct Tls {
    /// The authority that signed the daemon's certificate; the system's authorities if absent.
    pub authority: Vec<u8>,
    /// The client's certificate and key.
    pub identity: Option<(Vec<u8>, Vec<u8>)>,
    /// The name that the daemon's certificate must have.
    pub server_name: String,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls")
            .field("server_name", &self.server_name)
            .finish_non_exhaustive()
    }
}

/// Why there is no connection to the daemon.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// A certificate, key or name is unusable.
    #[error("the {what} for the daemon is unusable")]
    Tls {
        /// Which one.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The stream or the handshake failed. The layers above the innermost cause say only that.
    #[error("{}", innermost(.0))]
    Transport(tonic::transport::Error),
}

/// The innermost cause of an error: the layers of a connection only say that it failed.
pub(super) fn innermost<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause
}

/// Streams to the daemon's unix socket at `path`.
pub fn dial_unix(path: PathBuf) -> Dial {
    Arc::new(move || {
        let path = path.clone();
        Box::pin(async move {
            let stream = crate::system::connect(&path).await?;
            Ok(Box::new(stream) as BoxStream)
        })
    })
}

/// Streams to a daemon's TCP port at `host:port`.
pub fn dial_tcp(address: String) -> Dial {
    Arc::new(move || {
        let address = address.clone();
        Box::pin(async move {
            let stream = tokio::net::TcpStream::connect(&address).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as BoxStream)
        })
    })
}

/// A gRPC channel over what `dial` opens.
pub(super) async fn connect(dial: Dial, tls: Option<Tls>) -> Result<Channel, ConnectError> {
    let name = tls
        .as_ref()
        .map_or("localhost", |tls| tls.server_name.as_str());
    // The scheme stays http: TLS is done below, on the stream, where tonic cannot see it.
    let endpoint = Endpoint::from_shared(format!("http://{name}"))
        .map_err(|source| ConnectError::Tls {
            what: "server name",
            source: source.into(),
        })?
        .http2_max_header_list_size(MAX_HEADERS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW);
    let secure = tls.map(|tls| secure(&tls)).transpose()?;
    let connector = tower::service_fn(move |_| {
        let (dial, secure) = (dial.clone(), secure.clone());
        async move {
            let stream = dial().await?;
            io::Result::Ok(TokioIo::new(match secure {
                Some((connector, name)) => Box::new(connector.connect(name, stream).await?),
                None => stream,
            }))
        }
    });
    endpoint
        .connect_with_connector(connector)
        .await
        .map_err(ConnectError::Transport)
}

/// The TLS side of a connection, made once and used for each stream.
fn secure(tls: &Tls) -> Result<(TlsConnector, ServerName<'static>), ConnectError> {
    fn unusable<E: Into<Box<dyn StdError + Send + Sync>>>(
        what: &'static str,
    ) -> impl FnOnce(E) -> ConnectError {
        move |source| ConnectError::Tls {
            what,
            source: source.into(),
        }
    }
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&tls.authority) {
        let certificate = certificate.map_err(unusable("certificate authority"))?;
        roots
            .add(certificate)
            .map_err(unusable("certificate authority"))?;
    }
    let builder = ClientConfig::builder().with_root_certificates(roots);
    let mut config = match &tls.identity {
        Some((certificate, key)) => {
            let chain = CertificateDer::pem_slice_iter(certificate)
                .collect::<Result<Vec<_>, _>>()
                .map_err(unusable("client certificate"))?;
            let key = PrivateKeyDer::from_pem_slice(key).map_err(unusable("client key"))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(unusable("client certificate"))?
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    let name = ServerName::try_from(tls.server_name.clone()).map_err(unusable("server name"))?;
    Ok((TlsConnector::from(Arc::new(config)), name))
}
