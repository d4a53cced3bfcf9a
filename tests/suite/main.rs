//! The program as a person runs it, from the least that a test needs to the most.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cluster;
mod daemon;
mod hermetic;
mod packages;
mod support;
