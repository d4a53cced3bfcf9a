//! Registries as the client sees them: whose credentials are used where, and images that it puts
//! together itself.

mod access;
mod address;
mod broker;
mod challenge;
mod credentials;
mod digest;
mod failure;
#[cfg(test)]
pub(crate) mod fake;
mod helper;
mod http_client;
mod index;
mod login;
mod logins;
mod probe;
mod proxies;
mod push;
mod reach;
mod realm;
mod remote;
mod tls;
mod token;
mod trust;

pub use access::Registries;
pub use broker::{Fetcher, TokenRequest};
pub use credentials::{ConfigError, Credentials, CredentialsError};
pub use failure::RegistryError;
pub use index::{Index, MergeError, Part, merge};
pub use login::Login;
pub use logins::{BrokenEntry, Logins};
pub use proxies::proxies;
pub use push::{Destination, PushError, Pushed};
pub use token::Token;
pub use trust::TrustOf;
