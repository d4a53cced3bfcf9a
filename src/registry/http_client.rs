//! HTTP to registries: which certificates are believed, through which proxy, and how patiently.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderValue, USER_AGENT};
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::{self, Client};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioExecutor;
use tower::Service as _;
use tower::util::BoxCloneSyncService;

use super::tls::tls;
use crate::env::Env;
use crate::model::Trust;

/// How long one answer may take, and how long a connection.
const PATIENCE: Duration = Duration::from_secs(30);
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);
/// Most of an answer that is read: more than any registry takes for a manifest.
const MAX_ANSWER: usize = 8 << 20;
/// How often a request is sent that a registry was too busy for, and the first pause between.
const TRIES: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// What servers read in their logs about who asks.
const USER_AGENT_NAME: &str = concat!("kubectl-buildkit/", env!("CARGO_PKG_VERSION"));

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    /// Nobody answered.
    #[error("no answer")]
    Connection(#[source] Box<dyn StdError + Send + Sync>),
    /// The answer took too long.
    #[error("no answer within {} seconds", PATIENCE.as_secs())]
    Timeout,
}

/// The proxies that the environment names, as every program reads it.
pub(super) fn proxies(env: &Env) -> Matcher {
    let value = |name: &str| {
        let found = env.var(name).or_else(|| env.var(&name.to_lowercase()));
        found.unwrap_or_default().to_owned()
    };
    Matcher::builder()
        .https(value("HTTPS_PROXY"))
        .no(value("NO_PROXY"))
        .build()
}

/// A client for one server.
#[derive(Clone)]
pub(super) struct Http(
    BoxCloneSyncService<Request<Full<Bytes>>, Response<Incoming>, legacy::Error>,
);

impl Http {
    /// A client for `server`.
    pub(super) fn new(server: &Uri, proxies: &Matcher, trust: &Trust) -> io::Result<Self> {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_PATIENCE));
        let tls = HttpsConnectorBuilder::new().with_tls_config(tls(trust)?);
        let tls = tls.https_or_http().enable_http1();
        let client = Client::builder(TokioExecutor::new());
        let Some(proxy) = proxies.intercept(server) else {
            let connector = tls.wrap_connector(connector);
            return Ok(Self(BoxCloneSyncService::new(client.build(connector))));
        };
        let mut tunnel = Tunnel::new(proxy.uri().clone(), connector);
        if let Some(login) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(login.clone());
        }
        let connector = tls.wrap_connector(tunnel);
        Ok(Self(BoxCloneSyncService::new(client.build(connector))))
    }

    /// Sends a request, again if the server is too busy or fails.
    pub(super) async fn send(
        &self,
        request: &Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>, HttpError> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..TRIES {
            let response = self.once(request).await?;
            let status = response.status();
            if !status.is_server_error() && status != StatusCode::TOO_MANY_REQUESTS {
                return Ok(response);
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.once(request).await
    }

    /// Sends a request, once.
    pub(super) async fn once(
        &self,
        request: &Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>, HttpError> {
        let mut client = self.0.clone();
        let mut request = request.clone();
        let name = HeaderValue::from_static(USER_AGENT_NAME);
        request.headers_mut().insert(USER_AGENT, name);
        let answer = async {
            let response = client.call(request).await;
            let response = response.map_err(|error| HttpError::Connection(error.into()))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, MAX_ANSWER).collect().await;
            let body = body.map_err(HttpError::Connection)?;
            Ok(Response::from_parts(head, body.to_bytes()))
        };
        let answer = tokio::time::timeout(PATIENCE, answer).await;
        answer.unwrap_or(Err(HttpError::Timeout))
    }
}
