//! The pod's own address, for who is in its cluster: then the API server carries none of a build.

use std::fmt::Display;
use std::net::SocketAddr;
use std::time::Duration;

use crate::cluster::Cluster;
use crate::model::{Listen, Replica};
use crate::session::{Client, Tls, dial_tcp};

/// How long a pod's address may take to accept a connection. One that is not reachable, because a
/// policy or another network is between, is reached through the API server.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);
/// The same if there is no other way: a network that has known another pod by that address needs some
/// seconds to forget it.
pub(super) const LAST_PATIENCE: Duration = Duration::from_secs(20);
/// How long the daemon may take for its part of the handshake: a busy one takes its time.
const HANDSHAKE: Duration = Duration::from_secs(20);

/// Where a daemon can be reached without the API server: it listens on its pod's address, and we are
/// in its cluster. From outside, the address may be anybody's.
pub(super) fn address(
    cluster: &Cluster,
    listen: Listen,
    port: u16,
    replica: &Replica,
) -> Option<SocketAddr> {
    let is_open = listen == Listen::Pod && cluster.is_inside();
    let address = replica.address.filter(|_| is_open)?;
    Some(SocketAddr::new(address, port))
}

/// Connects to a daemon at its pod's address, which has `patience` to accept that; the text says why it
/// cannot be reached there.
pub(super) async fn connect(
    address: SocketAddr,
    tls: Tls,
    patience: Duration,
) -> Result<Client, String> {
    let dial = dial_tcp(address.to_string());
    within(patience, dial()).await?;
    within(HANDSHAKE, Client::connect(dial, Some(tls))).await
}

async fn within<T, E: Display>(
    patience: Duration,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, String> {
    match tokio::time::timeout(patience, work).await {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(_) => Err("no answer".to_owned()),
    }
}
