//! An API server inside the test: kube's HTTP service, answered by a function.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use http::{Request, Response};
use kube::client::Body;
use serde_json::Value;

use super::failure::Place;
use super::{Cluster, Origin};

/// A cluster whose API server is `answer`; its requests time out after 200 ms.
pub(crate) fn cluster<F, A>(answer: F) -> Cluster
where
    F: Fn(Request<Body>) -> A + Send + Clone + 'static,
    A: Future<Output = (u16, Value)> + Send + 'static,
{
    let service = tower::service_fn(move |request| {
        let answer = answer.clone();
        async move {
            let (status, body) = answer(request).await;
            let response = Response::builder()
                .status(status)
                .body(Body::from(body.to_string().into_bytes()))
                .unwrap();
            Ok::<_, Infallible>(response)
        }
    });
    Cluster {
        client: kube::Client::new(service, "team"),
        place: Place {
            origin: Origin::Context("fake".into()),
            server: "https://fake".into(),
            namespace: "team".into(),
            plugin: None,
        },
        namespace_is_given: false,
        is_inside: false,
        timeout: Duration::from_millis(200),
        first_pause: Duration::from_millis(1),
    }
}

/// The `Status` object of a refusal.
pub(crate) fn refusal(code: u16, reason: &str, message: &str, kind: &str) -> (u16, Value) {
    let status = serde_json::json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
        "reason": reason, "message": message, "details": {"kind": kind},
    });
    (code, status)
}

impl Cluster {
    /// The same, whose requests never time out by themselves.
    pub(crate) fn patient(mut self) -> Self {
        self.timeout = super::UNLIMITED;
        self
    }
}
