//! A build, from its place to its outcome.

mod archives;
mod daemon;
pub(super) mod job;
mod load;
mod loading;
mod many;
mod platforms;
mod provenance;
pub(super) mod recipe;
pub(super) mod single;
pub(super) mod watch;

use std::pin::pin;

use futures::future::try_join_all;

use crate::cluster::Cluster;
use crate::error::{Error, Kind, Result};
use crate::event::Events;
use crate::farm::find::{Search, search};
use crate::farm::life::create::create;
use crate::model::{Builder, BuilderName, Node, Platform, ReplicaState};
use crate::plan::DaemonAddress;
use crate::session::Outcome;
use crate::solve;

use self::job::{Built, Job};
use self::platforms::{Division, Share};
use self::recipe::Recipe;
use self::single::{Seat, Target, Wanted};

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
    mut job: Job,
    events: &Events,
    cancel: impl Future<Output = ()>,
) -> Result<Built> {
    loading::as_asked(&mut job, events).await?;
    match site {
        Site::Daemon(address) => on_daemon(address, job, events, cancel).await,
        Site::Builder(cluster, wanted) => on_builder(cluster, wanted, job, events, cancel).await,
    }
}

async fn on_daemon(
    address: &DaemonAddress,
    mut job: Job,
    events: &Events,
    cancel: impl Future<Output = ()>,
) -> Result<Built> {
    loading::by_default(&mut job, None, "remote", events).await?;
    let client = daemon::connect(address).await?;
    let place = format!("the daemon at {address}");
    let outcome = job::run(&client, job, &place, events, cancel).await?;
    job::tell(&outcome, place, events).await;
    Ok(Built {
        outcome,
        place: None,
        parts: Vec::new(),
    })
}

/// Makes the builder if that is wanted, waits for the nodes that it needs, and builds there.
async fn on_builder(
    cluster: &Cluster,
    wanted: &Wanted,
    mut job: Job,
    events: &Events,
    cancel: impl Future<Output = ()>,
) -> Result<Built> {
    let mut cancel = pin!(cancel);
    let Places {
        cluster,
        builder,
        nodes,
        seats,
    } = tokio::select! {
        places = places(cluster, wanted, &mut job, events) => places?,
        () = &mut cancel => return Err(Error::new(Kind::Interrupted, "interrupted")),
    };
    match &seats[..] {
        [(seat, platforms)] => {
            let outcome = if platforms.len() < job.platforms.len() {
                // A question is for the first node, and about its platforms.
                let job = many::of_question(&job, platforms)?;
                Box::pin(single::run(&cluster, seat, job, events, cancel)).await?
            } else {
                alone(&cluster, seat, (job, nodes), events, cancel).await?
            };
            Ok(Built {
                outcome,
                place: Some((builder, seat.node.name.to_string())),
                parts: Vec::new(),
            })
        }
        seats => many::run(&cluster, &builder, seats, (job, events), cancel).await,
    }
}

/// Builds on one of a builder's nodes. What several may have cached before is read too.
async fn alone(
    cluster: &Cluster,
    seat: &Seat,
    (mut job, nodes): (Job, usize),
    events: &Events,
    cancel: impl Future<Output = ()>,
) -> Result<Outcome> {
    if nodes > 1 || job.platforms.len() > 1 {
        job.build.cache_imports = solve::read_all(&job.build.cache_imports, &job.platforms);
    }
    Box::pin(single::run(cluster, seat, job, events, cancel)).await
}

/// Where a build runs: replicas of a builder's nodes, each with its platforms.
struct Places {
    /// The cluster, in the builder's namespace.
    cluster: Cluster,
    builder: BuilderName,
    /// How many nodes it has.
    nodes: usize,
    seats: Vec<(Seat, Vec<Platform>)>,
}

