//! A build, from its place to its outcome.

use std::pin::pin;
use std::time::Duration;

use crate::cluster::Cluster;
use crate::error::{Error, Kind, Result};
use crate::event::Events;
use crate::manifest::Enough;
use crate::memory::Memory;
use crate::model::{Builder, BuilderName, LoadBalance, Maker, Node, Replica};
use crate::plan::{BOOT_TIMEOUT, Create, DaemonAddress};
use crate::session::{Outcome, random_id};

use super::boot;
use super::choose::{choose, find};
use super::connect::connect;
use super::create::create;
use super::daemon;
use super::find::{Search, search};
use super::job::{self, Job};
use super::scene::Await;
use super::survey::builders;
use super::watch::{lost, why};
use super::workload::Scope;

/// What a build made, and where.
#[derive(Debug, Clone)]
pub struct Built {
    /// What it made.
    pub outcome: Outcome,
    /// The builder and node that made it; none for a daemon without a cluster.
    pub place: Option<(BuilderName, String)>,
}

/// Which builder of the cluster is wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its name; found out if absent.
    pub name: Option<BuilderName>,
    /// Whether to make one if there is none.
    pub create: bool,
    /// How long it may take to come up, if not as long as the builder itself says.
    pub timeout: Option<Duration>,
    /// Builds with the same key go to the same replica, which has what they made in its cache.
    pub key: String,
    /// Where this machine saw builders.
    pub memory: Memory,
}

/// Where a build runs.
#[derive(Clone)]
pub enum Site {
    /// On a daemon, without a cluster.
    Daemon(DaemonAddress),
    /// On a builder of a cluster.
    Builder(Box<Cluster>, Wanted),
}

/// Builds, and ends early when `cancel` resolves.
pub async fn build(
    site: &Site,
    job: Job,
    events: &Events,
    cancel: impl Future<Output = ()>,
) -> Result<Built> {
    match site {
        Site::Daemon(address) => on_daemon(address, job, events, cancel).await,
        Site::Builder(cluster, wanted) => on_builder(cluster, wanted, job, events, cancel).await,
    }
}

async fn on_daemon(
    address: &DaemonAddress,
    job: Job,
    events: &Events,
    cancel: impl Future<Output = ()>,
) -> Result<Built> {
    let client = daemon::connect(address).await?;
    let place = format!("the daemon at {address}");
    let outcome = job::run(&client, job, &place, events, cancel).await?;
    Ok(Built {
        outcome,
        place: None,
    })
}

/// Makes the builder if that is wanted, waits for it, builds, and stops when its pod is lost.
async fn on_builder(
    cluster: &Cluster,
    wanted: &Wanted,
    job: Job,
    events: &Events,
    cancel: impl Future<Output = ()>,
) -> Result<Built> {
    let mut cancel = pin!(cancel);
    let ready = tokio::select! {
        ready = ready(cluster, wanted, events) => ready?,
        () = &mut cancel => return Err(Error::new(Kind::Interrupted, "interrupted")),
    };
    let Ready {
        cluster,
        builder,
        node,
        replica,
    } = ready;
    let mut lost = pin!(lost(&cluster, &replica, events));
    let connected = tokio::select! {
        connected = connect(&cluster, &node, &replica) => connected?,
        lost = &mut lost => return Err(lost.into()),
        () = &mut cancel => return Err(Error::new(Kind::Interrupted, "interrupted")),
    };
    if let Some(note) = connected.note {
        events.note(note).await;
    }
    let place = format!("pod {}", replica.name);
    let result = tokio::select! {
        result = job::run(&connected.client, job, &place, events, cancel) => result,
        lost = &mut lost => return Err(lost.into()),
    };
    match result {
        Ok(outcome) => Ok(Built {
            outcome,
            place: Some((builder, node.name.to_string())),
        }),
        // The connection often breaks a moment before the API knows that the pod is gone.
        Err(error) if error.kind() == Kind::ConnectionLost => {
            Err(why(lost).await.map_or(error, Error::from))
        }
        Err(error) => Err(error),
    }
}

