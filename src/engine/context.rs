//! Docker's contexts: names for engines, kept beside its config file.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use ring::digest::SHA256;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::env::Env;

use super::failure::EngineError;

/// PEM files for TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TlsFiles {
    pub(super) authority: PathBuf,
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

impl TlsFiles {
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self {
            authority: folder.join("ca.pem"),
            certificate: folder.join("cert.pem"),
            key: folder.join("key.pem"),
        }
    }
}

/// What a context says of docker's engine.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) host: String,
    pub(super) tls: Option<TlsFiles>,
}

/// The folder of contexts.
#[derive(Debug)]
pub(super) struct Store {
    folder: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Meta {
    #[serde(default)]
    name: String,
    #[serde(default)]
    endpoints: Endpoints,
}

#[derive(Debug, Default, Deserialize)]
struct Endpoints {
    docker: Option<DockerEndpoint>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DockerEndpoint {
    #[serde(default)]
    host: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Config {
    current_context: Option<String>,
}

impl Store {
    pub(super) fn new(env: &Env) -> Self {
        Self {
            folder: env.docker_config(),
        }
    }

    /// The context that is used when none is named.
    pub(super) fn current(&self, env: &Env) -> Result<Option<String>, EngineError> {
        if let Some(name) = env.var("DOCKER_CONTEXT") {
            return Ok(Some(name.to_owned()));
        }
        let Some(folder) = &self.folder else {
            return Ok(None);
        };
        let config: Option<Config> = read(&folder.join("config.json"))?;
        let name = config.and_then(|config| config.current_context);
        Ok(name.filter(|name| !name.is_empty()))
    }

    /// The engine of a context; none if there is no such context.
    pub(super) fn endpoint(&self, name: &str) -> Result<Option<Endpoint>, EngineError> {
        let Some(folder) = &self.folder else {
            return Ok(None);
        };
        let id = id(name);
        let file = folder.join("contexts/meta").join(&id).join("meta.json");
        let Some(meta) = read::<Meta>(&file)? else {
            return Ok(None);
        };
        let host = meta.endpoints.docker.map(|docker| docker.host);
        let Some(host) = host.filter(|host| !host.is_empty()) else {
            return Err(EngineError::NoEndpoint(name.to_owned()));
        };
        let files = folder.join("contexts/tls").join(id).join("docker");
        let tls = files.is_dir().then(|| TlsFiles::in_folder(&files));
        Ok(Some(Endpoint { host, tls }))
    }

    /// That there is no context of this name, and which there are.
    pub(super) fn unknown(&self, name: &str) -> EngineError {
        let folders = self.folder.as_ref().map(|f| f.join("contexts/meta"));
        let entries = folders.and_then(|folder| std::fs::read_dir(folder).ok());
        let metas = entries.into_iter().flatten().flatten();
        let mut known: Vec<String> = metas
            .filter_map(|entry| read::<Meta>(&entry.path().join("meta.json")).ok()?)
            .map(|meta| meta.name)
            .collect();
        known.sort();
        EngineError::UnknownContext {
            name: name.to_owned(),
            known,
        }
    }
}

/// The name of a context's folder.
pub(super) fn id(name: &str) -> String {
    let mut text = String::new();
    for byte in ring::digest::digest(&SHA256, name.as_bytes()).as_ref() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn read<T: DeserializeOwned>(file: &Path) -> Result<Option<T>, EngineError> {
    let text = match std::fs::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(EngineError::Config(file.to_owned(), error.into())),
    };
    let value = serde_json::from_slice(&text);
    value
        .map(Some)
        .map_err(|error| EngineError::Config(file.to_owned(), error.into()))
}
