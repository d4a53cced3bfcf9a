//! One build: the solve, the frontend, the session and the status, all at once.
//!
//! Nothing here waits for an answer that it does not need: the four calls of a build leave
//! together, and the daemon finds out by their ids that they belong together. Over a slow link
//! that saves a round trip for each.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::event::{Event, Events};
use crate::files::Sent;
use crate::proto::control::{CacheOptions, Exporter, SolveRequest, StatusRequest};

use super::client::Client;
use super::failure::Failure;
use super::gateway::Gateway;
use super::id::random_id;
use super::server::{Offer, Session};

/// How long the status may go on after the solve ended, without a word.
const STATUS_SILENCE: Duration = Duration::from_secs(5);

/// How long a canceled build is watched for the steps that it stops.
const CANCEL_GRACE: Duration = Duration::from_secs(2);

/// What to build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Build {
    /// Identity of the build, unique for the daemon.
    pub reference: String,
    /// The frontend, for instance `dockerfile.v0`.
    pub frontend: String,
    /// What the frontend is told.
    pub attributes: BTreeMap<String, String>,
    /// What happens to the result: the kind of each exporter and what it is told.
    pub exporters: Vec<(String, BTreeMap<String, String>)>,
    /// What the build may do beyond the ordinary.
    pub entitlements: Vec<String>,
    /// The same for builds of the same folder: files that did not change are not sent again.
    pub shared_key: String,
}

/// The exporters' answers, for instance `containerimage.digest`.
pub type Response = BTreeMap<String, String>;

/// What a build made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The exporters' answers.
    pub response: Response,
    /// What was sent of the build context.
    pub sent: Sent,
}

impl Client {
    /// Runs a build. Ends early, with [`Failure::Canceled`], when `cancel` resolves.
    pub async fn build(
        &self,
        build: Build,
        offer: Offer,
        events: &Events,
        cancel: impl Future<Output = ()>,
    ) -> Result<Outcome, Failure> {
        let id = random_id().map_err(Failure::local)?;
        let session = Session::start(self, id, &build.shared_key, offer)?;
        let gateway = Gateway::new(self, &build.reference)?;
        let status = self.watch(build.reference.clone(), events.clone());

        let solve = self.solve(&build, &session.id);
        let frontend = gateway.run(build.frontend.clone(), hashed(&build.attributes));
        let outcome = tokio::select! {
            outcome = both(solve, frontend) => outcome,
            () = cancel => Err(Failure::Canceled),
        };
        let patience = match &outcome {
            Err(Failure::Canceled) => CANCEL_GRACE,
            Err(Failure::Lost(_)) => Duration::ZERO,
            _ => STATUS_SILENCE,
        };
        status.end(patience).await;
        match outcome {
            Ok(response) => Ok(Outcome {
                response,
                sent: session.ledger.total_sent(),
            }),
            // The daemon's words for what failed here; ours say more.
            Err(daemon @ Failure::Daemon { .. }) => {
                Err(session.ledger.take_failure().unwrap_or(daemon))
            }
            Err(failure) => Err(failure),
        }
    }

    async fn solve(&self, build: &Build, session: &str) -> Result<Response, Failure> {
        let exporters = build.exporters.iter().map(|(kind, attributes)| Exporter {
            r#type: kind.clone(),
            attrs: hashed(attributes),
        });
        let request = SolveRequest {
            r#ref: build.reference.clone(),
            session: session.to_owned(),
            // Empty: the frontend is run through the gateway.
            frontend: String::new(),
            frontend_attrs: hashed(&build.attributes),
            cache: Some(CacheOptions::default()),
            entitlements: build.entitlements.clone(),
            exporters: exporters.collect(),
        };
        let response = self.control().solve(request).await?.into_inner();
        Ok(response.exporter_response.into_iter().collect())
    }

    /// Sends the daemon's status messages as events until it has no more.
    fn watch(&self, reference: String, events: Events) -> Watch {
        let mut control = self.control();
        let (heard, last) = tokio::sync::watch::channel(());
        let task = tokio::spawn(async move {
            let Ok(response) = control.status(StatusRequest { r#ref: reference }).await else {
                return;
            };
            let mut messages = response.into_inner();
            // A status that breaks is no failure of its own: the solve says what happened.
            while let Ok(Some(message)) = messages.message().await {
                events.send(Event::Status(message.into())).await;
                let _ = heard.send(());
            }
        });
        Watch { task, last }
    }
}

fn hashed(map: &BTreeMap<String, String>) -> HashMap<String, String> {
    map.iter()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// The solve's outcome. If the frontend fails, the solve fails with it and knows more; only a
/// frontend that fails while the solve goes on is heard itself.
async fn both(
    solve: impl Future<Output = Result<Response, Failure>>,
    frontend: impl Future<Output = Result<(), Failure>>,
) -> Result<Response, Failure> {
    tokio::pin!(solve);
    let failure = tokio::select! {
        outcome = &mut solve => return outcome,
        result = frontend => match result {
            Ok(()) => return solve.await,
            Err(failure) => failure,
        },
    };
    match tokio::time::timeout(STATUS_SILENCE, solve).await {
        Ok(Err(outcome)) if !matches!(failure, Failure::Daemon { .. }) => Err(outcome),
        _ => Err(failure),
    }
}

struct Watch {
    task: JoinHandle<()>,
    last: tokio::sync::watch::Receiver<()>,
}

impl Watch {
    /// Waits for the end of the status, but not longer than `silence` after its last message.
    async fn end(mut self, silence: Duration) {
        loop {
            tokio::select! {
                _ = &mut self.task => return,
                heard = tokio::time::timeout(silence, self.last.changed()) => {
                    if heard.is_err() {
                        self.task.abort();
                        return;
                    }
                    if matches!(heard, Ok(Err(_))) {
                        let _ = (&mut self.task).await;
                        return;
                    }
                }
            }
        }
    }
}
