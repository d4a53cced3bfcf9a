//! One build: the solve, the session and the status, all at once.
//!
//! The daemon runs the frontend itself, which over a gateway would cost a round trip more. Only what a
//! frontend answers to a question would be lost that way: it is asked through the gateway.
//!
//! Nothing here waits for an answer that it does not need: the calls of a build leave together, and the daemon finds out by their ids that they belong together. Over a slow link
//! that saves a round trip for each.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::pin::pin;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use prost::Message as _;
use serde_json::json;

use crate::event::Events;
use crate::files::Sent;
use crate::proto::control::{CacheOptions, CacheOptionsEntry, Exporter, SolveRequest};
use crate::proto::frontend;

use super::client::Client;
use super::failure::Failure;
use super::fetch::Fetch;
use super::gateway::Gateway;
use super::id::random_id;
use super::server::{Offer, Session};
use super::source_policy::SourcePolicy;
use super::watch::STATUS_SILENCE;

/// How long a canceled build is watched for the steps that it stops.
const CANCEL_GRACE: Duration = Duration::from_secs(2);

/// What the daemon says of a source that policies refuse.
const DENIED: &str = "not allowed by policy";

/// What to build.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Build {
    /// Identity of the build, unique for the daemon.
    pub reference: String,
    /// The frontend, for instance `dockerfile.v0`.
    pub frontend: String,
    /// What the frontend is told.
    pub attributes: BTreeMap<String, String>,
    /// What happens to the result: the kind of each exporter and what it is told.
    pub exporters: Vec<(String, BTreeMap<String, String>)>,
    /// Caches to read: their kind, and what the daemon is told of them.
    pub cache_imports: Vec<(String, BTreeMap<String, String>)>,
    /// Caches to write.
    pub cache_exports: Vec<(String, BTreeMap<String, String>)>,
    /// What the build may do beyond the ordinary.
    pub entitlements: Vec<String>,
    /// Rules for the sources of the build.
    pub source_policy: Option<SourcePolicy>,
    /// Whether steps reach the network through a proxy of the daemon's only, which policies judge.
    pub proxy_network: bool,
    /// Whether the frontend is asked something, and nothing is built.
    pub is_question: bool,
    /// The same for builds of the same folder: files that did not change are not sent again.
    pub shared_key: String,
    /// What the daemon downloads first.
    pub fetch: Option<Fetch>,
}

/// The exporters' answers, for instance `containerimage.digest`.
pub type Response = BTreeMap<String, String>;

/// What a build made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The exporters' answers, and the frontend's if it was asked.
    pub response: Response,
    /// What was sent of the build context.
    pub sent: Sent,
}

impl Client {
    /// Runs a build. Ends early, with [`Failure::Canceled`], when `cancel` resolves.
    pub async fn build(
        &self,
        build: Build,
        mut offer: Offer,
        events: &Events,
        cancel: impl Future<Output = ()>,
    ) -> Result<Outcome, Failure> {
        let mut cancel = pin!(cancel);
        if let Some(fetch) = &build.fetch {
            let folder = tokio::select! {
                folder = Box::pin(self.fetch(fetch, events)) => folder?,
                () = &mut cancel => return Err(Failure::Canceled),
            };
            offer.folders.insert(fetch.folder.clone(), folder);
        }
        if offer.policies.is_some() {
            self.require_policies(build.proxy_network).await?;
        }
        let id = random_id().map_err(Failure::local)?;
        let session = Session::start(self, id, (&build.shared_key, offer), events)?;
        let status = self.watch(build.reference.clone(), events.clone());
        let outcome = tokio::select! {
            outcome = self.outcome(&build, &session) => outcome,
            () = cancel => Err(Failure::Canceled),
        };
        let patience = match &outcome {
            Err(Failure::Canceled) => CANCEL_GRACE,
            Err(Failure::Lost(_)) => Duration::ZERO,
            _ => STATUS_SILENCE,
        };
        session.log.close(denied(&outcome)).await;
        status.end(patience).await;
        match outcome {
            Ok(response) => {
                session.check_results(STATUS_SILENCE).await?;
                Ok(Outcome {
                    response,
                    sent: session.ledger.total_sent(),
                })
            }
            // The daemon's words for what failed here; ours say more.
            Err(daemon @ Failure::Daemon { .. }) => {
                let words = daemon.to_string();
                Err(session.ledger.take_failure(&words).unwrap_or(daemon))
            }
            Err(failure) => Err(failure),
        }
    }

