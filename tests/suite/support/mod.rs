//! What test binaries share.

pub(crate) mod buildx_peer;
pub(crate) mod daemon;
pub(crate) mod emulators;
pub(crate) mod environment;
pub(crate) mod folder;
pub(crate) mod fresh_root;
pub(crate) mod krew;
pub(crate) mod markdown;
pub(crate) mod own_daemon;
pub(crate) mod picture;
pub(crate) mod plugin;
pub(crate) mod podman;
pub(crate) mod printed;
pub(crate) mod recipe;
pub(crate) mod recording;
pub(crate) mod shell;
pub(crate) mod skopeo;
pub(crate) mod ssh;
pub(crate) mod terminal;
pub(crate) mod testbed;
pub(crate) mod tls_registry;
pub(crate) mod token_registry;
pub(crate) mod typed;
pub(crate) mod web;
