//! One build on one daemon: how its failures read.

use crate::error::{Error, Kind, Result};
use crate::event::{Event, Events};
use crate::session::{Build, Client, Failure, Offer, Outcome};

/// A build, and what it may ask of this machine.
#[derive(Debug)]
pub struct Job {
    /// What to build.
    pub build: Build,
    /// Folders, logins, and where results go.
    pub offer: Offer,
}

/// Runs `job` on the daemon that `client` is connected to. `place` names the daemon in errors.
pub async fn run(
    client: &Client,
    job: Job,
    place: &str,
    events: &Events,
    cancel: impl Future<Output = ()>,
) -> Result<Outcome> {
    match client.build(job.build, job.offer, events, cancel).await {
        Ok(outcome) => Ok(outcome),
        Err(failure) => Err(failed(failure, place, events).await),
    }
}

async fn failed(failure: Failure, place: &str, events: &Events) -> Error {
    match failure {
        Failure::Daemon { message, excerpts } => {
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
        Failure::Lost(cause) => Error::new(
            Kind::ConnectionLost,
            format!("lost the connection to {place}"),
        )
        .hint("run the same build again: finished steps are in the cache")
        .because(cause),
        Failure::Canceled => Error::new(Kind::Interrupted, "interrupted: the build was canceled"),
    }
}

/// Runs `job` on the daemon at `address`.
pub async fn build_on_daemon(
    address: &crate::plan::DaemonAddress,
    job: Job,
    events: &Events,
    cancel: impl Future<Output = ()>,
) -> Result<Outcome> {
    let client = super::connect_daemon(address).await?;
    run(
        &client,
        job,
        &format!("the daemon at {address}"),
        events,
        cancel,
    )
    .await
}
