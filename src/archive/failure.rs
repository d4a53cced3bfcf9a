//! Why archives do not become one.

use std::io;

use crate::registry::MergeError;

/// Why archives of several nodes do not become one.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file cannot be read as an archive.
    #[error("cannot read what a node sent")]
    Read(#[from] io::Error),
    /// Something that every OCI archive has is not there.
    #[error("what a node sent is no OCI archive: {0}")]
    NoImage(String),
    /// The indexes do not fit each other.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// The work ended in a way that it must not.
    #[error("reading the archives ended badly: {0}")]
    Task(String),
}
