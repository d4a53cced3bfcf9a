//! Work over the builders of a cluster: find, reach, boot, change, build.
//!
//! Folders stand in the order of that work. One may name only those above it; the architecture test
//! holds this.

mod find;

mod reach;

mod boot;

mod life;

mod build;

#[cfg(test)]
mod testing;

pub use boot::scene::Await;
pub use boot::wait;
pub use build::job::{Built, Job, Loads, Part};
pub use build::recipe::Recipe;
pub use build::single::Wanted;
pub use build::watch::PodLost;
pub use build::{Site, build};
pub use find::follow::{Follow, Sight};
pub use find::name::unknown_builder;
pub use find::survey::{builders, selected, spread};
pub use find::workload::Scope;
pub use find::{Found, Whereabouts, chosen, find, haunts};
pub use life::certificates::CertificateError;
pub use life::create::{Made, create};
pub use life::gone::Removal;
pub use life::remove::{can_leave, remove};
pub use life::rotate::rotate;
pub use life::scale::{Scale, Scaled, scale};
pub use life::trial;
pub use life::trial::{Judge, Trial};
pub use life::update::{Changes, Updated, changes, update};
pub use reach::ask::{Asked, ask, patience};
pub use reach::inspect::{Details, Inspection, inspect};
pub use reach::known::Known;
pub use reach::logins::registry_logins;
