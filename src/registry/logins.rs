//! Logins as docker writes them: by registry, in JSON.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;

use super::login::Login;

/// Docker Hub, by the names that people and programs have for it. What `docker login` writes is a
/// URL with the second one.
const HUB: [&str; 3] = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/// Why a login is unusable.
#[derive(Debug, thiserror::Error)]
#[error("the entry for {0} in {1} is broken: its auth is not base64 of user:password")]
pub struct BrokenEntry(String, String);

/// Logins by registry, from one place.
#[derive(Default)]
pub struct Logins {
    /// The place, for errors.
    place: String,
    entries: BTreeMap<String, Entry>,
}

/// One login, in each of the forms that it may have.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Entry {
    auth: String,
    username: String,
    password: String,
    identitytoken: String,
    registrytoken: String,
}

/// What has logins in it, and nothing else that matters.
#[derive(Default, Deserialize)]
#[serde(default)]
struct File {
    auths: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    #[serde(default)]
    auths: BTreeMap<String, Entry>,
}

impl fmt::Debug for Logins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let registries: Vec<&String> = self.entries.keys().collect();
        f.debug_struct("Logins")
            .field("place", &self.place)
            .field("registries", &registries)
            .finish()
    }
}

impl Logins {
    pub(super) const fn new(place: String, entries: BTreeMap<String, Entry>) -> Self {
        Self { place, entries }
    }

    /// Reads `{"auths": {REGISTRY: LOGIN}}`; `place` is where that was.
    pub fn from_config(place: impl Into<String>, json: &[u8]) -> serde_json::Result<Self> {
        let File { auths } = serde_json::from_slice(json)?;
        Ok(Self::new(place.into(), auths))
    }

    /// Reads the same where nothing else may stand beside it.
    pub(super) fn from_strict_config(place: &str, json: &[u8]) -> serde_json::Result<Self> {
        let Strict { auths } = serde_json::from_slice(json)?;
        Ok(Self::new(place.to_owned(), auths))
    }

    /// Reads `{REGISTRY: LOGIN}`, which older programs wrote.
    pub fn from_legacy_config(place: impl Into<String>, json: &[u8]) -> serde_json::Result<Self> {
        Ok(Self::new(place.into(), serde_json::from_slice(json)?))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The login for the registry at `host`; none if there is none.
    pub(super) fn login(&self, host: &str) -> Result<Option<Login>, BrokenEntry> {
        let Some(entry) = self.entry(host) else {
            return Ok(None);
        };
        let broken = || BrokenEntry(host.to_owned(), self.place.clone());
        let login = entry.login().ok_or_else(broken)?;
        Ok(Some(login).filter(|login| !login.is_empty()))
    }

    /// The token that the registry at `host` takes as it is. It stays here when a helper keeps the rest.
    pub(super) fn registry_token(&self, host: &str) -> String {
        let entry = self.entry(host);
        entry.map_or_else(String::new, |entry| entry.registrytoken.clone())
    }

    /// The entry for `host`. A name without a path is the best one, then those that begin with
    /// the host, as old versions of docker wrote whole URLs; then patterns, as Kubernetes has them.
    fn entry(&self, host: &str) -> Option<&Entry> {
        let host = canonical(host);
        let named = |(name, _): &(&String, &Entry)| canonical(name) == host;
        let literal = self.entries.get(host);
        let by_host = || self.entries.iter().find(named).map(|(_, entry)| entry);
        let like = |(name, _): &(&String, &Entry)| is_like(bare(name), host);
        let by_pattern = || self.entries.iter().find(like).map(|(_, entry)| entry);
        literal.or_else(by_host).or_else(by_pattern)
    }
}

/// Whether two names are of the same registry.
pub(super) fn is_same(name: &str, other: &str) -> bool {
    canonical(name) == canonical(other)
}

/// The one name of a registry.
fn canonical(name: &str) -> &str {
    let host = bare(name);
    if HUB.contains(&host) { HUB[1] } else { host }
}

/// The host in a key: without scheme and path.
fn bare(key: &str) -> &str {
    let rest = key.split_once("://").map_or(key, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// Whether `pattern` stands for `host`: part by part, `*` for anything in a part, with the same port.
fn is_like(pattern: &str, host: &str) -> bool {
    let ((pattern, port), (host, host_port)) = (split(pattern), split(host));
    let (wanted, given) = (pattern.split('.'), host.split('.'));
    pattern.contains('*')
        && port == host_port
        && wanted.clone().count() == given.clone().count()
        && wanted
            .zip(given)
            .all(|(wanted, given)| matches(wanted, given))
}

/// A host's name and port.
fn split(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (host, None),
    }
}

/// Whether `text` is `pattern`, where each `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(text) = text.strip_prefix(first) else {
        return false;
    };
    (0..=text.len())
        .filter_map(|at| text.get(at..))
        .any(|text| matches(rest, text))
}

impl Entry {
    fn login(&self) -> Option<Login> {
        let (username, secret) = if !self.identitytoken.is_empty() {
            (String::new(), self.identitytoken.clone())
        } else if self.auth.is_empty() {
            (self.username.clone(), self.password.clone())
        } else {
            decoded(&self.auth)?
        };
        Some(Login {
            username,
            secret,
            registry_token: self.registrytoken.clone(),
        })
    }
}

