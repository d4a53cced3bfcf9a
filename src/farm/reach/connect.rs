//! From a replica to a client of its daemon.

use std::error::Error as StdError;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Secret;

use crate::cluster::{Cluster, OpenError, Tunnel};
use crate::error::{Error, Kind, Result};
use crate::manifest::{self, CONTAINER, Identity, SERVER_NAME};
use crate::model::{Connection, Node, Replica};
use crate::session::{BoxStream, Client, Dial, Tls};

use super::{direct, expiry};

/// How often a daemon that refuses the connection is tried: its pod may be ready a moment earlier.
const TRIES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// How long the daemon may take for its part of the handshake.
const HANDSHAKE: Duration = Duration::from_secs(20);

/// A connection to a daemon.
pub(in crate::farm) struct Connected {
    pub(in crate::farm) client: Client,
    /// What is other than one would expect; for who builds.
    pub(in crate::farm) note: Option<String>,
    /// When the certificate ends that opened it, if one did.
    pub(in crate::farm) certificate_ends: Option<Timestamp>,
}

/// Connects to the daemon of a replica: to its port with mutual TLS and the node's client certificate,
/// at the pod's address from inside the cluster, else through a port-forward; to its socket, if it has no port or port-forwards are refused, by a
/// command in its container.
pub(in crate::farm) async fn connect(
    cluster: &Cluster,
    node: &Node,
    replica: &Replica,
) -> Result<Connected> {
    let exec = Way {
        cluster: cluster.clone(),
        pod: replica.name.clone(),
        to: To::Socket(node.socket.clone()),
    };
    let Connection::Tls {
        listen,
        port,
        secret,
    } = &node.connection
    else {
        let client = exec.connect(exec.open().await?).await?;
        return Ok(Connected::plain(client, None));
    };
    let Some(address) = direct::address(cluster, *listen, *port, replica) else {
        return forwarded(exec, node, (*port, secret), None).await;
    };
    let identity = identity(cluster, node, secret).await?;
    let connected = |client| Connected {
        client,
        note: Some(format!("connected to pod {} at {address}", exec.pod)),
        certificate_ends: expiry::ends(&identity),
    };
    let missed = match direct::connect(address, tls(&identity), direct::PATIENCE).await {
        Ok(client) => return Ok(connected(client)),
        Err(cause) => format!("pod {} is not reachable at {address} ({cause})", exec.pod),
    };
    match forwarded(exec.clone(), node, (*port, secret), Some(missed)).await {
        Ok(forwarded) => Ok(forwarded),
        Err(error) => {
            let last = direct::connect(address, tls(&identity), direct::LAST_PATIENCE).await;
            last.map(connected).map_err(|_| error)
        }
    }
}

/// Connects through the API server: by a port-forward, or else by a command in the container. `missed`
/// says which way was tried before.
async fn forwarded(
    exec: Way,
    node: &Node,
    (port, secret): (u16, &str),
    missed: Option<String>,
) -> Result<Connected> {
    let cluster = exec.cluster.clone();
    let (identity, tunnel) = tokio::join!(
        identity(&cluster, node, secret),
        cluster.forward(&exec.pod, port)
    );
    let refusal = match tunnel {
        Ok(tunnel) => {
            let identity = identity?;
            let certificate_ends = expiry::ends(&identity);
            let to = To::Port(port, Arc::new(identity));
            let client = Way { to, ..exec }.connect(tunnel).await?;
            return Ok(Connected {
                client,
                note: missed.map(|missed| format!("{missed}: using port-forward")),
                certificate_ends,
            });
        }
        Err(OpenError::Failed(error)) => return Err(also(error, missed)),
        Err(OpenError::Forbidden(refusal)) => refusal,
    };
    match exec.open().await {
        Ok(tunnel) => {
            let missed = missed.map_or_else(String::new, |missed| format!("{missed}; "));
            let refused = format!("{missed}port-forward is refused ({refusal}): using exec");
            Ok(Connected::plain(exec.connect(tunnel).await?, Some(refused)))
        }
        Err(OpenError::Forbidden(refused)) => Err(also(neither(refusal, &refused), missed)),
        Err(OpenError::Failed(error)) => Err(also(error, missed)),
    }
}

/// Says of a failure what was tried before.
fn also(error: Error, missed: Option<String>) -> Error {
    match missed {
        Some(missed) => error.because(missed),
        None => error,
    }
}

impl Connected {
    /// A connection that no certificate opened.
    fn plain(client: Client, note: Option<String>) -> Self {
        Self {
            client,
            note,
            certificate_ends: None,
        }
    }
}

