//! Tokens: what a registry wants instead of the password, given out by a server of its choice.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;

use super::access::basic;
use super::failure::RegistryError;
use super::http_client::Http;
use super::login::Login;

/// The name under which we ask; token servers show it in their logs.
pub(super) const CLIENT: &str = "kubectl-buildkit";

/// What stands for itself nowhere in a form.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Seconds that a token is good if nobody says how long.
const USUAL_LIFE: i64 = 60;

/// A token, and for whom it is.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// Where tokens are given out.
    pub(super) realm: &'a str,
    /// The registry's name for itself.
    pub(super) service: &'a str,
    /// What it shall be good for: `repository:NAME:pull,push`.
    pub(super) scopes: &'a [String],
    /// Who asks.
    pub(super) client: &'a str,
}

/// A token.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// What the registry takes.
    pub text: String,
    /// Seconds that it is good.
    pub expires_in: i64,
    /// Since when, if the server said so.
    pub issued_at: Option<Timestamp>,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token")
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Answer {
    token: String,
    access_token: String,
    // Of any type: a token is not lost because of what stands beside it.
    expires_in: Value,
    issued_at: Value,
}

/// Gets a token in the ways that servers know: an identity token is exchanged, a password asked with,
/// and each by the other way where the server does not take the first. The first refusal is the one
/// that is reported: it is about the way that fits the login.
pub(super) async fn fetch(
    http: &Http,
    asked: Asked<'_>,
    login: &Login,
) -> Result<Token, RegistryError> {
    if !login.registry_token.is_empty() {
        return Ok(Token::as_it_is(login));
    }
    let [first, second] = if login.is_identity() {
        [exchange(asked, login), question(asked, login)]
    } else {
        [question(asked, login), exchange(asked, login)]
    };
    let response = send(http, asked, first).await?;
    let has_other = !login.secret.is_empty() && is_the_wrong_way(response.status());
    if !has_other {
        return read(asked, &response);
    }
    let other = send(http, asked, second).await?;
    read(asked, &other).or_else(|_| read(asked, &response))
}

/// Whether a server may say this for it does not know the way, rather than the login.
fn is_the_wrong_way(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::UNAUTHORIZED
    )
}

async fn send(
    http: &Http,
    asked: Asked<'_>,
    request: http::Result<Request<Full<Bytes>>>,
) -> Result<Response<Bytes>, RegistryError> {
    let request = request.map_err(|error| RegistryError::unreachable(asked.realm, error))?;
    let response = http.send(&request).await;
    response.map_err(|error| RegistryError::unreachable(asked.realm, error))
}

fn read(asked: Asked<'_>, response: &Response<Bytes>) -> Result<Token, RegistryError> {
    let what = format!("give a token for {}", asked.scopes.join(" "));
    if !response.status().is_success() {
        return Err(RegistryError::refused(asked.realm, &what, response));
    }
    let answer: Answer = serde_json::from_slice(response.body()).unwrap_or_default();
    let texts = [answer.access_token, answer.token];
    let text = texts.into_iter().find(|text| !text.is_empty());
    // Nothing of the answer is shown: what was not understood may be a token.
    let Some(text) = text else {
        return Err(RegistryError::NoToken(asked.realm.to_owned()));
    };
    let life = answer.expires_in.as_i64().filter(|seconds| *seconds > 0);
    let issued_at = answer.issued_at.as_str().map(str::parse);
    Ok(Token {
        text,
        expires_in: life.unwrap_or(USUAL_LIFE),
        issued_at: issued_at.and_then(Result::ok),
    })
}

impl Token {
    /// The one that the registry takes as it is.
    pub(super) fn as_it_is(login: &Login) -> Self {
        Self {
            text: login.registry_token.clone(),
            expires_in: USUAL_LIFE,
            issued_at: None,
        }
    }
}

/// An ordinary question, with user and password if there are any.
fn question(asked: Asked<'_>, login: &Login) -> http::Result<Request<Full<Bytes>>> {
    let realm = asked.realm;
    let separator = if realm.contains('?') { '&' } else { '?' };
    let scopes = asked.scopes.iter().map(|scope| ("scope", scope.as_str()));
    let service = Some(("service", asked.service)).filter(|(_, name)| !name.is_empty());
    let fields: Vec<_> = scopes.chain(service).collect();
    let mut request = Request::builder().uri(format!("{realm}{separator}{}", form(&fields)));
    if !login.secret.is_empty() {
        request = request.header(AUTHORIZATION, secret(&basic(login))?);
    }
    request.body(Full::default())
}

/// The login for a token, as OAuth has it.
fn exchange(asked: Asked<'_>, login: &Login) -> http::Result<Request<Full<Bytes>>> {
    let scopes = asked.scopes.join(" ");
    let mut fields = vec![
        ("service", asked.service),
        ("scope", &scopes),
        ("client_id", asked.client),
    ];
    if login.is_identity() {
        fields.extend([
            ("grant_type", "refresh_token"),
            ("refresh_token", &login.secret),
        ]);
    } else {
        fields.extend([
            ("grant_type", "password"),
            ("username", &login.username),
            ("password", &login.secret),
        ]);
    }
    Request::builder()
        .method(Method::POST)
        .uri(asked.realm)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::from(form(&fields)))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(body: &'static str) -> Result<Token, String> {
        let scopes = ["repository:x:pull".to_owned()];
        let asked = Asked {
            realm: "https://a.example/token",
            service: "",
            scopes: &scopes,
            client: CLIENT,
        };
        let response = Response::new(Bytes::from_static(body.as_bytes()));
        read(asked, &response).map_err(|error| error.to_string())
    }

    #[test]
    fn answers_of_servers() {
        let full = answered(
            r#"{"token": "t", "expires_in": 300, "issued_at": "2026-01-02T03:04:05.678Z"}"#,
        );
        let full = full.unwrap();
        assert_eq!((full.text.as_str(), full.expires_in), ("t", 300));
        assert_eq!(full.issued_at.unwrap().as_second(), 1_767_323_045);
        let both = answered(r#"{"token": "t", "access_token": "a"}"#).unwrap();
        assert_eq!((both.text.as_str(), both.expires_in), ("a", 60));
        let odd = r#"{"token": "t", "expires_in": "300", "issued_at": 7}"#;
        let odd = answered(odd).unwrap();
        assert_eq!((odd.expires_in, odd.issued_at), (60, None));
        assert!(!format!("{both:?}").contains(r#""a""#));
    }

    #[test]
    fn an_answer_that_is_not_understood_is_not_shown() {
        let expected = "https://a.example/token answered without a token";
        for body in ["", "s3cret", r#"{"id_token": "s3cret"}"#, r#"{"token": 7}"#] {
            assert_eq!(answered(body), Err(expected.to_owned()), "{body}");
        }
    }
}
