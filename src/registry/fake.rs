//! A registry inside the test.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::access::Registries;
use super::credentials::Credentials;
use super::digest::digest;
use crate::env::Env;

/// What the registry wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Wants {
    #[default]
    Nothing,
    /// This header in every request.
    Password(String),
    /// A token that is given out for `header body` of a request.
    Token(String),
}

/// What it has and saw.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) wants: Wants,
    /// How often it will say that it is too busy.
    pub(crate) busy: u32,
    /// Manifests by `PATH/REFERENCE`, with their type.
    pub(crate) manifests: BTreeMap<String, (String, Bytes)>,
    /// `METHOD PATH?QUERY` of each request.
    pub(crate) seen: Vec<String>,
    /// Where it says that tokens are given out.
    pub(crate) realm: String,
}

/// Registries for a user with this login for `host`, and these variables.
pub(crate) fn registries<const N: usize>(
    host: &str,
    entry: &str,
    variables: [(&str, &str); N],
) -> Registries {
    let folder = tempfile::tempdir().unwrap();
    let config = format!(r#"{{"auths": {{"{host}": {entry}}}}}"#);
    std::fs::write(folder.path().join("config.json"), config).unwrap();
    let env = Env::from_variables([("DOCKER_CONFIG", folder.path().to_str().unwrap())]);
    let credentials = Credentials::load(&env).unwrap();
    Registries::new(credentials, &Env::from_variables(variables))
}

#[derive(Clone, Default)]
pub(crate) struct Fake {
    /// `127.0.0.1:PORT`.
    pub(crate) host: String,
    /// In PEM, if it has one.
    pub(crate) certificate: String,
    pub(crate) content: Arc<Mutex<Content>>,
}

impl Fake {
    /// Starts one that speaks plain HTTP.
    pub(crate) async fn start(wants: Wants) -> Self {
        Self::serve(wants, None, String::new()).await
    }

    /// Starts one whose certificate nobody knows. Its tokens come from a server without TLS.
    pub(crate) async fn start_secure(wants: Wants) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key.into());
        let tls = Arc::new(config.unwrap()).into();
        Self::serve(wants, Some(tls), cert.pem()).await
    }

    async fn serve(wants: Wants, tls: Option<TlsAcceptor>, certificate: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let content = Content {
            wants,
            realm: format!("http://{host}/token"),
            ..Content::default()
        };
        let fake = Self {
            host,
            certificate,
            content: Arc::new(Mutex::new(content)),
        };
        let kept = fake.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (fake, tls) = (kept.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => fake.speak(stream).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                fake.speak(stream).await;
                            }
                        }
                    }
                });
            }
        });
        fake
    }

    async fn speak(self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let service = service_fn(move |request| {
            let fake = self.clone();
            async move { Ok::<_, Infallible>(fake.answer(request).await) }
        });
        let _ = http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let header = |name| head.headers.get(name).map_or("", |v| v.to_str().unwrap());
        let mut content = self.content.lock().unwrap();
        content.seen.push(format!("{} {}", head.method, head.uri));
        if content.busy > 0 {
            content.busy -= 1;
            return answer(StatusCode::SERVICE_UNAVAILABLE, "");
        }
        if head.uri.path() == "/token" {
            let shown = format!(
                "{} {}",
                header(AUTHORIZATION),
                String::from_utf8_lossy(&body)
            );
            return if content.wants == Wants::Token(shown.trim().to_owned()) {
                answer(StatusCode::OK, r#"{"access_token": "t0ken"}"#)
            } else {
                answer(
                    StatusCode::UNAUTHORIZED,
                    r#"{"errors": [{"message": "who is that?"}]}"#,
                )
            };
        }
        let (expected, challenge) = match &content.wants {
            Wants::Nothing => (String::new(), String::new()),
            Wants::Password(header) => (header.clone(), "Basic realm=\"x\"".to_owned()),
            Wants::Token(_) => {
                let realm = &content.realm;
                let challenge = format!("Bearer realm=\"{realm}\",service=\"fake\"");
                ("Bearer t0ken".to_owned(), challenge)
            }
        };
        if header(AUTHORIZATION) != expected {
            let mut refused = answer(StatusCode::UNAUTHORIZED, "");
            let headers = refused.headers_mut();
            headers.insert(WWW_AUTHENTICATE, challenge.parse().unwrap());
            return refused;
        }
        let key = head
            .uri
            .path()
            .trim_start_matches("/v2/")
            .replace("/manifests", "");
        if head.method == Method::PUT {
            let media_type = header(CONTENT_TYPE).to_owned();
            content.manifests.insert(key, (media_type, body));
            return answer(StatusCode::CREATED, "");
        }
        match content.manifests.get(&key) {
            _ if key.is_empty() => answer(StatusCode::OK, "{}"),
            Some((_, body)) => Response::new(Full::new(body.clone())),
            None => answer(
                StatusCode::NOT_FOUND,
                r#"{"errors": [{"code": "MANIFEST_UNKNOWN"}]}"#,
            ),
        }
    }

    /// Keeps a manifest; its digest.
    pub(crate) fn keep(&self, path: &str, body: &serde_json::Value) -> String {
        let body = Bytes::from(body.to_string());
        let digest = digest(&body);
        let mut content = self.content.lock().unwrap();
        let key = format!("{path}/{digest}");
        content.manifests.insert(key, (String::new(), body));
        digest
    }
}

fn answer(status: StatusCode, body: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response
}
