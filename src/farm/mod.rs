//! Work over the builders of a cluster: make, wait, choose, connect, build, watch, remove.

mod boot;
mod build;
mod buildx;
mod certificates;
mod choose;
mod config;
mod connect;
mod create;
mod daemon;
mod diagnosis;
mod gone;
mod job;
mod many;
mod name;
mod node;
mod platforms;
mod remove;
mod rotate;
mod scale;
mod scene;
mod single;
mod survey;
mod targets;
#[cfg(test)]
mod testing;
pub mod trial;
mod update;
mod watch;
mod workload;

pub use boot::wait;
pub use build::{Site, build};
pub use certificates::CertificateError;
pub use create::{Made, create};
pub use gone::Removal;
pub use job::{Built, Job, Part};
pub use name::unknown_builder;
pub use remove::{can_leave, remove};
pub use rotate::rotate;
pub use scale::{Scale, Scaled, scale};
pub use scene::Await;
pub use single::Wanted;
pub use survey::{builders, survey};
pub use trial::{Judge, Trial};
pub use update::{Updated, update};
pub use watch::PodLost;
pub use workload::Scope;
