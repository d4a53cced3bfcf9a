//! Why a layout cannot be used.

use std::io;
use std::path::Path;

use crate::model::Digest;

/// Why a layout cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// There is no such blob.
    #[error("no blob {0}")]
    NoBlob(Digest),
    /// Nobody writes under this reference.
    #[error("nothing is written as {0:?}")]
    NoIngest(String),
    /// The blob is there already.
    #[error("the blob {0} is there already")]
    Exists(Digest),
    /// Somebody else writes under this reference.
    #[error("{0:?} is being written by somebody else")]
    Busy(String),
    /// A layout that is only read.
    #[error("{0} is only read by this build")]
    ReadOnly(String),
    /// A blob that was there before the build.
    #[error("{0} is not of this build, which may not remove it")]
    NotOurs(Digest),
    /// What was written is something else than what was announced.
    #[error("what was written is {is}, and {said} was announced")]
    Mismatch {
        /// What it is.
        is: String,
        /// What it was called.
        said: String,
    },
    /// A place that is not the end of what is written.
    #[error("bytes for {at} arrived, where {end} are written")]
    Gap {
        /// Where the bytes should go.
        at: u64,
        /// How much there is.
        end: u64,
    },
    /// More bytes than were announced.
    #[error("more than the {0} announced bytes arrived")]
    TooLong(u64),
    /// More blobs than any build has.
    #[error("more than {0} blobs arrived")]
    TooMany(u32),
    /// More bytes than there is room for.
    #[error("{needed} bytes do not fit into {folder}, which has room for {free}")]
    NoRoom {
        /// The layout.
        folder: String,
        /// How many bytes were announced.
        needed: u64,
        /// How many there is room for.
        free: u64,
    },
    /// The index is none.
    #[error("{file} is no index of an OCI layout")]
    Index {
        /// The file.
        file: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// Somebody else holds a lock for too long.
    #[error("{0} is held by another program")]
    Locked(String),
    /// A file cannot be used.
    #[error("cannot {action} {path}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: String,
        /// Why it failed.
        source: io::Error,
    },
}

impl LayoutError {
    /// Makes the error of an action on a file.
    pub(super) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }
}
