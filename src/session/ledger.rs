//! What happened on this side of a session.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::files::Sent;

use super::failure::Failure;

/// Kept by the session's services, read when the build is over.
#[derive(Debug, Clone, Default)]
pub(super) struct Ledger {
    entries: Arc<Mutex<Entries>>,
    /// Results that are on their way.
    arriving: Arc<watch::Sender<usize>>,
}

#[derive(Debug, Default)]
struct Entries {
    failure: Option<Failure>,
    /// Refusals of logins, by what the daemon was told.
    refusals: Vec<(String, Failure)>,
    sent: Sent,
    /// The exporters whose results came, as a whole or a part of them.
    begun: HashSet<usize>,
    result_failed: bool,
}

impl Ledger {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the first failure. The daemon only sees that its call failed and puts it in words of
    /// its own; the user should see ours.
    pub(super) fn failed(&self, failure: Failure) {
        self.entries().failure.get_or_insert(failure);
    }

    /// Keeps a failure that the daemon may live with: a cache that cannot be read ends no build.
    /// `words` is what the daemon was told.
    pub(super) fn refused(&self, words: &str, failure: Failure) {
        let refusals = &mut self.entries().refusals;
        if refusals.iter().all(|(known, _)| known != words) {
            refusals.push((words.to_owned(), failure));
        }
    }

    /// Takes the failure that ended the build, if the daemon says that it failed with these words.
    pub(super) fn take_failure(&self, daemon: &str) -> Option<Failure> {
        let mut entries = self.entries();
        let failure = entries.failure.take();
        failure.or_else(|| {
            let mut refusals = entries.refusals.iter();
            let named = refusals.position(|(words, _)| daemon.contains(words))?;
            Some(entries.refusals.swap_remove(named).1)
        })
    }

    /// Adds to what was sent of the build context.
    pub(super) fn sent(&self, sent: Sent) {
        let total = &mut self.entries().sent;
        total.files += sent.files;
        total.requested += sent.requested;
        total.bytes += sent.bytes;
    }

    /// What was sent of the build context.
    pub(super) fn total_sent(&self) -> Sent {
        self.entries().sent
    }

    /// Notes that a result of exporter `id` begins to arrive; false if one has before.
    pub(super) fn result_begins(&self, id: usize) -> bool {
        self.arriving.send_modify(|arriving| *arriving += 1);
        self.entries().begun.insert(id)
    }

    /// Notes that a result has arrived, or why not.
    pub(super) fn result_ends(&self, failure: Option<Failure>) {
        if let Some(failure) = failure {
            self.failed(failure);
            return self.result_is_lost();
        }
        self.arriving.send_modify(|arriving| *arriving -= 1);
    }

    /// Notes that no more of a result comes; the daemon knows why.
    pub(super) fn result_is_lost(&self) {
        self.entries().result_failed = true;
        self.arriving.send_modify(|arriving| *arriving -= 1);
    }

    /// Whether a result of exporter `id` came, wholly or in part.
    pub(super) fn has_begun(&self, id: usize) -> bool {
        self.entries().begun.contains(&id)
    }

    /// Waits until no result is on its way, and returns whether all of them arrived.
    pub(super) async fn all_arrived(&self) -> bool {
        // The sender is ours, so this cannot fail.
        let waited = self.arriving.subscribe();
        _ = { waited }.wait_for(|arriving| *arriving == 0).await;
        !self.entries().result_failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_counts_only_if_the_build_ended_with_it() {
        let ledger = Ledger::default();
        ledger.refused("no login", Failure::local("no login, and what to do"));
        ledger.refused("no login", Failure::local("again"));
        assert!(ledger.take_failure("RUN failed").is_none());
        let failure = ledger.take_failure("failed to authorize: no login");
        let failure = failure.map(|failure| failure.to_string());
        assert_eq!(failure.as_deref(), Some("no login, and what to do"));
        assert!(ledger.take_failure("no login").is_none());

        ledger.failed(Failure::local("a file"));
        assert!(ledger.take_failure("RUN failed").is_some());
    }
}
