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
    /// Refusals of logins, by what the daemon was told.
    refusals: Vec<(String, Failure)>,
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
