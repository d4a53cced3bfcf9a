//! Registries as the client sees them: whose credentials are used where, and images that it puts
//! together itself.

mod access;
mod address;
mod challenge;
mod credentials;
mod digest;
mod failure;
#[cfg(test)]
mod fake;
mod helper;
mod http_client;
mod index;
mod login;
mod push;
mod remote;
mod tls;
mod token;

pub use access::Registries;
pub use credentials::{ConfigError, Credentials, CredentialsError};
pub use failure::RegistryError;
pub use index::{Index, MergeError, Part, merge};
pub use login::Login;
pub use push::{Destination, PushError, Pushed};
