//! `kubectl buildkit`: BuildKit builders on the cluster of the active kube context.
//!
//! Data flows one way. Words become decisions, decisions become requests, requests become bytes,
//! and what comes back becomes events that somebody renders:
//!
//! ```text
//! argv → cli → plan → ┬ manifest → cluster ┬ farm → event → render
//!                     └ solve    → session ┘
//! ```
//!
//! Modules stand in the order of that flow. One may name only those above it; the architecture
//! test holds this, as it holds the size of files and functions.

pub mod error;
pub mod event;

pub mod system;

pub mod env;
pub mod model;
pub mod small_file;

pub mod cli;
pub mod plan;

pub mod manifest;
pub mod solve;

pub mod proto;

pub mod cluster;
pub mod files;
pub mod layout;
pub mod memory;
pub mod policy;
pub mod registry;
pub mod ssh;

pub mod defaults;

pub mod archive;
pub mod engine;
pub mod session;

pub mod farm;

pub mod complete;

pub mod render;

pub mod command;
