//! Defaults: what flags are where the command line does not have them.
//!
//! In order: the command line, variables of the environment, the configuration file (the namespace of a
//! kube context, the kube context, everywhere), what a builder says of itself, what is built in. Values
//! from elsewhere are put into the command line before it is read, so that they mean what they would
//! mean there; what excludes a flag that somebody typed is left out.

mod change;
mod document;
mod file;
mod line;
mod scope;
mod secret;
mod source;
#[cfg(test)]
mod testing;
mod variables;
mod world;

pub use change::{set, unset};
pub use line::{Read, Refused, create, read};
pub use scope::Scope;
pub use source::{Entry, Source};
pub use world::{Effective, Show, View, view};
