//! The first words with a registry: how it is spoken to, and what it wants before it answers.

use http::{Request, StatusCode, Uri};
use http_body_util::Full;
use hyper_util::client::proxy::matcher::Matcher;

use super::address::schemes;
use super::challenge::{Challenge, challenge};
use super::failure::RegistryError;
use super::http_client::{Http, HttpError};
use crate::model::Trust;

/// A registry that answered.
pub(super) struct Reached {
    pub(super) http: Http,
    pub(super) scheme: &'static str,
    /// What it wants.
    pub(super) wanted: Option<Challenge>,
}

/// Reaches the server at `host`, with TLS if it has that.
pub(super) async fn reach(
    host: &str,
    proxies: &Matcher,
    trust: &Trust,
) -> Result<Reached, RegistryError> {
    let mut first = None;
    for scheme in schemes(host, trust.is_plain) {
        match ping(host, scheme, proxies, trust).await {
            Ok(reached) => return Ok(reached),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or_else(|| RegistryError::unreachable(host, HttpError::Timeout)))
}

async fn ping(
    host: &str,
    scheme: &'static str,
    proxies: &Matcher,
    trust: &Trust,
) -> Result<Reached, RegistryError> {
    let uri: Uri = format!("{scheme}://{host}/v2/")
        .parse()
        .map_err(|error| RegistryError::unreachable(host, error))?;
    let http =
        Http::new(&uri, proxies, trust).map_err(|error| RegistryError::unreachable(host, error))?;
    let mut request = Request::new(Full::default());
    *request.uri_mut() = uri;
    let sent = http.send(&request).await;
    let response = sent.map_err(|error| RegistryError::unreachable(host, error))?;
    let wanted = match response.status() {
        StatusCode::OK => None,
        StatusCode::UNAUTHORIZED => match challenge(response.headers()) {
            Some(wanted) => Some(wanted),
            None => return Err(RegistryError::refused(host, "say how to log in", &response)),
        },
        _ => {
            let what = "speak the registry protocol";
            return Err(RegistryError::refused(host, what, &response));
        }
    };
    Ok(Reached {
        http,
        scheme,
        wanted,
    })
}
