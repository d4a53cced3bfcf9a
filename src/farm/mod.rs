//! Work over the builders of a cluster: make, wait, choose, connect, build, watch, remove.

mod ask;
mod boot;
mod build;
mod buildx;
mod certificates;
mod choose;
mod config;
mod connect;
mod create;
mod daemon;
mod expiry;
mod find;
mod gone;
mod inspect;
mod job;
mod name;
mod node;
mod remove;
mod rotate;
mod scale;
mod survey;
mod targets;
#[cfg(test)]
mod testing;
pub mod trial;
mod update;
mod watch;
mod workload;

pub use ask::{Asked, ask, patience};
pub use boot::{Await, wait};
pub use build::{Built, Site, Wanted, build};
pub use certificates::CertificateError;
pub use create::{Made, create};
pub use find::{Found, Whereabouts, chosen, find, haunts};
pub use gone::Removal;
pub use inspect::{Details, Inspection, inspect};
pub use job::Job;
pub use name::unknown_builder;
pub use remove::{can_leave, remove};
pub use rotate::rotate;
pub use scale::{Scale, Scaled, scale};
pub use survey::{builders, selected, spread};
pub use trial::{Judge, Trial};
pub use update::{Updated, update};
pub use watch::PodLost;
pub use workload::Scope;
