//! The way into a registry: who asks, how it is spoken to, and what it wants before it answers.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hyper_util::client::proxy::matcher::Matcher;

use super::credentials::Credentials;
use super::http_client::proxies;
use super::login::Login;
use crate::env::Env;

/// Who asks registries: whose logins, through which proxies.
pub struct Registries {
    pub(super) credentials: Arc<Credentials>,
    pub(super) proxies: Matcher,
}

impl fmt::Debug for Registries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Proxies may have passwords.
        f.debug_struct("Registries").finish_non_exhaustive()
    }
}

impl Registries {
    /// The registries as this user reaches them.
    pub fn new(credentials: Arc<Credentials>, env: &Env) -> Self {
        Self {
            credentials,
            proxies: proxies(env),
        }
    }
}

/// User and password as a header.
pub(super) fn basic(login: &Login) -> String {
    let pair = format!("{}:{}", login.username, login.secret);
    format!("Basic {}", BASE64.encode(pair))
}