/// Finds or makes the builder, and waits for a replica of each node that the platforms need.
async fn places(
    cluster: &Cluster,
    wanted: &Wanted,
    job: &mut Job,
    events: &Events,
) -> Result<Places> {
    let (cluster, name, mut builder) = place(cluster, wanted, events).await?;
    loading::by_default(job, builder.as_ref(), "kubernetes", events).await?;
    let platforms = &job.platforms[..];
    if let Some(pod) = &wanted.replica {
        only(pod, &name, builder.as_mut())?;
    }
    let mut shares = match &mut builder {
        Some(builder) => shares(&cluster, wanted, builder, platforms, events).await?,
        None => Vec::new(),
    };
    // Each would answer the same, and one answer is shown.
    if job.build.is_question {
        shares.truncate(1);
    }
    let target = Target {
        cluster: &cluster,
        name: &name,
        wanted,
        known: builder.as_ref(),
    };
    let seats = if shares.is_empty() {
        vec![(target.seat(None, events).await?, platforms.to_vec())]
    } else {
        seats(target, shares, events).await?
    };
    Ok(Places {
        nodes: builder.as_ref().map_or(1, |builder| builder.nodes.len()),
        builder: name,
        seats,
        cluster,
    })
}

/// Leaves of a builder only the node of a pod. It has to take builds now: whoever names a pod wants no
/// other one, and nobody brings that one back.
fn only(pod: &str, name: &BuilderName, builder: Option<&mut Builder>) -> Result<()> {
    let of = |node: &Node| node.pods.iter().find(|there| there.name == pod).cloned();
    let nodes = builder.map_or_else(Vec::new, |builder| {
        let all = std::mem::take(&mut builder.nodes);
        builder.nodes = all
            .iter()
            .filter(|node| of(node).is_some())
            .cloned()
            .collect();
        all
    });
    let pods = nodes.iter().flat_map(|node| &node.pods);
    let ready: Vec<&str> = pods
        .filter(|pod| pod.is_ready())
        .map(|pod| pod.name.as_str())
        .collect();
    let refused = match nodes.iter().find_map(of) {
        Some(there) if there.is_ready() => return Ok(()),
        Some(there) => {
            let problem = format!("pod {pod} takes no builds: it {}", doing(&there.state));
            Error::new(Kind::NotReady, problem)
        }
        None => Error::new(Kind::NotFound, format!("builder {name} has no pod {pod}")),
    };
    Err(if ready.is_empty() {
        refused.hint("leave out --replica: then the builder is started if need be")
    } else {
        refused.hint(format!("its pods that take builds: {}", ready.join(", ")))
    })
}

fn doing(state: &ReplicaState) -> String {
    match state {
        ReplicaState::Ready => "is ready".to_owned(),
        ReplicaState::Starting(how) => format!("is starting ({how})"),
        ReplicaState::Failing(why) => format!("cannot come up ({why})"),
        ReplicaState::Outdated => "is about to be replaced".to_owned(),
        ReplicaState::Terminating => "is about to go".to_owned(),
    }
}

async fn seats(
    target: Target<'_>,
    shares: Vec<Share>,
    events: &Events,
) -> Result<Vec<(Seat, Vec<Platform>)>> {
    let seats = shares.into_iter().map(async |Share { node, platforms }| {
        let seat = target.seat(Some(&node), events).await?;
        Ok::<_, Error>((seat, platforms))
    });
    try_join_all(seats).await
}

/// Which node builds for which platforms. Asks the nodes only if they have to be asked, and keeps
/// what they say in `builder`.
async fn shares(
    cluster: &Cluster,
    wanted: &Wanted,
    builder: &mut Builder,
    platforms: &[Platform],
    events: &Events,
) -> Result<Vec<Share>> {
    if platforms::divide(platforms, &builder.nodes) == Division::Ask {
        let known = builder.clone();
        let target = Target {
            cluster,
            name: &known.name,
            wanted,
            known: Some(&known),
        };
        let daemons = known
            .nodes
            .iter()
            .map(|node| target.ask(&node.name, events));
        let daemons = try_join_all(daemons).await?;
        for (node, daemon) in builder.nodes.iter_mut().zip(daemons) {
            node.daemon = Some(daemon);
        }
    }
    match platforms::divide(platforms, &builder.nodes) {
        Division::Shares(shares) => Ok(shares),
        Division::Ask => Ok(Vec::new()),
        Division::Nobody(platforms) => Err(nobody(builder, &platforms)),
    }
}

