//! An engine inside the test.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::UnixListener;

/// What it is and what it answers.
#[derive(Debug, Clone)]
pub(super) struct Behaviour {
    pub(super) info: &'static str,
    pub(super) import: (StatusCode, &'static str),
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            info: "{}",
            import: (StatusCode::OK, "{\"stream\":\"Loaded image: x\"}\n"),
        }
    }
}

pub(super) struct Fake {
    folder: tempfile::TempDir,
    /// The archives that it was given.
    pub(super) imported: Arc<Mutex<Vec<Bytes>>>,
}

impl Fake {
    pub(super) fn start(behaviour: Behaviour) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("engine.sock")).unwrap();
        let imported = Arc::<Mutex<Vec<Bytes>>>::default();
        let kept = Arc::clone(&imported);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (behaviour, kept) = (behaviour.clone(), Arc::clone(&kept));
                let service = service_fn(move |request| {
                    answer(request, behaviour.clone(), Arc::clone(&kept))
                });
                let connection =
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection);
            }
        });
        Self { folder, imported }
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.folder.path().join("engine.sock")
    }

    pub(super) fn host(&self) -> String {
        format!("unix://{}", self.socket().display())
    }
}

async fn answer(
    request: Request<Incoming>,
    behaviour: Behaviour,
    imported: Arc<Mutex<Vec<Bytes>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let (status, text) = match (request.method(), path.as_str()) {
        (&Method::GET, "/info") => (StatusCode::OK, behaviour.info),
        (&Method::POST, "/images/load") => match request.into_body().collect().await {
            Ok(body) => {
                imported.lock().unwrap().push(body.to_bytes());
                behaviour.import
            }
            Err(_) => (StatusCode::BAD_REQUEST, r#"{"message":"unexpected EOF"}"#),
        },
        _ => (StatusCode::NOT_FOUND, "{}"),
    };
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    Ok(response)
}
