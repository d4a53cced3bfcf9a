//! What test binaries share.

pub mod daemon;
pub mod folder;
pub mod plugin;
