//! What came of a build below one folder, whichever transfer brought it.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Limits, ReceiveError};
use crate::files::path;

/// All entries of all transfers into one folder.
#[derive(Debug, Default)]
pub(super) struct Claims {
    entries: HashMap<Arc<[u8]>, Claim>,
    listed: u32,
    path_bytes: usize,
    transfers: u32,
    /// Transfers that are complete.
    complete: u32,
}

#[derive(Debug)]
struct Claim {
    transfer: u32,
    kind: Claimed,
}

/// What an entry is, as far as others depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claimed {
    /// Something with contents, which a hard link may lead to.
    File,
    /// Something that has entries of its own.
    Folder,
    /// A symlink, or one more name of a file.
    Link,
}

impl Claims {
    /// The number of a transfer that begins.
    pub(super) fn begin(&mut self, limits: Limits) -> Result<u32, ReceiveError> {
        if self.transfers == limits.transfers {
            return Err(ReceiveError::TooManyTransfers(limits.transfers));
        }
        self.transfers += 1;
        Ok(self.transfers)
    }

    /// Notes that a transfer is complete.
    pub(super) const fn end(&mut self) {
        self.complete += 1;
    }

    /// Whether anything came to its end.
    pub(super) const fn any_complete(&self) -> bool {
        self.complete > 0
    }

    /// Counts an entry before anything is done about it.
    pub(super) fn count(&mut self, bytes: usize, limits: Limits) -> Result<(), ReceiveError> {
        self.listed += 1;
        self.path_bytes += bytes;
        if self.listed > limits.entries {
            return Err(ReceiveError::TooManyEntries(limits.entries));
        }
        if self.path_bytes > limits.path_bytes {
            return Err(ReceiveError::TooLongNames(limits.path_bytes));
        }
        Ok(())
    }

    /// Takes a name for a transfer. Folders can belong to several, nothing else can.
    pub(super) fn take(
        &mut self,
        path: &Arc<[u8]>,
        transfer: u32,
        kind: Claimed,
    ) -> Result<(), ReceiveError> {
        match self.entries.get(path) {
            Some(there) if there.kind != Claimed::Folder || kind != Claimed::Folder => {
                Err(ReceiveError::TwoResults(path::shown(path)))
            }
            Some(_) => Ok(()),
            None => {
                let claim = Claim { transfer, kind };
                self.entries.insert(Arc::clone(path), claim);
                Ok(())
            }
        }
    }

    /// Whether `path` is a file of this very transfer.
    pub(super) fn is_file_of(&self, path: &[u8], transfer: u32) -> bool {
        let there = self.entries.get(path);
        there.is_some_and(|claim| claim.kind == Claimed::File && claim.transfer == transfer)
    }

    /// What `path` is, if it belongs to the result.
    pub(super) fn kind(&self, path: &[u8]) -> Option<Claimed> {
        self.entries.get(path).map(|claim| claim.kind)
    }
}
