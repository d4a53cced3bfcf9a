//! The docker config file: logins in it, and the helpers that it names.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;

use crate::env::Env;

use super::helper::{self, HelperError};
use super::login::Login;

/// Docker Hub's registry, and the key under which `docker login` keeps its login.
const HUB_HOST: &str = "registry-1.docker.io";
const HUB_KEY: &str = "https://index.docker.io/v1/";

/// Why the docker config file is unusable.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It is there but cannot be read.
    #[error("cannot read {}", .0.display())]
    Read(PathBuf, #[source] io::Error),
    /// It is no JSON of the expected shape.
    #[error("{} is no docker config file", .0.display())]
    Parse(PathBuf, #[source] serde_json::Error),
}

/// Why there is no answer for a registry.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// An entry's `auth` is not `base64(user:password)`.
    #[error(
        "the entry for {0} in the docker config file is broken: its auth is not base64 of user:password"
    )]
    Auth(String),
    /// The helper failed.
    #[error(transparent)]
    Helper(#[from] HelperError),
}

/// The logins that this user has.
#[derive(Debug, Default)]
pub struct Credentials {
    config: Config,
    /// Helpers run one at a time: keychains that ask the user hang when asked twice at once.
    turn: tokio::sync::Mutex<BTreeMap<String, Login>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Config {
    auths: BTreeMap<String, Entry>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: String,
    username: String,
    password: String,
    identitytoken: String,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").finish_non_exhaustive()
    }
}

impl Credentials {
    /// Reads `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. No file, no logins.
    pub fn load(env: &Env) -> Result<Self, ConfigError> {
        let folder = env
            .var("DOCKER_CONFIG")
            .map(|folder| env.absolute(folder))
            .or_else(|| env.home().map(|home| home.join(".docker")));
        let Some(folder) = folder else {
            return Ok(Self::default());
        };
        Self::read(&folder.join("config.json"))
    }

    fn read(file: &Path) -> Result<Self, ConfigError> {
        let text = match std::fs::read(file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(ConfigError::Read(file.to_owned(), error)),
        };
        let config = serde_json::from_slice(&text)
            .map_err(|error| ConfigError::Parse(file.to_owned(), error))?;
        Ok(Self {
            config,
            turn: tokio::sync::Mutex::default(),
        })
    }

    /// The login for the registry at `host`; an empty one if there is none.
    pub async fn login(&self, host: &str) -> Result<Login, CredentialsError> {
        let key = if host == HUB_HOST { HUB_KEY } else { host };
        let mut known = self.turn.lock().await;
        if let Some(login) = known.get(key) {
            return Ok(login.clone());
        }
        let login = match self.config.helper(key) {
            Some(helper) => helper::get(helper, key).await?.unwrap_or_default(),
            None => self
                .config
                .entry(key)
                .map_or(Ok(Login::default()), |e| e.login(host))?,
        };
        known.insert(key.to_owned(), login.clone());
        Ok(login)
    }
}

impl Config {
    /// The helper that keeps the login for `key`: its own, else the store for all.
    fn helper(&self, key: &str) -> Option<&str> {
        let own = self
            .cred_helpers
            .iter()
            .find(|(name, _)| bare(name) == bare(key));
        let helper = own.map_or(self.creds_store.as_str(), |(_, helper)| helper);
        Some(helper).filter(|helper| !helper.is_empty())
    }

    /// The entry for `key`: literally, else by host, as old versions of docker wrote whole URLs.
    fn entry(&self, key: &str) -> Option<&Entry> {
        self.auths.get(key).or_else(|| {
            self.auths
                .iter()
                .find(|(name, _)| bare(name) == bare(key))
                .map(|(_, e)| e)
        })
    }
}

/// The host in a key: without scheme and path.
fn bare(key: &str) -> &str {
    let rest = key.split_once("://").map_or(key, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

impl Entry {
    fn login(&self, host: &str) -> Result<Login, CredentialsError> {
        if !self.identitytoken.is_empty() {
            return Ok(Login {
                username: String::new(),
                secret: self.identitytoken.clone(),
            });
        }
        if self.auth.is_empty() {
            return Ok(Login {
                username: self.username.clone(),
                secret: self.password.clone(),
            });
        }
        let broken = || CredentialsError::Auth(host.to_owned());
        let text = BASE64.decode(&self.auth).map_err(|_| broken())?;
        let text = String::from_utf8(text).map_err(|_| broken())?;
        let (username, secret) = text.split_once(':').ok_or_else(broken)?;
        // Old versions of docker padded the password with NULs.
        let secret = secret.trim_end_matches('\0');
        Ok(Login {
            username: username.to_owned(),
            secret: secret.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(json: &str) -> Credentials {
        Credentials {
            config: serde_json::from_str(json).unwrap(),
            ..Credentials::default()
        }
    }

    async fn login(json: &str, host: &str) -> (String, String) {
        let login = credentials(json).login(host).await.unwrap();
        (login.username, login.secret)
    }

    fn pair(username: &str, secret: &str) -> (String, String) {
        (username.to_owned(), secret.to_owned())
    }

    #[tokio::test]
    async fn entries_in_every_form() {
        let json = r#"{"auths": {
            "https://index.docker.io/v1/": {"auth": "dTpwOnE="},
            "quay.io": {"username": "u", "password": "p"},
            "https://old.example/v2/": {"auth": "dTpwAAA="},
            "token.example:5000": {"auth": "dTpw", "identitytoken": "t"}
        }}"#;
        assert_eq!(login(json, "registry-1.docker.io").await, pair("u", "p:q"));
        assert_eq!(login(json, "quay.io").await, pair("u", "p"));
        assert_eq!(login(json, "old.example").await, pair("u", "p"));
        assert_eq!(login(json, "token.example:5000").await, pair("", "t"));
        assert_eq!(login(json, "token.example").await, pair("", ""));
        assert_eq!(login("{}", "quay.io").await, pair("", ""));
    }

    #[tokio::test]
    async fn a_broken_entry_is_named() {
        let json = r#"{"auths": {"a.example": {"auth": "%%"}}}"#;
        let error = credentials(json).login("a.example").await.unwrap_err();
        assert!(error.to_string().contains("a.example"), "{error}");
    }

    #[test]
    fn a_host_has_its_own_helper_or_the_common_one() {
        let json = r#"{"credHelpers": {"a.example": "own"}, "credsStore": "common"}"#;
        let config = credentials(json).config;
        assert_eq!(config.helper("a.example"), Some("own"));
        assert_eq!(config.helper("b.example"), Some("common"));
        assert_eq!(Config::default().helper("a.example"), None);
    }

    #[test]
    fn secrets_are_not_shown() {
        let json = r#"{"auths": {"a": {"password": "s3cret"}}}"#;
        assert!(!format!("{:?}", credentials(json)).contains("s3cret"));
    }
}
