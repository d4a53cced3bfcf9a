//! Where an engine may listen.

use std::fmt;
use std::path::PathBuf;

use crate::env::Env;

use super::context::{Endpoint, Store, TlsFiles};
use super::failure::EngineError;

/// Where an engine listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// A unix socket.
    Unix(PathBuf),
    /// A port; `host:port`.
    Tcp { host: String, tls: Option<TlsFiles> },
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp { host, .. } => write!(f, "tcp://{host}"),
        }
    }
}

impl Address {
    fn parse(text: &str, tls: Option<TlsFiles>) -> Result<Self, EngineError> {
        if let Some(path) = text.strip_prefix("unix://").filter(|path| !path.is_empty()) {
            return Ok(Self::Unix(path.into()));
        }
        let host = text
            .strip_prefix("tcp://")
            .or_else(|| text.strip_prefix("http://"))
            .map(|host| host.trim_end_matches('/'));
        match host {
            Some(host) if !host.is_empty() => Ok(Self::Tcp {
                host: host.to_owned(),
                tls,
            }),
            _ => Err(EngineError::Address(text.to_owned())),
        }
    }
}

/// What is known of the place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Search {
    /// Somebody said where.
    Chosen(Address),
    /// Nobody did: the usual places, the first that is there.
    Usual(Vec<Address>),
}

/// Where to look, by docker's own rules: the context that is named, else `DOCKER_HOST`, else the
/// context of `DOCKER_CONTEXT` or of docker's config file, else the usual sockets.
pub(super) fn search(env: &Env, context: Option<&str>) -> Result<Search, EngineError> {
    let store = Store::new(env);
    let named = context.filter(|name| !name.is_empty() && *name != DEFAULT);
    if let Some(name) = named {
        return match store.endpoint(name)? {
            Some(endpoint) => chosen(endpoint),
            // As buildx: what is no context may be an address.
            None if name.contains("://") => Address::parse(name, None).map(Search::Chosen),
            None => Err(store.unknown(name)),
        };
    }
    if let Some(host) = env.var("DOCKER_HOST") {
        return Address::parse(host, tls(env)).map(Search::Chosen);
    }
    let current = match context {
        None => store.current(env)?,
        Some(_) => None,
    };
    match current.filter(|name| name != DEFAULT) {
        Some(name) => {
            let endpoint = store.endpoint(&name)?;
            chosen(endpoint.ok_or_else(|| store.unknown(&name))?)
        }
        None => Ok(Search::Usual(usual(env))),
    }
}

/// The context that stands for the environment.
const DEFAULT: &str = "default";

fn chosen(endpoint: Endpoint) -> Result<Search, EngineError> {
    Address::parse(&endpoint.host, endpoint.tls).map(Search::Chosen)
}

/// The files that `DOCKER_TLS_VERIFY` asks for.
fn tls(env: &Env) -> Option<TlsFiles> {
    env.var("DOCKER_TLS_VERIFY")?;
    let folder = match env.var("DOCKER_CERT_PATH") {
        Some(folder) => env.absolute(folder),
        None => env.docker_config()?,
    };
    Some(TlsFiles::in_folder(&folder))
}

/// Sockets of docker and podman, those of the user after docker's own.
fn usual(env: &Env) -> Vec<Address> {
    let mut sockets = vec![PathBuf::from("/var/run/docker.sock")];
    if let Some(folder) = env.var("XDG_RUNTIME_DIR").map(PathBuf::from) {
        sockets.push(folder.join("docker.sock"));
        sockets.push(folder.join("podman/podman.sock"));
    }
    sockets.push("/run/podman/podman.sock".into());
    sockets.into_iter().map(Address::Unix).collect()
}
