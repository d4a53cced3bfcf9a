//! The way into registries: who asks, through which proxies, and what is known of them already.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hyper_util::client::proxy::matcher::Matcher;

use super::credentials::{Credentials, CredentialsError};
use super::http_client::proxies;
use super::login::Login;
use super::probe::Probed;
use crate::env::Env;
use crate::model::boolean;

/// With this variable the daemon gets the logins, as it does where this machine reaches no registry.
const NO_TOKENS: &str = "BUILDKIT_NO_CLIENT_TOKEN";

/// Who asks registries: whose logins, through which proxies.
pub struct Registries {
    pub(super) credentials: Credentials,
    pub(super) proxies: Matcher,
    /// Whether tokens are fetched here at all.
    pub(super) fetches_tokens: bool,
    /// Registries by host that were tried, each once.
    pub(super) probed: Mutex<BTreeMap<String, Arc<Probed>>>,
}

impl fmt::Debug for Registries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Proxies may have passwords.
        f.debug_struct("Registries").finish_non_exhaustive()
    }
}

impl Default for Registries {
    /// Registries for nobody.
    fn default() -> Self {
        Self::new(Credentials::default(), &Env::default())
    }
}

impl Registries {
    /// The registries as this user reaches them.
    pub fn new(credentials: Credentials, env: &Env) -> Self {
        let is_off = env.var(NO_TOKENS).and_then(boolean) == Some(true);
        Self {
            credentials,
            proxies: proxies(env),
            fetches_tokens: !is_off,
            probed: Mutex::default(),
        }
    }

    /// The login for the registry at `host`; an empty one if there is none.
    pub async fn login(&self, host: &str) -> Result<Login, CredentialsError> {
        self.credentials.login(host).await
    }
}

/// User and password as a header.
pub(super) fn basic(login: &Login) -> String {
    let pair = format!("{}:{}", login.username, login.secret);
    format!("Basic {}", BASE64.encode(pair))
}
