//! One folder that takes results, of however many daemons and platforms.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::ReceiveError;
use super::claims::{Claimed, Claims};
use super::landing::Landing;
use super::tree::Tree;

/// What happens to what is in the folder already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, unless a file of the result has its name.
    Stays,
    /// It goes, unless the result has it: at the end, or as soon as it is in the way.
    Goes,
}

/// A folder that takes results. Transfers into it share it, whichever daemon they come from: together
/// they say what belongs to the result.
#[derive(Debug)]
pub struct Export {
    landing: Landing,
    existing: Existing,
    claims: Mutex<Claims>,
    received: AtomicU64,
}

impl Export {
    /// A folder that nothing has arrived in yet.
    pub fn new(landing: Landing, existing: Existing) -> Self {
        Self {
            landing,
            existing,
            claims: Mutex::default(),
            received: AtomicU64::new(0),
        }
    }

    /// Where it is.
    pub const fn landing(&self) -> &Landing {
        &self.landing
    }

    /// Bytes of contents that have arrived so far.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Deletes what does not belong to the result, if that is what is wanted, and returns how much
    /// that was. Nothing goes before all that belongs to it is there: a build that fails, on whichever
    /// node, deletes nothing but what was in its way.
    ///
    /// # Errors
    ///
    /// Fails if something cannot be deleted.
    pub fn finish(&self) -> Result<u64, ReceiveError> {
        let claims = self.claims();
        if self.existing == Existing::Stays || !claims.any_complete() {
            return Ok(0);
        }
        let belongs = |path: &[u8]| claims.kind(path).is_some();
        let has_entries = |path: &[u8]| claims.kind(path) == Some(Claimed::Folder);
        self.tree()?.delete_others(belongs, has_entries)
    }

    pub(super) fn claims(&self) -> MutexGuard<'_, Claims> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn count(&self, bytes: u64) {
        self.received.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn tree(&self) -> Result<Tree, ReceiveError> {
        let root = self.landing.enter();
        let root = root.map_err(|source| ReceiveError::Destination {
            path: self.landing.named().to_owned(),
            source,
        })?;
        Ok(Tree::new(root, self.existing == Existing::Goes))
    }
}