/// User and password of `base64(user:password)`.
fn decoded(auth: &str) -> Option<(String, String)> {
    let lines: String = auth.split(['\r', '\n']).collect();
    let text = String::from_utf8(BASE64.decode(lines).ok()?).ok()?;
    let (username, secret) = text.split_once(':')?;
    // Old versions of docker padded the password with NULs.
    Some((username.to_owned(), secret.trim_matches('\0').to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logins(json: &str) -> Logins {
        Logins::from_config("the test", json.as_bytes()).unwrap()
    }

    fn login(json: &str, host: &str) -> Option<(String, String)> {
        let login = logins(json).login(host).unwrap()?;
        Some((login.username, login.secret))
    }

    fn pair(username: &str, secret: &str) -> (String, String) {
        (username.to_owned(), secret.to_owned())
    }

    #[test]
    fn entries_in_every_form() {
        let json = r#"{"auths": {
            "https://index.docker.io/v1/": {"auth": "dTpwOnE="},
            "quay.io": {"username": "u", "password": "p", "email": "of@old.times"},
            "https://old.example/v2/": {"auth": "dTpwAAA="},
            "token.example:5000": {"auth": "dTpw", "identitytoken": "t"},
            "lines.example": {"auth": "dTpw\nOnE="},
            "empty.example": {}
        }, "credsStore": "of no matter"}"#;
        for hub in ["registry-1.docker.io", "docker.io", "index.docker.io"] {
            assert_eq!(login(json, hub), Some(pair("u", "p:q")), "{hub}");
        }
        assert_eq!(login(json, "quay.io"), Some(pair("u", "p")));
        assert_eq!(login(json, "old.example"), Some(pair("u", "p")));
        assert_eq!(login(json, "token.example:5000"), Some(pair("", "t")));
        assert_eq!(login(json, "token.example"), None);
        assert_eq!(login(json, "lines.example"), Some(pair("u", "p:q")));
        assert_eq!(login(json, "empty.example"), None);
        assert_eq!(login("{}", "quay.io"), None);
        assert!(logins("{}").is_empty());
    }

    #[test]
    fn the_best_name_wins() {
        let json = r#"{"auths": {
            "*.example": {"username": "pattern", "password": "p"},
            "https://a.example/v1/": {"username": "url", "password": "p"},
            "b.example": {"username": "name", "password": "p"},
            "https://b.example/v1/": {"username": "url", "password": "p"},
            "r*y.*.corp:5000": {"username": "port", "password": "p"}
        }}"#;
        let user = |host: &str| login(json, host).map(|(user, _)| user);
        assert_eq!(user("a.example").as_deref(), Some("url"));
        assert_eq!(user("b.example").as_deref(), Some("name"));
        assert_eq!(user("c.example").as_deref(), Some("pattern"));
        assert_eq!(user("d.c.example"), None);
        assert_eq!(user("c.example:5000"), None);
        assert_eq!(user("registry.eu.corp:5000").as_deref(), Some("port"));
        assert_eq!(user("registry.eu.corp"), None);
        assert_eq!(user("example"), None);
    }

    #[test]
    fn a_token_that_is_taken_as_it_is() {
        let json = r#"{"auths": {"a.example": {"registrytoken": "t"}}}"#;
        let found = logins(json).login("a.example").unwrap().unwrap();
        assert_eq!(found.registry_token, "t");
        assert!(!found.is_identity());
        assert_eq!(logins(json).registry_token("a.example"), "t");
        assert_eq!(logins(json).registry_token("b.example"), "");
    }

    #[test]
    fn a_broken_entry_is_named_with_its_place() {
        for auth in ["%%", "dXA=", "/w=="] {
            let json = format!(r#"{{"auths": {{"a.example": {{"auth": "{auth}"}}}}}}"#);
            let error = logins(&json).login("a.example").unwrap_err().to_string();
            assert!(error.contains("a.example in the test"), "{error}");
            assert_eq!(logins(&json).login("b.example").unwrap(), None);
        }
    }

    #[test]
    fn other_files() {
        let legacy = br#"{"https://a.example/v1/": {"username": "u", "password": "p"}}"#;
        let legacy = Logins::from_legacy_config("old", legacy).unwrap();
        assert_eq!(legacy.login("a.example").unwrap().unwrap().username, "u");
        let strict = |json: &str| Logins::from_strict_config("here", json.as_bytes());
        assert!(strict(r#"{"auths": {}}"#).unwrap().is_empty());
        let error = strict(r#"{"credsStore": "x"}"#).unwrap_err().to_string();
        assert!(error.contains("credsStore"), "{error}");
    }

    #[test]
    fn secrets_are_not_shown() {
        let json = r#"{"auths": {"a.example": {"password": "s3cret"}}}"#;
        let shown = format!("{:?}", logins(json));
        assert!(shown.contains("a.example") && !shown.contains("s3cret"));
    }
}
