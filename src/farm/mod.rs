//! Work on builders as wholes: make them, wait for them, choose and watch their pods, remove them.

mod boot;
mod certificates;
mod choose;
mod connect;
mod create;
mod name;
mod remove;
mod survey;
mod watch;

pub use boot::{Await, wait};
pub use certificates::CertificateError;
pub use choose::choose;
pub use connect::connect;
pub use create::{Outcome, create};
pub use name::unknown_builder;
pub use remove::remove;
pub use survey::{Scope, builders, survey};
pub use watch::{PodLost, lost, why};
