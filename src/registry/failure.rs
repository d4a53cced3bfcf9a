//! Why a registry did not do what it was asked for.

use std::error::Error as StdError;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde::Deserialize;

use super::credentials::CredentialsError;

/// Characters of an answer that is no error message of a registry's.
const EXCERPT: usize = 200;

/// Why a registry did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// It cannot be reached from here.
    #[error("cannot reach {0} from this machine")]
    Unreachable(String, #[source] Box<dyn StdError + Send + Sync>),
    /// It refused.
    #[error("{server} refused to {what}: {answer}")]
    Refused {
        /// Whether another login could help.
        by_login: bool,
        /// The registry, or who gives out its tokens.
        server: String,
        /// What it was asked for.
        what: String,
        /// Its answer.
        answer: String,
    },
    /// There is no login.
    #[error(transparent)]
    Login(#[from] CredentialsError),
    /// It would have the password sent where everybody can read it.
    #[error("{0} wants its password sent to {1}, without encryption")]
    Exposed(String, String),
    /// Who should give out tokens answered with something else.
    #[error("{0} answered without a token")]
    NoToken(String),
    /// The daemon wants the login sent to somebody whom the registry does not name.
    #[error(
        "the daemon asks for a token of {host} from {wanted}, but {host} itself names {named}: \
         the login was not sent"
    )]
    Diverted {
        /// The registry.
        host: String,
        /// Where the daemon would have the login sent.
        wanted: String,
        /// Who gives out tokens, by the registry's own word.
        named: String,
    },
    /// This machine fetches no tokens for the registry.
    #[error("tokens for {host} are not fetched by this machine: {why}")]
    NotHere {
        /// The registry.
        host: String,
        /// Why.
        why: String,
    },
    /// It gave something else than what it was asked for.
    #[error("{0} answered with another content than {1}")]
    Changed(String, String),
}

impl RegistryError {
    pub(super) fn unreachable(
        server: &str,
        error: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::Unreachable(server.to_owned(), error.into())
    }

    /// What to do about it, if that is known.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Refused { by_login: true, .. } => Some(
                "log in with docker login, or name a Secret with --registry-secret; \
                 the login has to be of somebody who may do this",
            ),
            Self::Exposed(..) => Some("give the registry and its token server TLS"),
            Self::Unreachable(..) | Self::NotHere { .. } | Self::Diverted { .. } => Some(
                "with BUILDKIT_NO_CLIENT_TOKEN=1 the daemon gets the login and fetches tokens itself",
            ),
            _ => None,
        }
    }

    pub(super) fn refused(server: &str, what: &str, response: &Response<Bytes>) -> Self {
        Self::Refused {
            by_login: matches!(
                response.status(),
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
            ),
            server: server.to_owned(),
            what: what.to_owned(),
            answer: answer(response),
        }
    }
}

/// The innermost cause of an error: the layers of a connection only say that it failed.
pub(super) fn innermost<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause
}

#[derive(Deserialize)]
struct Answer {
    errors: Vec<Problem>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Problem {
    code: String,
    message: String,
}

/// The status and the registry's own words, else the beginning of what it said.
fn answer(response: &Response<Bytes>) -> String {
    let body = response.body();
    let word = |problem: &Problem| match problem.message.as_str() {
        "" => problem.code.clone(),
        message => message.to_owned(),
    };
    let excerpt = |_: serde_json::Error| {
        let text = String::from_utf8_lossy(body);
        text.trim().chars().take(EXCERPT).collect()
    };
    let listed = |Answer { errors }| errors.iter().map(word).collect::<Vec<_>>().join("; ");
    let words: String = serde_json::from_slice(body).map_or_else(excerpt, listed);
    match words.as_str() {
        "" => response.status().to_string(),
        words => format!("{}: {words}", response.status()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registrys_own_words() {
        let said = |body: &'static str| {
            let mut response = Response::new(Bytes::from_static(body.as_bytes()));
            *response.status_mut() = StatusCode::FORBIDDEN;
            answer(&response)
        };
        assert_eq!(said(""), "403 Forbidden");
        assert_eq!(said("nope\n"), "403 Forbidden: nope");
        let errors = r#"{"errors":[{"code":"DENIED","message":"no push"},{"code":"X"}]}"#;
        assert_eq!(said(errors), "403 Forbidden: no push; X");
        assert!(said(Box::leak("<html>".repeat(99).into_boxed_str())).len() < 250);
    }
}