/// A replica that takes the build, and what it belongs to.
struct Ready {
    /// The cluster, in the builder's namespace.
    cluster: Cluster,
    builder: BuilderName,
    node: Node,
    replica: Replica,
}

/// Finds or makes the builder, and waits until a replica of it takes the build.
async fn ready(cluster: &Cluster, wanted: &Wanted, events: &Events) -> Result<Ready> {
    let (cluster, name, mut builder) = place(cluster, wanted, events).await?;
    let any = random_id().map_err(|error| {
        Error::new(Kind::NotReady, "no pod can be chosen by chance").because(error)
    })?;
    loop {
        let node = builder.as_ref().and_then(|builder| builder.nodes.first());
        if let Some((node, replica)) =
            node.and_then(|node| Some((node, choose(node, key(node, wanted, &any))?)))
        {
            let (node, replica) = (node.clone(), replica.clone());
            return Ok(Ready {
                cluster,
                builder: name,
                node,
                replica,
            });
        }
        let awaited = node.map_or_else(|| name.node(0), |node| node.name.clone());
        let what = Await {
            builder: &name,
            node: &awaited,
            maker: builder
                .as_ref()
                .map_or(Maker::Ours, |builder| builder.maker),
            enough: Enough::One,
            timeout: timeout(wanted, node),
        };
        boot::wait(&cluster, what, events).await?;
        builder = find(&builders(&cluster, Scope::Namespace).await?, &name);
    }
}

/// Where the builder is; it is made if there is none and that is wanted.
async fn place(
    cluster: &Cluster,
    wanted: &Wanted,
    events: &Events,
) -> Result<(Cluster, BuilderName, Option<Builder>)> {
    match search(cluster, wanted.name.as_ref(), &wanted.memory).await? {
        Search::Found(found) => {
            if let Some(note) = found.note() {
                events.note(note).await;
            }
            found.remember(&wanted.memory);
            let builder = found.builder;
            Ok((found.cluster, builder.name.clone(), Some(builder)))
        }
        Search::Missing(missing) if missing.may_be_made() && wanted.create => {
            let name = Box::pin(make(cluster, wanted, events)).await?;
            wanted.memory.seen(cluster.namespace(), &name);
            Ok((cluster.clone(), name, None))
        }
        Search::Missing(missing) => Err(missing.error(cluster)),
    }
}

/// What decides which replica takes the build.
fn key<'a>(node: &Node, wanted: &'a Wanted, any: &'a str) -> &'a str {
    match node.load_balance {
        LoadBalance::Sticky => &wanted.key,
        LoadBalance::Random => any,
    }
}

fn timeout(wanted: &Wanted, node: Option<&Node>) -> Duration {
    let of_builder = || node.and_then(|node| node.timeout);
    wanted.timeout.or_else(of_builder).unwrap_or(BOOT_TIMEOUT)
}

/// Makes the default builder.
async fn make(cluster: &Cluster, wanted: &Wanted, events: &Events) -> Result<BuilderName> {
    let plan = Create::by_default(wanted.name.as_ref(), timeout(wanted, None))?;
    let namespace = cluster.namespace();
    events
        .note(format!(
            "no builder in namespace {namespace:?}: making {}",
            plan.node.builder
        ))
        .await;
    create(cluster, &plan).await?;
    Ok(plan.node.builder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Env;
    use crate::manifest::{Identity, builders, workload};

    fn node(load_balance: LoadBalance, timeout: Option<Duration>) -> Node {
        let mut plan = Create::by_default(None, Duration::ZERO).unwrap().node;
        plan.load_balance = load_balance;
        plan.timeout = timeout;
        let identity = Identity {
            authority: Vec::new(),
            certificate: Vec::new(),
            key: Vec::new(),
        };
        let mut builders = builders(&[workload(&plan, &identity).unwrap()], &[]);
        builders.remove(0).nodes.remove(0)
    }

    #[test]
    fn a_build_does_what_the_builder_says() {
        let mut wanted = Wanted {
            name: None,
            create: false,
            timeout: None,
            key: "path".into(),
            memory: Memory::of("", "", &Env::default()),
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
