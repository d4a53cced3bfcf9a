//! What failed on this side of a session.

use std::sync::{Arc, Mutex, PoisonError};

use super::failure::Failure;

/// The first thing that failed on this side. The daemon only sees that its call failed and puts it
/// in words of its own; the user should see ours.
#[derive(Debug, Clone, Default)]
pub(super) struct Troubles(Arc<Mutex<Option<Failure>>>);

impl Troubles {
    /// Keeps `failure` if it is the first.
    pub(super) fn report(&self, failure: Failure) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(failure);
    }

    /// Takes what was reported.
    pub(super) fn take(&self) -> Option<Failure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
