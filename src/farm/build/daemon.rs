//! A daemon at a known address, without a cluster.

use std::path::Path;

use crate::error::{Error, Kind, Result};
use crate::plan::{DaemonAddress, TlsFiles};
use crate::session::{Client, Tls, dial_tcp, dial_unix};

/// Connects to the daemon at `address`.
pub(super) async fn connect(address: &DaemonAddress) -> Result<Client> {
    let (dial, tls) = match address {
        DaemonAddress::Unix(path) => (dial_unix(path.clone()), None),
        DaemonAddress::Tcp { address, tls } => (
            dial_tcp(address.clone()),
            tls.as_ref().map(read).transpose()?,
        ),
    };
    Client::connect(dial, tls).await.map_err(|error| {
        Error::new(
            Kind::Cluster,
            format!("cannot reach the daemon at {address}"),
        )
        .hint("check --buildkit-host, and that buildkitd listens there")
        .because(error)
    })
}

fn read(files: &TlsFiles) -> Result<Tls> {
    let pem = |path: &Path| {
        std::fs::read(path)
            .map_err(|error| Error::usage(format!("cannot read {}", path.display())).because(error))
    };
    let identity = match &files.identity {
        Some((certificate, key)) => Some((pem(certificate)?, pem(key)?)),
        None => None,
    };
    Ok(Tls {
        authority: pem(&files.authority)?,
        identity,
        server_name: files.server_name.clone(),
    })
}
