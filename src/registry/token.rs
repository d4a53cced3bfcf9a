//! Tokens: what a registry wants instead of the password, given out by a server of its choice.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Uri};
use http_body_util::Full;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::access::{Registries, basic};
use super::failure::RegistryError;
use super::http_client::Http;
use super::login::Login;
use crate::model::Trust;

/// The name under which we ask; token servers show it in their logs.
const CLIENT: &str = "kubectl-buildkit";

/// What stands for itself nowhere in a form.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What a token is for.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) registries: &'a Registries,
    pub(super) registry: &'a str,
    pub(super) path: &'a str,
    pub(super) trust: &'a Trust,
    /// Whether the registry itself is spoken to without TLS.
    pub(super) is_plain: bool,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Answer {
    token: String,
    access_token: String,
}

/// A token to read and write the repository.
pub(super) async fn fetch(
    realm: &str,
    service: Option<&str>,
    login: &Login,
    asked: Asked<'_>,
) -> Result<String, RegistryError> {
    let broken = |error: http::Error| RegistryError::unreachable(realm, error);
    let uri: Uri = realm
        .parse()
        .map_err(|error: http::uri::InvalidUri| broken(error.into()))?;
    let is_exposed = uri.scheme_str() != Some("https") && !asked.is_plain;
    if is_exposed && !login.secret.is_empty() {
        return Err(RegistryError::Exposed(asked.registry.into(), realm.into()));
    }
    let http = Http::new(&uri, &asked.registries.proxies, asked.trust)
        .map_err(|error| RegistryError::unreachable(realm, error))?;
    let scope = format!("repository:{}:pull,push", asked.path);
    let request = if login.username.is_empty() && !login.secret.is_empty() {
        exchange(realm, service, &scope, login)
    } else {
        question(realm, service, &scope, login)
    };
    let request = request.map_err(broken)?;
    let response = http.send(&request).await;
    let response = response.map_err(|error| RegistryError::unreachable(realm, error))?;
    let what = format!("give a token for {scope}");
    if !response.status().is_success() {
        return Err(RegistryError::refused(realm, &what, &response));
    }
    let answer: Answer = serde_json::from_slice(response.body()).unwrap_or_default();
    match [answer.token, answer.access_token]
        .into_iter()
        .find(|token| !token.is_empty())
    {
        Some(token) => Ok(token),
        None => Err(RegistryError::refused(realm, &what, &response)),
    }
}

/// An ordinary question, with user and password if there are any.
fn question(
    realm: &str,
    service: Option<&str>,
    scope: &str,
    login: &Login,
) -> http::Result<Request<Full<Bytes>>> {
    let separator = if realm.contains('?') { '&' } else { '?' };
    let mut fields = vec![("scope", scope)];
    fields.extend(service.map(|service| ("service", service)));
    let mut request = Request::builder().uri(format!("{realm}{separator}{}", form(&fields)));
    if !login.secret.is_empty() {
        request = request.header(AUTHORIZATION, secret(&basic(login))?);
    }
    request.body(Full::default())
}

/// An identity token, which is a login of its own kind, for a token that the registry takes.
fn exchange(
    realm: &str,
    service: Option<&str>,
    scope: &str,
    login: &Login,
) -> http::Result<Request<Full<Bytes>>> {
    let body = form(&[
        ("grant_type", "refresh_token"),
        ("service", service.unwrap_or_default()),
        ("scope", scope),
        ("client_id", CLIENT),
        ("refresh_token", &login.secret),
    ]);
    Request::builder()
        .method(Method::POST)
        .uri(realm)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::from(body))
}

fn secret(text: &str) -> http::Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text)?;
    value.set_sensitive(true);
    Ok(value)
}

fn form(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
    let fields = fields
        .iter()
        .map(|(key, value)| format!("{key}={}", encode(value)));
    fields.collect::<Vec<_>>().join("&")
}
