//! The logins that a user has: where they are looked for, and in which order.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio::sync::Mutex;

use crate::env::Env;

use super::helper::{self, HelperError};
use super::login::Login;
use super::logins::{BrokenEntry, Entry, Logins, is_same};

/// Docker Hub's registry, and the key under which `docker login` and helpers keep its login.
const HUB_HOST: &str = "registry-1.docker.io";
const HUB_KEY: &str = "https://index.docker.io/v1/";

/// Registries that take the login of Docker Hub, if they have none of their own.
const LIKE_HUB: [&str; 2] = ["dhi.io", "registry.scout.docker.com"];

/// The variable with logins that beat those of the docker config file.
const VARIABLE: &str = "DOCKER_AUTH_CONFIG";

/// How long a login is good: some helpers give out what ends after five minutes.
const FRESH: Duration = Duration::from_secs(290);

/// Why logins cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The docker config file is there but cannot be read.
    #[error("cannot read {}", .0.display())]
    Read(PathBuf, #[source] io::Error),
    /// It is no JSON of the expected shape.
    #[error("{} is no docker config file", .0.display())]
    Parse(PathBuf, #[source] serde_json::Error),
    /// The variable has something else in it.
    #[error(
        "${VARIABLE} is not {{\"auths\": {{REGISTRY: {{\"auth\": base64 of user:password}}}}}}"
    )]
    Variable(#[source] serde_json::Error),
}

/// Why there is no answer for a registry.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// An entry is unusable.
    #[error(transparent)]
    Entry(#[from] BrokenEntry),
    /// The helper failed.
    #[error(transparent)]
    Helper(#[from] HelperError),
}

/// The logins that this user has.
#[derive(Default)]
pub struct Credentials {
    /// What was named for this build, and what the environment says: the first one wins.
    first: Vec<Logins>,
    config: Config,
    /// Helpers run one at a time: keychains that ask the user hang when asked twice at once.
    known: Mutex<Known>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("first", &self.first)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// The docker config file.
#[derive(Debug, Default)]
struct Config {
    logins: Logins,
    helpers: BTreeMap<String, String>,
    store: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct File {
    auths: BTreeMap<String, Entry>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: String,
}

/// Logins that were found a while ago.
#[derive(Default)]
struct Known(BTreeMap<String, (Instant, Login)>);

impl Known {
    fn get(&self, host: &str, now: Instant) -> Option<&Login> {
        let (since, login) = self.0.get(host)?;
        (now.saturating_duration_since(*since) < FRESH).then_some(login)
    }

    fn keep(&mut self, host: &str, login: &Login, now: Instant) {
        self.0.insert(host.to_owned(), (now, login.clone()));
    }
}

impl Credentials {
    /// Reads `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. No file, no logins.
    pub fn load(env: &Env) -> Result<Self, ConfigError> {
        let config = match env.docker_config() {
            Some(folder) => Config::read(&folder.join("config.json"))?,
            None => Config::default(),
        };
        Ok(Self {
            config,
            ..Self::default()
        })
    }

    /// Reads the logins of the environment, which beat those that are there already.
    pub fn read_variable(&mut self, env: &Env) -> Result<(), ConfigError> {
        if let Some(text) = env.var(VARIABLE) {
            let place = format!("${VARIABLE}");
            let logins = Logins::from_strict_config(&place, text.as_bytes());
            self.first.insert(0, logins.map_err(ConfigError::Variable)?);
        }
        Ok(())
    }

    /// Adds logins that beat all others; the first of them wins.
    pub fn prefer(&mut self, logins: Vec<Logins>) {
        self.first.splice(0..0, logins);
    }

    /// The login for the registry at `host`; an empty one if there is none.
    pub async fn login(&self, host: &str) -> Result<Login, CredentialsError> {
        let mut known = self.known.lock().await;
        if let Some(login) = known.get(host, Instant::now()) {
            return Ok(login.clone());
        }
        let mut login = self.find(host).await?;
        if login.is_empty() && LIKE_HUB.contains(&host) {
            login = self.find(HUB_HOST).await?;
        }
        known.keep(host, &login, Instant::now());
        Ok(login)
    }

    async fn find(&self, host: &str) -> Result<Login, CredentialsError> {
        for logins in &self.first {
            if let Some(login) = logins.login(host)? {
                return Ok(login);
            }
        }
        let Some(helper) = self.config.helper(host) else {
            return Ok(self.config.logins.login(host)?.unwrap_or_default());
        };
        let key = if host == HUB_HOST { HUB_KEY } else { host };
        let mut login = helper::get(helper, key).await?.unwrap_or_default();
        login.registry_token = self.config.logins.registry_token(host);
        Ok(login)
    }
}

impl Config {
    fn read(file: &Path) -> Result<Self, ConfigError> {
        let text = match std::fs::read(file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(ConfigError::Read(file.to_owned(), error)),
        };
        Self::parse(&file.display().to_string(), &text)
            .map_err(|error| ConfigError::Parse(file.to_owned(), error))
    }

    fn parse(place: &str, text: &[u8]) -> serde_json::Result<Self> {
        // docker takes an empty file, which some tools mount where there are no logins.
        if text.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        let file: File = serde_json::from_slice(text)?;
        Ok(Self {
            logins: Logins::new(place.to_owned(), file.auths),
            helpers: file.cred_helpers,
            store: file.creds_store,
        })
    }

    /// The helper that keeps the login for `host`: its own, else the store for all.
    fn helper(&self, host: &str) -> Option<&str> {
        let own = self.helpers.iter().find(|(name, _)| is_same(name, host));
        let helper = own.map_or(self.store.as_str(), |(_, helper)| helper);
        Some(helper).filter(|helper| !helper.is_empty())
    }
}

#[cfg(test)]
#[path = "credentials_tests.rs"]
mod tests;
