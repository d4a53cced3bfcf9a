//! Tokens that this machine fetches for a daemon, so that the daemon never has the login.

use std::sync::{Arc, PoisonError};

use http::Uri;

use super::access::Registries;
use super::credentials::CredentialsError;
use super::failure::RegistryError;
use super::login::Login;
use super::probe::{Probed, Unable, probe};
use super::token::{self, Asked, Token};
use super::trust::TrustOf;

/// Who fetches the tokens of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetcher {
    /// This machine, with this login.
    Client(Login),
    /// The daemon, and there is no secret that it would learn, or that is what the user wants.
    Daemon,
    /// The daemon, because this machine cannot. The reason is given once for each registry.
    DaemonOnly(Option<String>),
}

/// What a daemon wants a token for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenRequest {
    /// The registry.
    pub host: String,
    /// Where tokens are given out, as the daemon was told.
    pub realm: String,
    /// The registry's name for itself.
    pub service: String,
    /// What the token shall be good for.
    pub scopes: Vec<String>,
    /// Who asks.
    pub client: String,
}

impl Registries {
    /// Who fetches the tokens of the registry at `host`.
    pub async fn fetcher(&self, host: &str, trust: &TrustOf) -> Result<Fetcher, CredentialsError> {
        if !self.fetches_tokens {
            return Ok(Fetcher::Daemon);
        }
        let login = self.credentials.login(host).await?;
        if login.is_empty() {
            return Ok(Fetcher::Daemon);
        }
        if !login.registry_token.is_empty() {
            return Ok(Fetcher::Client(login));
        }
        let (probed, is_new) = self.probed(host, trust).await;
        Ok(match probed.get() {
            Some(Ok(_)) => Fetcher::Client(login),
            Some(Err(Unable(why))) => Fetcher::DaemonOnly(is_new.then(|| why.clone())),
            None => Fetcher::DaemonOnly(None),
        })
    }

    /// Fetches a token. The login goes to nobody whom the registry itself does not name: a daemon
    /// could ask for one from a server of its own.
    pub async fn token(
        &self,
        request: &TokenRequest,
        trust: &TrustOf,
    ) -> Result<Token, RegistryError> {
        let host = &request.host;
        let login = self.credentials.login(host).await?;
        if !login.registry_token.is_empty() {
            return Ok(Token::as_it_is(&login));
        }
        let not_here = |why: &str| RegistryError::NotHere {
            host: host.clone(),
            why: why.to_owned(),
        };
        if !self.fetches_tokens {
            return Err(not_here("BUILDKIT_NO_CLIENT_TOKEN is set"));
        }
        let (probed, _) = self.probed(host, trust).await;
        let realm = match probed.get() {
            Some(Ok(realm)) => realm,
            Some(Err(Unable(why))) => return Err(not_here(why)),
            None => return Err(not_here("nobody knows where")),
        };
        let wanted = request.realm.parse::<Uri>();
        if !wanted.is_ok_and(|wanted| realm.has(&wanted)) {
            return Err(RegistryError::Diverted {
                host: host.clone(),
                wanted: request.realm.clone(),
                named: realm.uri.to_string(),
            });
        }
        realm.check_exposure(host, &login)?;
        let asked = Asked {
            realm: &request.realm,
            service: &request.service,
            scopes: &request.scopes,
            client: &request.client,
        };
        token::fetch(&realm.http, asked, &login).await
    }

    /// What is known of the registry at `host`, and whether that is new.
    async fn probed(&self, host: &str, trust: &TrustOf) -> (Arc<Probed>, bool) {
        let cell = {
            let mut probed = self.probed.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(probed.entry(host.to_owned()).or_default())
        };
        let mut is_new = false;
        cell.get_or_init(|| async {
            is_new = true;
            probe(host, &self.proxies, &trust.of(host).await).await
        })
        .await;
        (cell, is_new)
    }
}

#[cfg(test)]
#[path = "broker_tests.rs"]
mod tests;
