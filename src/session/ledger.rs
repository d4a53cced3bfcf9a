//! What happened on this side of a session.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::files::Sent;

use super::failure::Failure;

/// Kept by the session's services, read when the build is over.
#[derive(Debug, Clone, Default)]
pub(super) struct Ledger(Arc<Mutex<Entries>>);

#[derive(Debug, Default)]
struct Entries {
    failure: Option<Failure>,
    sent: Sent,
}

impl Ledger {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
}
