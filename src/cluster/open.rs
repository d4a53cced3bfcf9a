//! Opens a stream to a pod: a request that becomes a WebSocket.

use k8s_openapi::api::core::v1::Pod;
use kube::Resource;

use crate::error::{Error, Kind, Result};

use super::channels::Channels;
use super::failure::{self, Request};
use super::{Cluster, Tunnel, websocket};

/// How often a stream is tried to be opened.
const TRIES: u32 = 5;

/// Why no stream was opened.
#[derive(Debug)]
pub enum OpenError {
    /// The user may not have such a stream; another kind may be allowed.
    Forbidden(Error),
    /// Anything else.
    Failed(Error),
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Forbidden(error) | OpenError::Failed(error) => error,
        }
    }
}

/// What is asked for.
pub(super) struct Opening<'a> {
    /// What that is to a person, as in `cannot {what} pod "kube0-1"`.
    pub(super) what: &'static str,
    /// The pod.
    pub(super) pod: &'a str,
    /// The subresource of the pod.
    pub(super) subresource: &'static str,
    /// Its parameters, encoded.
    pub(super) query: String,
    /// The protocols that are offered to the server, the best first.
    pub(super) protocols: &'static [&'static str],
}

impl Opening<'_> {
    fn request(&self) -> Request {
        Request {
            verb: "get",
            resource: format!("pods/{}", self.subresource),
            name: Some(self.pod.to_owned()),
        }
    }
}

impl Cluster {
    /// Opens a stream. A kubelet that is not ready yet (its certificate is signed seconds after it
    /// joined) is tried again, a few times.
    ///
    /// `channels` is told which of the protocols the server chose.
    pub(super) async fn open(
        &self,
        opening: &Opening<'_>,
        channels: impl Fn(&str) -> Box<dyn Channels>,
    ) -> Result<Tunnel, OpenError> {
        let mut pause = self.first_pause;
        for _ in 1..TRIES {
            match self.try_open(opening, &channels).await? {
                Ok(tunnel) => return Ok(tunnel),
                Err(error) if is_passing(&error) => {}
                Err(error) => return Err(self.not_opened(opening, error)),
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        let last = self.try_open(opening, &channels).await?;
        last.map_err(|error| self.not_opened(opening, error))
    }

    async fn try_open(
        &self,
        opening: &Opening<'_>,
        channels: impl Fn(&str) -> Box<dyn Channels>,
    ) -> Result<kube::Result<Tunnel>, OpenError> {
        let Opening {
            pod,
            subresource,
            query,
            ..
        } = opening;
        let pods = Pod::url_path(&(), Some(self.namespace()));
        let path = format!("{pods}/{pod}/{subresource}?{query}");
        let attempt = async {
            let opened = websocket::open(&self.client, &path, opening.protocols).await;
            Ok(opened.map(|(socket, protocol)| Tunnel::over(socket, channels(protocol))))
        };
        let answer = self.ask(&opening.request(), attempt).await;
        answer.map_err(OpenError::Failed)
    }

    fn not_opened(&self, opening: &Opening<'_>, error: kube::Error) -> OpenError {
        let failed = |cause| {
            let message = format!("cannot {} pod {:?}", opening.what, opening.pod);
            Error::new(Kind::Cluster, message).because(cause)
        };
        OpenError::Failed(match error {
            kube::Error::Api(status) if status.code >= 500 => failed(status.message),
            kube::Error::UpgradeConnection(error) => failed(failure::chain(&error))
                .hint("a proxy before the API server must let WebSockets through"),
            kube::Error::Api(status) if status.code == 403 => {
                let refusal = kube::Error::Api(status);
                return OpenError::Forbidden(self.place.failure(&opening.request(), refusal));
            }
            error => self.place.failure(&opening.request(), error),
        })
    }
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

    /// A cluster that refuses each upgrade, and how often it was asked.
    fn refusing(code: u16, message: String) -> (Cluster, Arc<AtomicU32>) {
        let count = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&count);
        let cluster = cluster(move |_| {
            seen.fetch_add(1, Ordering::Relaxed);
            let reason = if code == 403 {
                "Forbidden"
            } else {
                "InternalError"
            };
            let answer = refusal(code, reason, &message, "");
            async move { answer }
        });
        (cluster, count)
    }

    #[tokio::test]
    async fn a_kubelet_that_is_not_ready_is_tried_again() {
        let text = "error dialing backend: remote error: tls: internal error";
        let (cluster, count) = refusing(500, text.into());
        let error: Error = cluster.forward("kube0-1", 1234).await.unwrap_err().into();
        assert_eq!(count.swap(0, Ordering::Relaxed), TRIES);
        assert_eq!(error.kind(), Kind::Cluster);
        assert_eq!(
            error.to_string(),
            r#"cannot forward a port to pod "kube0-1""#
        );
        assert_eq!(error.causes(), [text]);

        let exec = cluster.exec("kube0-1", "buildkitd", &["buildctl"]).await;
        let error: Error = exec.unwrap_err().into();
        assert_eq!(count.load(Ordering::Relaxed), TRIES);
        assert_eq!(
            error.to_string(),
            r#"cannot run a command in pod "kube0-1""#
        );
    }

    #[tokio::test]
    async fn a_refusal_is_not_and_names_the_right() {
        for subresource in ["portforward", "exec"] {
            let text = format!(
                r#"pods "kube0-1" is forbidden: User "u" cannot create resource "pods/{subresource}" in API group "" in the namespace "team""#
            );
            let (cluster, count) = refusing(403, text);
            let opened = if subresource == "exec" {
                cluster.exec("kube0-1", "buildkitd", &["buildctl"]).await
            } else {
                cluster.forward("kube0-1", 1234).await
            };
            let OpenError::Forbidden(error) = opened.unwrap_err() else {
                panic!("a refusal")
            };
            assert_eq!(count.load(Ordering::Relaxed), 1);
            assert_eq!(
                error.to_string(),
                format!(
                    r#"forbidden: user "u" cannot create pods/{subresource} in namespace "team""#
                )
            );
            let hint = error.hint_text().unwrap();
            let right = format!("can-i create pods --subresource={subresource} -n team");
            assert!(hint.ends_with(&right), "{hint}");
        }
    }
}
