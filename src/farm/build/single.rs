//! A build on one node of a builder: the replica that takes it, and what becomes of it there.

use std::pin::pin;
use std::time::Duration;

use crate::cluster::Cluster;
use crate::error::{Error, Kind, Result};
use crate::event::Events;
use crate::farm::boot;
use crate::farm::boot::scene::Await;
use crate::farm::find::choose::{choose, find};
use crate::farm::find::survey::builders;
use crate::farm::find::workload::Scope;
use crate::farm::life::scale::{Scale, scale};
use crate::farm::reach::connect::{Connected, connect};
use crate::farm::reach::trust::trust_of;
use crate::manifest::Enough;
use crate::memory::Memory;
use crate::model::{Builder, BuilderName, Daemon, LoadBalance, Maker, Node, NodeName, Replica};
use crate::plan::BOOT_TIMEOUT;
use crate::session::{Outcome, random_id};

use super::job::{self, Job};
use super::load::least_loaded;
use super::recipe::Recipe;
use super::watch::{lost, why};

/// Which builder of the cluster is wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its name; found out if absent.
    pub name: Option<BuilderName>,
    /// The pod of it that builds; one is chosen if absent.
    pub replica: Option<String>,
    /// What to make if there is none; nothing at all if absent.
    pub create: Option<Recipe>,
    /// How long it may take to come up, if not as long as the builder itself says.
    pub timeout: Option<Duration>,
    /// Builds with the same key go to the same replica, which has what they made in its cache.
    pub key: String,
    /// Where this machine saw builders.
    pub memory: Memory,
}

/// A replica that takes builds, and its node.
#[derive(Debug, Clone)]
pub(super) struct Seat {
    pub(super) builder: BuilderName,
    pub(super) node: Node,
    pub(super) replica: Replica,
}

/// The builder that a build is for.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) name: &'a BuilderName,
    pub(super) wanted: &'a Wanted,
    /// What is known of it; nothing if it was made a moment ago.
    pub(super) known: Option<&'a Builder>,
}

impl Target<'_> {
    /// Waits until a replica of `node`, or of the first node, takes the build.
    pub(super) async fn seat(&self, node: Option<&NodeName>, events: &Events) -> Result<Seat> {
        let any = random_id().map_err(|error| {
            Error::new(Kind::NotReady, "no pod can be chosen by chance").because(error)
        })?;
        let mut builder = self.known.cloned();
        loop {
            let mut nodes = builder.iter().flat_map(|builder| &builder.nodes);
            let there = nodes.find(|there| node.is_none_or(|name| there.name == *name));
            let replica = match there {
                Some(node) => self.replica(node, &any).await,
                None => None,
            };
            if let Some((node, replica)) = there.zip(replica) {
                return Ok(Seat {
                    builder: self.name.clone(),
                    node: node.clone(),
                    replica,
                });
            }
            let first = || there.map_or_else(|| self.name.node(0), |node| node.name.clone());
            let what = Await {
                builder: self.name,
                node: &node.cloned().unwrap_or_else(first),
                maker: builder.as_ref().map_or(Maker::Ours, |b| b.maker),
                enough: Enough::One,
                timeout: timeout(self.wanted, there),
            };
            self.start(there, events).await?;
            boot::wait(self.cluster, what, events).await?;
            let there = builders(self.cluster, Scope::Namespace).await?;
            builder = find(&there, self.name);
        }
    }

    /// The ready replica that takes the build.
    async fn replica(&self, node: &Node, any: &str) -> Option<Replica> {
        if let Some(name) = &self.wanted.replica {
            return node.pods.iter().find(|pod| pod.name == *name).cloned();
        }
        let key = key(node, self.wanted, any);
        let chosen = choose(node, key)?;
        let is_alone = node.pods.iter().filter(|pod| pod.is_ready()).count() == 1;
        if node.load_balance != LoadBalance::LeastLoaded || is_alone {
            return Some(chosen.clone());
        }
        let least = least_loaded(self.cluster, node, key).await;
        Some(least.unwrap_or(chosen).clone())
    }

    /// Starts a node that was stopped: who builds on it wants it up.
    async fn start(&self, node: Option<&Node>, events: &Events) -> Result<()> {
        let Some(node) = node.filter(|node| node.replicas == 0) else {
            return Ok(());
        };
        events
            .note(format!("node {} is stopped: starting it", node.name))
            .await;
        let name = Some(&node.name);
        let started = scale(self.cluster, self.name, name, Scale::Start);
        Box::pin(started).await.map(drop)
    }

    /// What the daemon of `node` says of itself, once it is up.
    pub(super) async fn ask(&self, node: &NodeName, events: &Events) -> Result<Daemon> {
        let seat = self.seat(Some(node), events).await?;
        let connected = connect(self.cluster, &seat.node, &seat.replica).await?;
        connected.client.daemon().await.map_err(|failure| {
            Error::new(
                Kind::NotReady,
                format!("node {node} does not say what it builds for"),
            )
            .because(failure)
        })
    }
}