    /// The exporters' answers, or the frontend's if it is asked something.
    async fn outcome(&self, build: &Build, session: &Session) -> Result<Response, Failure> {
        let solve = self.solve(build, session);
        if !build.is_question {
            return solve.await;
        }
        let answer = OnceLock::new();
        let gateway = Gateway::new(self, &build.reference)?;
        let frontend = gateway.run(build.frontend.clone(), told(build), &answer);
        let response = both(solve, frontend).await?;
        with_answer(response, answer.into_inner())
    }

    async fn solve(&self, build: &Build, session: &Session) -> Result<Response, Failure> {
        let exporters = build.exporters.iter().map(|(kind, attributes)| Exporter {
            r#type: kind.clone(),
            attrs: hashed(attributes),
        });
        // An answer has nothing that a cache could keep, and its frontend is run through the gateway.
        let (frontend, exports) = if build.is_question {
            (String::new(), Vec::new())
        } else {
            (build.frontend.clone(), entries(&build.cache_exports))
        };
        let request = SolveRequest {
            r#ref: build.reference.clone(),
            session: session.id.clone(),
            source_policy_session: session.judge().to_owned(),
            proxy_network: build.proxy_network,
            frontend,
            frontend_attrs: told(build),
            cache: Some(CacheOptions {
                exports,
                imports: entries(&build.cache_imports),
            }),
            entitlements: build.entitlements.clone(),
            internal: build.is_question,
            source_policy: build.source_policy.clone().map(|policy| policy.0),
            exporters: exporters.collect(),
        };
        let response = self.control().solve(request).await?.into_inner();
        Ok(response.exporter_response.into_iter().collect())
    }
}

/// Why policies ended the build; empty if they did not.
fn denied<T>(outcome: &Result<T, Failure>) -> String {
    match outcome {
        Err(Failure::Daemon { message, .. }) if message.contains(DENIED) => message.clone(),
        _ => String::new(),
    }
}

/// The exporters' answers, and what the frontend said.
fn with_answer(mut response: Response, answer: Option<Bytes>) -> Result<Response, Failure> {
    if let Some(answer) = answer {
        let said = frontend::Result::decode(answer).map_err(Failure::local)?;
        let text = |bytes: Bytes| String::from_utf8_lossy(&bytes).into_owned();
        response.extend(
            said.metadata
                .into_iter()
                .map(|(key, value)| (key, text(value))),
        );
    }
    Ok(response)
}

/// What the frontend is told: it has to name the caches itself when it solves.
fn told(build: &Build) -> HashMap<String, String> {
    let mut attributes = hashed(&build.attributes);
    if !build.cache_imports.is_empty() {
        let imports = build.cache_imports.iter();
        let imports = imports.map(|(kind, attrs)| json!({"Type": kind, "Attrs": attrs}));
        let imports: serde_json::Value = imports.collect();
        attributes.insert("cache-imports".to_owned(), imports.to_string());
    }
    attributes
}

fn entries(caches: &[(String, BTreeMap<String, String>)]) -> Vec<CacheOptionsEntry> {
    let entry = |(kind, attributes): &(String, BTreeMap<String, String>)| CacheOptionsEntry {
        r#type: kind.clone(),
        attrs: hashed(attributes),
    };
    caches.iter().map(entry).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frontend_is_told_of_the_caches() {
        let cache = |key: &str| {
            let attributes = BTreeMap::from([(key.to_owned(), "x\"y".to_owned())]);
            ("registry".to_owned(), attributes)
        };
        let mut build = Build {
            attributes: BTreeMap::from([("target".to_owned(), "t".to_owned())]),
            cache_exports: vec![cache("dest")],
            ..Build::default()
        };
        assert_eq!(told(&build).len(), 1);
        build.cache_imports.push(cache("ref"));
        let told = told(&build);
        assert_eq!(told["target"], "t");
        assert_eq!(
            told["cache-imports"],
            r#"[{"Attrs":{"ref":"x\"y"},"Type":"registry"}]"#
        );
        let exports = entries(&build.cache_exports);
        assert_eq!(exports[0].r#type, "registry");
        assert_eq!(exports[0].attrs["dest"], "x\"y");
    }
}
