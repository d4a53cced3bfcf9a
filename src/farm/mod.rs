//! Work over the builders of a cluster: make, wait, choose, connect, build.

mod daemon;
mod job;

pub use crate::session::Outcome;
pub use daemon::connect as connect_daemon;
pub use job::{Job, build_on_daemon, run};