/// Builds on a replica, and stops when its pod is lost.
pub(super) async fn run(
    cluster: &Cluster,
    seat: &Seat,
    mut job: Job,
    events: &Events,
    cancel: impl Future<Output = ()>,
) -> Result<Outcome> {
    let Seat {
        builder,
        node,
        replica,
    } = seat;
    let mut cancel = pin!(cancel);
    let mut lost = pin!(lost(cluster, replica, events));
    let Connected { client, note, .. } = tokio::select! {
        connected = connect(cluster, node, replica) => connected?,
        lost = &mut lost => return Err(lost.into()),
        () = &mut cancel => return Err(Error::new(Kind::Interrupted, "interrupted")),
    };
    if let Some(note) = note {
        events.note(note).await;
    }
    job.offer.trust = trust_of(cluster, &node.name);
    let place = format!("pod {}", replica.name);
    let result = tokio::select! {
        result = job::run(&client, job, &place, events, cancel) => result,
        lost = &mut lost => return Err(lost.into()),
    };
    if let Ok(outcome) = &result {
        let place = format!("builder {builder}, node {}, {place}", node.name);
        job::tell(outcome, place, events).await;
    }
    match result {
        // The connection often breaks a moment before the API knows that the pod is gone.
        Err(error) if error.kind() == Kind::ConnectionLost => {
            Err(why(lost).await.map_or(error, Error::from))
        }
        result => result,
    }
}

/// What decides which replica takes the build.
fn key<'a>(node: &Node, wanted: &'a Wanted, any: &'a str) -> &'a str {
    match node.load_balance {
        // Of those that run equally few, the one that may have the cache.
        LoadBalance::Sticky | LoadBalance::LeastLoaded => &wanted.key,
        LoadBalance::Random => any,
    }
}

pub(super) fn timeout(wanted: &Wanted, node: Option<&Node>) -> Duration {
    let of_builder = || node.and_then(|node| node.timeout);
    wanted.timeout.or_else(of_builder).unwrap_or(BOOT_TIMEOUT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Identity, builders, workload};
    use crate::plan::Create;

    fn node(load_balance: LoadBalance, timeout: Option<Duration>) -> Node {
        let mut plan = Create::by_default(None, Duration::ZERO).unwrap().node;
        plan.load_balance = load_balance;
        plan.timeout = timeout;
        let identity = Identity::default();
        let mut builders = builders(&[workload(&plan, &identity).unwrap()], &[]);
        builders.remove(0).nodes.remove(0)
    }

    #[test]
    fn a_build_does_what_the_builder_says() {
        let mut wanted = Wanted {
            replica: None,
            name: None,
            create: None,
            timeout: None,
            key: "path".into(),
            memory: Memory::of("", "", &crate::env::Env::default()),
        };
        let sticky = node(LoadBalance::Sticky, None);
        assert_eq!(key(&sticky, &wanted, "chance"), "path");
        assert_eq!(timeout(&wanted, Some(&sticky)), BOOT_TIMEOUT);
        let random = node(LoadBalance::Random, Some(Duration::from_secs(9)));
        assert_eq!(key(&random, &wanted, "chance"), "chance");
        assert_eq!(timeout(&wanted, Some(&random)), Duration::from_secs(9));
        wanted.timeout = Some(Duration::from_secs(1));
        assert_eq!(timeout(&wanted, Some(&random)), Duration::from_secs(1));
    }
}
