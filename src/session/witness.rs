//! What is shown and kept of the use of logins.

use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::sync::{Mutex, PoisonError};

use tonic::Status as Answer;

use crate::env;
use crate::event::{Event, Status, Vertex, WeakEvents};

use super::failure::Failure;
use super::id::random_id;
use super::ledger::Ledger;

/// Shows who gets which login or token, as steps of the build, and keeps what was refused.
pub(super) struct Witness {
    // The connection of a session ends some time after its build.
    events: WeakEvents,
    ledger: Ledger,
    /// Hosts whose logins the daemon has.
    shared: Mutex<BTreeSet<String>>,
}

impl Witness {
    pub(super) const fn new(events: WeakEvents, ledger: Ledger) -> Self {
        Self {
            events,
            ledger,
            shared: Mutex::new(BTreeSet::new()),
        }
    }

    /// Shows one line.
    pub(super) async fn note(&self, line: String) {
        self.events.send(Event::Note(line)).await;
    }

    /// Shows, once for each host, that the daemon gets its login.
    pub(super) async fn shares(&self, host: &str) {
        let is_new = {
            let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
            shared.insert(host.to_owned())
        };
        if is_new {
            let step = begun(format!("[auth] sharing credentials for {host}"));
            self.ended(step, None).await;
        }
    }

    /// The step in which a token is fetched.
    pub(super) fn fetches(host: &str, scopes: &[String]) -> Vertex {
        let scopes = scopes.iter();
        let scopes = scopes.map(|scope| scope.trim_start_matches("repository:"));
        let scopes: Vec<&str> = scopes.collect();
        begun(format!("[auth] {} token for {host}", scopes.join(" ")))
    }

    /// Shows that a step ended.
    pub(super) async fn ended(&self, mut step: Vertex, error: Option<&str>) {
        step.completed = Some(env::now());
        step.error = error.unwrap_or_default().to_owned();
        let status = Status {
            vertexes: vec![step],
            ..Status::default()
        };
        self.events.send(Event::Status(status)).await;
    }

    /// The daemon's answer, where something failed; our words are kept for the user.
    pub(super) fn failed(
        &self,
        error: impl Into<Box<dyn StdError + Send + Sync>>,
        hint: Option<&'static str>,
    ) -> Answer {
        let error = error.into();
        let words = error.to_string();
        self.ledger.refused(&words, Failure::Local { error, hint });
        Answer::internal(words)
    }
}

fn begun(name: String) -> Vertex {
    Vertex {
        // Only its being unlike others matters.
        digest: random_id().unwrap_or_else(|_| name.clone()),
        name,
        started: Some(env::now()),
        ..Vertex::default()
    }
}
