//! From a replica to a client of its daemon.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Secret;

use crate::cluster::{Cluster, Tunnel};
use crate::error::{Error, Kind, Result};
use crate::manifest::{self, Identity, SERVER_NAME};
use crate::model::{Connection, Node, Replica};
use crate::session::{BoxStream, Client, Dial, Tls};

use super::expiry;

/// How often a daemon that refuses the connection is tried: its pod may be ready a moment earlier.
const TRIES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// How long the daemon may take for its part of the handshake.
const HANDSHAKE: Duration = Duration::from_secs(20);

/// A connection to a daemon.
pub(super) struct Connected {
    pub(super) client: Client,
    /// When the certificate ends that opened it.
    pub(super) certificate_ends: Option<Timestamp>,
}

/// Connects to the daemon of a replica, through a port-forward, with the node's client certificate.
pub(super) async fn connect(
    cluster: &Cluster,
    node: &Node,
    replica: &Replica,
) -> Result<Connected> {
    let Connection::Tls { port, secret } = &node.connection else {
        return Err(Error::new(
            Kind::NotReady,
            format!("node {} has no port with mutual TLS", node.name),
        )
        .hint("make a builder with: kubectl buildkit create"));
    };
    let (identity, mut tunnel) = tokio::try_join!(
        identity(cluster, node, secret),
        cluster.forward(&replica.name, *port)
    )?;
    let mut pause = FIRST_PAUSE;
    for tries_left in (0..TRIES).rev() {
        let dial = dial(cluster, &replica.name, *port, tunnel);
        let connecting = Client::connect(dial, Some(tls(&identity)));
        let Ok(connected) = tokio::time::timeout(HANDSHAKE, connecting).await else {
            return Err(failed(replica).because("it does not answer"));
        };
        match connected {
            Ok(client) => {
                return Ok(Connected {
                    client,
                    certificate_ends: expiry::ends(&identity),
                });
            }
            Err(error) if tries_left > 0 && error.is_refused() => {}
            Err(error) => return Err(failed(replica).because(error)),
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
        tunnel = cluster.forward(&replica.name, *port).await?;
    }
    Err(failed(replica))
}

fn failed(replica: &Replica) -> Error {
    Error::new(
        Kind::NotReady,
        format!("cannot connect to the daemon in pod {}", replica.name),
    )
}

async fn identity(cluster: &Cluster, node: &Node, secret: &str) -> Result<Identity> {
    let found = cluster.get::<Secret>(secret).await?;
    found.and_then(manifest::credentials).ok_or_else(|| {
        Error::new(
            Kind::NotReady,
            format!(
                "node {} has no client certificate: secret {secret:?} is missing or incomplete",
                node.name
            ),
        )
        .hint("kubectl buildkit create, with the settings that the builder has, makes a new one")
    })
}

fn tls(identity: &Identity) -> Tls {
    Tls {
        authority: identity.authority.clone(),
        identity: Some((identity.certificate.clone(), identity.key.clone())),
        server_name: SERVER_NAME.to_owned(),
    }
}

/// Gives out `first`, which is open already, and opens another tunnel when that is lost.
fn dial(cluster: &Cluster, pod: &str, port: u16, first: Tunnel) -> Dial {
    let first = Arc::new(Mutex::new(Some(first)));
    let (cluster, pod) = (cluster.clone(), pod.to_owned());
    Arc::new(move || {
        let open = first.lock().ok().and_then(|mut first| first.take());
        let (cluster, pod) = (cluster.clone(), pod.clone());
        Box::pin(async move {
            let tunnel = match open {
                Some(tunnel) => tunnel,
                None => cluster
                    .forward(&pod, port)
                    .await
                    .map_err(io::Error::other)?,
            };
            Ok(Box::new(tunnel) as BoxStream)
        })
    })
}
