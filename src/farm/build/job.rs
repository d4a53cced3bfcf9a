//! One build on one daemon: how its failures read.

use crate::env::Env;
use crate::error::{Error, Kind, Result};
use crate::event::{self, Event, Events};
use crate::files::Sent;
use crate::model::{BuilderName, Platform};
use crate::plan::ProvenanceDetail;
use crate::session::{Build, Client, Failure, Offer, Outcome, Response};
use crate::solve::{self, Attributes};

use super::provenance;

/// A build, and what it may ask of this machine.
#[derive(Debug, Clone)]
pub struct Job {
    /// What to build.
    pub build: Build,
    /// The platforms to build for; the daemon's own if empty.
    pub platforms: Vec<Platform>,
    /// Folders, logins, and where results go.
    pub offer: Offer,
    /// What goes into an engine of this machine.
    pub loads: Loads,
    /// How much of the provenance is fetched after the build.
    pub provenance: ProvenanceDetail,
}

/// What of a build goes into an engine of this machine.
#[derive(Debug, Clone, Default)]
pub struct Loads {
    /// The exporters whose result goes there, by their index; each with the name of docker's context if
    /// one was given.
    pub exporters: Vec<(usize, Option<String>)>,
    /// The exporter that is added if nobody said what becomes of the result and the builder loads by
    /// default; none if somebody did.
    pub by_default: Option<Attributes>,
    /// Whether the digest of an image is wanted.
    pub needs_image: bool,
    /// Where engines are looked up.
    pub env: Env,
}

/// What a build made, and where.
#[derive(Debug, Clone)]
pub struct Built {
    /// What it made; if several nodes did, what they made together.
    pub outcome: Outcome,
    /// The builder and the node that made it, the first one of several; none for a daemon without a
    /// cluster.
    pub place: Option<(BuilderName, String)>,
    /// What each of several nodes made; empty if one made all of it.
    pub parts: Vec<Part>,
}

/// What one of several nodes made.
#[derive(Debug, Clone)]
pub struct Part {
    /// The node.
    pub node: String,
    /// The platforms that it built for.
    pub platforms: Vec<Platform>,
    /// Its exporters' answers.
    pub response: Response,
}

/// Runs `job` on the daemon that `client` is connected to. `place` names the daemon.
pub(super) async fn run(
    client: &Client,
    job: Job,
    place: &str,
    events: &Events,
    cancel: impl Future<Output = ()>,
) -> Result<Outcome> {
    let by_manifest = solve::prefers_manifest(&job.build.exporters);
    let reference = job.build.reference.clone();
    match client.build(job.build, job.offer, events, cancel).await {
        Ok(mut outcome) => {
            if by_manifest {
                outcome.response.remove(solve::CONFIG_DIGEST);
            }
            if job.provenance != ProvenanceDetail::Disabled {
                let found = provenance::fetch(client, &reference, job.provenance, events).await;
                outcome.response.extend(found);
            }
            Ok(outcome)
        }
        Err(failure) => Err(failed(failure, place, events).await),
    }
}

/// Tells where `outcome` was made, and what was sent there: people see whether the next build of the
/// folder sends less.
pub(super) async fn tell(outcome: &Outcome, place: String, events: &Events) {
    let upload = upload(outcome.sent);
    events
        .send(Event::Built(event::Built { place, upload }))
        .await;
}

fn upload(sent: Sent) -> String {
    let Sent {
        files,
        requested,
        bytes,
    } = sent;
    let count = |n: u64, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    if files == 0 && bytes > 0 {
        return format!(
            "build context: sent {} from standard input",
            count(bytes, "byte", "bytes")
        );
    }
    format!(
        "build context: sent {} ({}) of {}",
        count(requested, "file", "files"),
        count(bytes, "byte", "bytes"),
        count(files, "entry", "entries")
    )
}

async fn failed(failure: Failure, place: &str, events: &Events) -> Error {
    match failure {
        Failure::Daemon {
            message,
            excerpts,
            denials,
        } => {
            for denial in denials {
                events.send(Event::Denial(denial)).await;
            }
            for excerpt in excerpts {
                events.send(Event::Excerpt(excerpt)).await;
            }
            Error::new(Kind::BuildFailed, format!("failed to solve: {message}"))
        }
        Failure::Local { error, hint } => {
            let local = Error::new(Kind::BuildFailed, error.to_string()).because(error);
            match hint {
                Some(hint) => local.hint(hint),
                None => local,
            }
        }
        // TLS 1.3 tells a client that its certificate is not taken only after the handshake.
        Failure::Lost(cause) if cause.starts_with("received fatal alert") => {
            Error::new(Kind::Cluster, format!("{place} refused the connection"))
                .hint("check the client certificate: --tlscert and --tlskey")
                .because(cause)
        }
        Failure::Lost(cause) => Error::new(
            Kind::ConnectionLost,
            format!("lost the connection to {place}"),
        )
        .hint("run the same build again: finished steps are in the cache")
        .because(cause),
        Failure::Canceled => Error::new(Kind::Interrupted, "interrupted: the build was canceled"),
    }
}
