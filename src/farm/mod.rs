//! Work over the builders of a cluster: make, wait, choose, connect, build, watch, remove.

mod boot;
mod certificates;
mod choose;
mod connect;
mod create;
mod daemon;
mod job;
mod name;
mod remove;
mod survey;
mod watch;

pub use crate::session::Outcome;
pub use boot::{Await, wait};
pub use certificates::CertificateError;
pub use choose::choose;
pub use connect::connect;
pub use create::{Made, create};
pub use daemon::connect as connect_daemon;
pub use job::{Job, build_on_daemon, run};
pub use name::unknown_builder;
pub use remove::remove;
pub use survey::{Scope, builders, survey};
pub use watch::{PodLost, lost, why};