/// No node is for these platforms.
fn nobody(builder: &Builder, platforms: &[Platform]) -> Error {
    let platforms: Vec<String> = platforms.iter().map(Platform::to_string).collect();
    let platforms = platforms.join(", ");
    let offers: Vec<String> = builder.nodes.iter().map(platforms::offer).collect();
    Error::new(
        Kind::NotReady,
        format!("no node of builder {} builds for {platforms}", builder.name),
    )
    .because(offers.join("; "))
    .hint(format!(
        "if a node can, say so: kubectl buildkit update {} --node NODE --platform {platforms}; \
         else append one",
        builder.name
    ))
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
        Search::Missing(missing) => match &wanted.create {
            Some(recipe) if missing.may_be_made() => {
                let name = Box::pin(make(cluster, wanted, recipe, events)).await?;
                wanted.memory.seen(cluster.namespace(), &name);
                Ok((cluster.clone(), name, None))
            }
            _ => Err(missing.error(cluster)),
        },
    }
}

/// Makes a builder that nobody described.
async fn make(
    cluster: &Cluster,
    wanted: &Wanted,
    recipe: &Recipe,
    events: &Events,
) -> Result<BuilderName> {
    let plan = recipe.plan(wanted.name.as_ref())?;
    let namespace = cluster.namespace();
    if let Some(other) = plan.namespace.as_deref().filter(|name| *name != namespace) {
        let text = format!("a default of `create` puts builders into namespace {other:?}");
        return Err(Error::usage(text).hint(format!("add -n {other}, or create the builder")));
    }
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
    use crate::manifest::{Identity, builders, workload};
    use crate::model::Replica;
    use crate::plan::Create;

    #[test]
    fn a_pod_that_is_named_has_to_take_builds() {
        let plan = Create::by_default(None, std::time::Duration::ZERO).unwrap();
        let node = workload(&plan.node, &Identity::default()).unwrap();
        let mut builder = builders(&[node], &[]).remove(0);
        let starting = ReplicaState::Starting("pulling image".to_owned());
        builder.nodes[0].pods = vec![
            Replica::new("a", "a", ReplicaState::Ready),
            Replica::new("b", "b", starting),
        ];
        let other = Node {
            pods: vec![Replica::new("c", "c", ReplicaState::Ready)],
            ..builder.nodes[0].clone()
        };
        builder.nodes.push(other);
        let name = builder.name.clone();
        let chosen = |pod: &str| {
            let mut builder = builder.clone();
            only(pod, &name, Some(&mut builder)).map(|()| builder.nodes)
        };
        assert_eq!(chosen("c").unwrap(), builder.nodes[1..]);
        let refused = |pod: &str| {
            let error = chosen(pod).unwrap_err();
            let hint = error.hint_text().unwrap_or_default().to_owned();
            (error.to_string(), error.kind(), hint)
        };
        let ready = "its pods that take builds: a, c";
        let (text, kind, hint) = refused("b");
        assert_eq!(
            text,
            "pod b takes no builds: it is starting (pulling image)"
        );
        assert_eq!((kind, hint.as_str()), (Kind::NotReady, ready));
        let (text, kind, hint) = refused("d");
        assert_eq!(text, "builder buildkit has no pod d");
        assert_eq!((kind, hint.as_str()), (Kind::NotFound, ready));
        assert!(only("a", &name, None).is_err());
    }
}
