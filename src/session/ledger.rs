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

    /// Takes the failure.
    pub(super) fn take_failure(&self) -> Option<Failure> {
        self.entries().failure.take()
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
            self.entries().result_failed = true;
        }
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
