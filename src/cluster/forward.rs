//! Opens a port-forward to a pod.

use k8s_openapi::api::core::v1::Pod;
use kube::Resource;

use crate::error::{Error, Kind, Result};

use super::failure::{self, Request};
use super::{Cluster, Tunnel};

/// How often a port-forward is tried.
const TRIES: u32 = 5;

impl Cluster {
    /// Opens a connection to a port on a pod's loopback.
    ///
    /// Whether something listens there shows at the first read. A kubelet that is not ready yet
    /// (its certificate is signed seconds after it joined) is tried again, a few times.
    pub async fn forward(&self, pod: &str, port: u16) -> Result<Tunnel> {
        let request = Request {
            verb: "get",
            resource: "pods/portforward".to_owned(),
            name: Some(pod.to_owned()),
        };
        let mut pause = self.first_pause;
        for _ in 1..TRIES {
            match self.try_forward(&request, pod, port).await? {
                Ok(tunnel) => return Ok(tunnel),
                Err(error) if is_passing(&error) => {}
                Err(error) => return Err(self.forward_failure(&request, error)),
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        let last = self.try_forward(&request, pod, port).await?;
        last.map_err(|error| self.forward_failure(&request, error))
    }

    async fn try_forward(
        &self,
        request: &Request,
        pod: &str,
        port: u16,
    ) -> Result<kube::Result<Tunnel>> {
        let url = format!(
            "{}/{pod}/portforward?ports={port}",
            Pod::url_path(&(), Some(self.namespace()))
        );
        let opening = async {
            let upgrade = http::Request::get(url)
                .body(Vec::new())
                .map_err(kube::Error::HttpError)?;
            let connection = self.client.connect(upgrade).await;
            Ok(connection.map(|connection| Tunnel::over(connection.into_stream(), port)))
        };
        self.ask(request, opening).await
    }

    fn forward_failure(&self, request: &Request, error: kube::Error) -> Error {
        match error {
            kube::Error::Api(status) if status.code >= 500 => Error::new(
                Kind::Cluster,
                format!("cannot forward a port to pod {:?}", request_pod(request)),
            )
            .because(status.message.clone()),
            kube::Error::UpgradeConnection(error) => Error::new(
                Kind::Cluster,
                format!("cannot forward a port to pod {:?}", request_pod(request)),
            )
            .because(failure::chain(&error))
            .hint("a proxy before the API server must let WebSockets through"),
            error => self.place.failure(request, error),
        }
    }
}

fn request_pod(request: &Request) -> &str {
    request.name.as_deref().unwrap_or_default()
}

/// Whether the failure is of the kind that passes: the API server cannot reach the kubelet.
fn is_passing(error: &kube::Error) -> bool {
    match error {
        kube::Error::Api(status) => {
            status.code >= 500 || status.message.contains("tls: internal error")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::super::fake::{cluster, refusal};
    use super::*;

    async fn tries(code: u16, message: &'static str) -> (u32, Error) {
        let count = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&count);
        let cluster = cluster(move |_| {
            seen.fetch_add(1, Ordering::Relaxed);
            let reason = if code == 403 {
                "Forbidden"
            } else {
                "InternalError"
            };
            async move { refusal(code, reason, message, "") }
        });
        let error = cluster.forward("kube0-1", 1234).await.unwrap_err();
        (count.load(Ordering::Relaxed), error)
    }

    #[tokio::test]
    async fn a_kubelet_that_is_not_ready_is_tried_again() {
        let text = "error dialing backend: remote error: tls: internal error";
        let (count, error) = tries(500, text).await;
        assert_eq!(count, TRIES);
        assert_eq!(error.kind(), Kind::Cluster);
        assert_eq!(error.causes(), [text]);
    }

    #[tokio::test]
    async fn a_refusal_is_not() {
        let text = r#"pods "kube0-1" is forbidden: User "u" cannot get resource "pods/portforward" in API group "" in the namespace "team""#;
        let (count, error) = tries(403, text).await;
        assert_eq!(count, 1);
        assert!(
            error
                .hint_text()
                .unwrap()
                .contains("--subresource=portforward")
        );
    }
}