/// The refusal of both ways. Either right is enough; the first is the one to ask for.
fn neither(refusal: Error, also: &Error) -> Error {
    let message = format!("exec would do instead, but: {also}");
    refusal.because(message)
}

/// A way to a daemon.
#[derive(Clone)]
struct Way {
    cluster: Cluster,
    pod: String,
    to: To,
}

/// Its end in the pod.
#[derive(Clone)]
enum To {
    /// A port on its loopback, and what opens it.
    Port(u16, Arc<Identity>),
    /// The daemon's socket, at this address or where the image has it.
    Socket(Option<String>),
}

impl Way {
    async fn open(&self) -> Result<Tunnel, OpenError> {
        let address = match &self.to {
            To::Port(port, _) => return self.cluster.forward(&self.pod, *port).await,
            To::Socket(address) => address.as_deref(),
        };
        let command = match address {
            Some(address) => &["buildctl", "--addr", address, "dial-stdio"][..],
            None => &["buildctl", "dial-stdio"],
        };
        self.cluster.exec(&self.pod, CONTAINER, command).await
    }

    /// A client of the daemon at the end of the tunnel, or of another one if nothing listens yet.
    async fn connect(&self, mut tunnel: Tunnel) -> Result<Client> {
        let mut pause = FIRST_PAUSE;
        for tries_left in (0..TRIES).rev() {
            let fate = tunnel.fate();
            let Ok(spoken) = tokio::time::timeout(HANDSHAKE, self.speak(tunnel)).await else {
                return Err(self.failed().because("it does not answer"));
            };
            match spoken {
                Ok(client) => return Ok(client),
                Err(_) if tries_left > 0 && fate.is_refused() => {}
                Err(error) => {
                    let error = fate.error().map_or(error, Into::into);
                    return Err(self.failed().because(error));
                }
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
            tunnel = self.open().await?;
        }
        Err(self.failed())
    }

    /// A client that has heard from the daemon: in its handshake, or else in an answer.
    async fn speak(&self, tunnel: Tunnel) -> Result<Client, Box<dyn StdError + Send + Sync>> {
        let dial = self.dial(tunnel);
        match &self.to {
            To::Port(_, identity) => Ok(Client::connect(dial, Some(tls(identity))).await?),
            To::Socket(_) => {
                let client = Client::connect(dial, None).await?;
                client.greet().await?;
                Ok(client)
            }
        }
    }

    /// Gives out `first`, which is open already, and opens another tunnel when that is lost.
    fn dial(&self, first: Tunnel) -> Dial {
        let first = Arc::new(Mutex::new(Some(first)));
        let way = self.clone();
        Arc::new(move || {
            let open = first.lock().ok().and_then(|mut first| first.take());
            let way = way.clone();
            Box::pin(async move {
                let tunnel = match open {
                    Some(tunnel) => tunnel,
                    None => way
                        .open()
                        .await
                        .map_err(|error| io::Error::other(Error::from(error)))?,
                };
                Ok(Box::new(tunnel) as BoxStream)
            })
        })
    }

    fn failed(&self) -> Error {
        Error::new(
            Kind::NotReady,
            format!("cannot connect to the daemon in pod {}", self.pod),
        )
    }
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::cluster::fake::{cluster, refusal};
    use crate::manifest::{builders, workload};
    use crate::model::ReplicaState;
    use crate::plan::Create;

    #[tokio::test]
    async fn who_may_neither_forward_nor_exec_learns_of_both() {
        let identity = Identity::default();
        let plan = Create::by_default(None, Duration::ZERO).unwrap();
        let node = builders(&[workload(&plan.node, &identity).unwrap()], &[])
            .remove(0)
            .nodes
            .remove(0);
        let replica = Replica::new("pod", "u1", ReplicaState::Ready);
        let cluster = cluster(|request| async move {
            let path = request.uri().path();
            let Some((_, resource)) = path.split_once("/pods/pod/") else {
                return (200, json!({"metadata": {"name": "buildkit0-client"}}));
            };
            let text = format!(r#"User "u" cannot create resource "pods/{resource}""#);
            refusal(403, "Forbidden", &text, "")
        });
        let Err(error) = connect(&cluster, &node, &replica).await else {
            panic!("refused")
        };
        assert_eq!(
            error.to_string(),
            r#"forbidden: user "u" cannot create pods/portforward in namespace "team""#
        );
        assert_eq!(
            error.causes(),
            [
                r#"exec would do instead, but: forbidden: user "u" cannot create pods/exec in namespace "team""#
            ]
        );
        assert!(
            error
                .hint_text()
                .unwrap()
                .contains("--subresource=portforward")
        );
    }
}
