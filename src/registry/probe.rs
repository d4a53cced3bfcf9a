//! Whether this machine can fetch a registry's tokens: found out once for each, and quickly.

use std::time::Duration;

use http::{Method, Request};
use http_body_util::Full;
use hyper_util::client::proxy::matcher::Matcher;
use tokio::sync::OnceCell;

use super::challenge::Challenge;
use super::failure::{RegistryError, innermost};
use super::reach::reach;
use super::realm::Realm;
use crate::model::Trust;

/// How long the registry and its token server may take to answer. The daemon waits meanwhile.
const PATIENCE: Duration = Duration::from_secs(3);

/// What was found out, if anything was yet.
pub(super) type Probed = OnceCell<Result<Realm, Unable>>;

/// Why this machine cannot fetch tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unable(pub(super) String);

/// Asks the registry at `host` who gives out its tokens, and whether anybody answers there.
pub(super) async fn probe(host: &str, proxies: &Matcher, trust: &Trust) -> Result<Realm, Unable> {
    let answer = tokio::time::timeout(PATIENCE, realm(host, proxies, trust)).await;
    let late = || Unable(format!("no answer within {} seconds", PATIENCE.as_secs()));
    answer.unwrap_or_else(|_| Err(late()))
}

async fn realm(host: &str, proxies: &Matcher, trust: &Trust) -> Result<Realm, Unable> {
    let reached = reach(host, proxies, trust)
        .await
        .map_err(|error| words(&error))?;
    let Some(Challenge::Bearer { realm, .. }) = &reached.wanted else {
        let silent = "it does not say who gives out its tokens";
        return Err(Unable(silent.to_owned()));
    };
    let realm = Realm::new(realm, reached.scheme, proxies, trust).map_err(|error| words(&error))?;
    let of_registry = format!("{}://{host}/", reached.scheme).parse();
    if of_registry.is_ok_and(|uri| realm.has(&uri)) {
        return Ok(realm);
    }
    // Any answer shows that somebody is there; the connection is kept for the token.
    let mut request = Request::new(Full::default());
    *request.method_mut() = Method::HEAD;
    request.uri_mut().clone_from(&realm.uri);
    let answered = realm.http.once(&request).await;
    let unreachable = |error| {
        let cause = innermost(&error);
        Unable(format!(
            "its token server {} is out of reach: {cause}",
            realm.uri
        ))
    };
    answered.map_err(unreachable)?;
    Ok(realm)
}

fn words(error: &RegistryError) -> Unable {
    Unable(innermost(error).to_string())
}
