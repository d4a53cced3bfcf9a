//! What becomes of the nodes of a builder: made, changed, scaled, adopted, removed.

mod adopt;
mod buildx;
pub(super) mod certificates;
mod config;
pub(super) mod create;
pub(super) mod gone;
mod node;
mod owner;
pub(super) mod remove;
pub(super) mod rotate;
pub(super) mod scale;
mod secrets;
mod targets;
pub mod trial;
pub(super) mod update;
mod version;

#[cfg(test)]
mod race_tests;
