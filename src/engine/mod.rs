//! The way into a container engine of this machine: docker, or podman by docker's API.

mod address;
mod context;
mod failure;
mod import;

use std::path::Path;
use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, Docker};

use crate::env::Env;

pub use failure::EngineError;
pub use import::Import;

use address::{Address, Search, search};
use context::TlsFiles;

/// How long an engine may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long it may take to answer an import, as long as that takes: podman says its first word when
/// it is done.
const IMPORT_PATIENCE: Duration = Duration::from_hours(24);

/// An engine that takes images.
#[derive(Debug, Clone)]
pub struct Engine {
    client: Docker,
    address: String,
    takes_layouts: bool,
}

impl Engine {
    /// Finds the engine of `context`, or the one that docker's own command would use, or the first of
    /// the usual ones that is there.
    ///
    /// # Errors
    ///
    /// Fails if there is none, if it cannot be spoken to, or if nothing is known of the context.
    pub async fn find(env: &Env, context: Option<&str>) -> Result<Self, EngineError> {
        let (candidates, is_chosen) = match search(env, context)? {
            Search::Chosen(address) => (vec![address], true),
            Search::Usual(addresses) => (addresses, false),
        };
        let mut looked = Vec::new();
        for address in candidates {
            match Self::connect(&address).await {
                Err(EngineError::Absent(..)) if !is_chosen => looked.push(address.to_string()),
                other => return other,
            }
        }
        Err(EngineError::Nowhere(looked))
    }

    async fn connect(address: &Address) -> Result<Self, EngineError> {
        let cannot = |error| EngineError::connecting(address.to_string(), error);
        let client = open(address).map_err(cannot)?;
        let info = client.info().await.map_err(cannot)?;
        Ok(Self {
            client: client.with_timeout(IMPORT_PATIENCE),
            address: address.to_string(),
            takes_layouts: has_containerd_store(&info.driver_status.unwrap_or_default()),
        })
    }

    /// Whether it takes OCI layouts, with several platforms and attestations: docker does, with the
    /// image store of containerd.
    pub fn takes_layouts(&self) -> bool {
        self.takes_layouts
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }
}

fn open(address: &Address) -> Result<Docker, bollard::errors::Error> {
    let version = API_DEFAULT_VERSION;
    let patience = PATIENCE.as_secs();
    match address {
        Address::Unix(path) => {
            Docker::connect_with_local(&path.to_string_lossy(), patience, version)
        }
        Address::Tcp { host, tls: None } => Docker::connect_with_http(host, patience, version),
        Address::Tcp {
            host,
            tls: Some(tls),
        } => {
            let TlsFiles {
                authority,
                certificate,
                key,
            } = tls;
            let [key, certificate, authority] =
                [key, certificate, authority].map(|path| -> &Path { path });
            Docker::connect_with_ssl(host, key, certificate, authority, patience, version)
        }
    }
}

/// As docker says it of itself.
fn has_containerd_store(driver_status: &[Vec<String>]) -> bool {
    driver_status
        .iter()
        .any(|pair| *pair == ["driver-type", "io.containerd.snapshotter.v1"])
}

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
