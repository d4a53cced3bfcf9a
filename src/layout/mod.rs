//! OCI layouts: folders of this machine that hold blobs by their digest, and an index that names some
//! of them.
//!
//! Here a daemon reads and writes blobs, and nothing that it says is believed: a blob gets its name
//! from what was written, sizes are announced and kept, and no name of a file is the daemon's. What
//! blobs mean, and how they travel, is not known here. Everything waits for the disk: call it where
//! that is no harm.

mod blobs;
mod failure;
mod hash;
mod index;
mod ingest;
mod lock;
mod sweep;
#[cfg(test)]
mod tests;

pub use blobs::{Access, Blob, Store};
pub use failure::LayoutError;
pub use hash::digest_of;
pub use index::{Name, find, only, put};
pub use ingest::{Progress, Writer};
pub use lock::Lock;
pub use sweep::sweep;
