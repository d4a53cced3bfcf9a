//! A request that becomes a WebSocket.
//!
//! kube has this too, for two protocols of its choice.

use http::header::{
    CONNECTION, HeaderMap, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use kube::Client;
use kube::client::{Body, UpgradeConnectionError};
use kube::core::Status;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

/// An open WebSocket to the API server.
pub(super) type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// Asks for `path` as a WebSocket that speaks one of `protocols`, the best first. Returns it with the one that the
/// server chose.
pub(super) async fn open(
    client: &Client,
    path: &str,
    protocols: &[&'static str],
) -> kube::Result<(Socket, &'static str)> {
    let key = generate_key();
    let mut request = Request::get(path)
        .body(Body::empty())
        .map_err(kube::Error::HttpError)?;
    let wanted = HeaderValue::from_str(&protocols.join(", "));
    let key_value = HeaderValue::from_str(&key);
    let invalid = |error: http::header::InvalidHeaderValue| kube::Error::HttpError(error.into());
    request.headers_mut().extend([
        (CONNECTION, HeaderValue::from_static("Upgrade")),
        (UPGRADE, HeaderValue::from_static("websocket")),
        (SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13")),
        (SEC_WEBSOCKET_KEY, key_value.map_err(invalid)?),
        (SEC_WEBSOCKET_PROTOCOL, wanted.map_err(invalid)?),
    ]);
    let response = client.send(request).await?;
    if response.status().is_client_error() || response.status().is_server_error() {
        return Err(refusal(response).await?);
    }
    let protocol = chosen(response.status(), response.headers(), &key, protocols)
        .map_err(kube::Error::UpgradeConnection)?;
    let upgraded = hyper::upgrade::on(response).await.map_err(|error| {
        kube::Error::UpgradeConnection(UpgradeConnectionError::GetPendingUpgrade(error))
    })?;
    let stream = TokioIo::new(upgraded);
    let socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
    Ok((socket, protocol))
}

/// Why the server does not want to. Proxies answer with text where Kubernetes has a status.
async fn refusal(response: Response<Body>) -> kube::Result<kube::Error> {
    let code = response.status().as_u16();
    let body = response.into_body().collect().await?.to_bytes();
    let status = serde_json::from_slice(&body).unwrap_or_else(|_| {
        let text = String::from_utf8_lossy(&body);
        Status::failure(text.trim(), "").with_code(code)
    });
    Ok(kube::Error::Api(Box::new(status)))
}

/// The protocol that the server chose, if it became a WebSocket at all (RFC 6455, section 4.1).
fn chosen(
    status: StatusCode,
    headers: &HeaderMap,
    key: &str,
    protocols: &[&'static str],
) -> Result<&'static str, UpgradeConnectionError> {
    let value = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let is = |name, wanted: &str| {
        value(name).is_some_and(|value: &str| value.eq_ignore_ascii_case(wanted))
    };
    if status != StatusCode::SWITCHING_PROTOCOLS {
        return Err(UpgradeConnectionError::ProtocolSwitch(status));
    }
    if !is(UPGRADE, "websocket") {
        return Err(UpgradeConnectionError::MissingUpgradeWebSocketHeader);
    }
    if !is(CONNECTION, "Upgrade") {
        return Err(UpgradeConnectionError::MissingConnectionUpgradeHeader);
    }
    if value(SEC_WEBSOCKET_ACCEPT) != Some(derive_accept_key(key.as_bytes()).as_str()) {
        return Err(UpgradeConnectionError::SecWebSocketAcceptKeyMismatch);
    }
    let protocol = value(SEC_WEBSOCKET_PROTOCOL);
    let mut offered = protocols.iter();
    let protocol = offered.find(|offered| protocol == Some(**offered));
    protocol
        .copied()
        .ok_or(UpgradeConnectionError::SecWebSocketProtocolMismatch)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    const PROTOCOLS: &[&str] = &["new", "old"];

    fn choice(change: impl FnOnce(&mut HeaderMap)) -> Result<&'static str, UpgradeConnectionError> {
        let mut headers = HeaderMap::new();
        // The example of RFC 6455, section 1.3.
        headers.insert(
            SEC_WEBSOCKET_ACCEPT,
            HeaderValue::from_static("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        );
        headers.insert(UPGRADE, HeaderValue::from_static("WebSocket"));
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("old"));
        change(&mut headers);
        chosen(StatusCode::SWITCHING_PROTOCOLS, &headers, KEY, PROTOCOLS)
    }

    #[test]
    fn the_server_chooses_among_what_was_offered() {
        assert_eq!(choice(|_| ()).unwrap(), "old");
        for other in ["newer", "", "old, new"] {
            let outcome = choice(|headers| {
                headers.insert(
                    SEC_WEBSOCKET_PROTOCOL,
                    HeaderValue::from_str(other).unwrap(),
                );
            });
            let error = outcome.unwrap_err();
            assert!(matches!(
                error,
                UpgradeConnectionError::SecWebSocketProtocolMismatch
            ));
        }
    }

    #[test]
    fn what_is_no_websocket_is_refused() {
        for name in [
            UPGRADE,
            CONNECTION,
            SEC_WEBSOCKET_ACCEPT,
            SEC_WEBSOCKET_PROTOCOL,
        ] {
            choice(|headers| drop(headers.remove(&name))).unwrap_err();
            choice(|headers| drop(headers.insert(&name, HeaderValue::from_static("x"))))
                .unwrap_err();
        }
        let ok = chosen(StatusCode::OK, &HeaderMap::new(), KEY, PROTOCOLS);
        assert!(matches!(
            ok,
            Err(UpgradeConnectionError::ProtocolSwitch(StatusCode::OK))
        ));
    }
}
