//! Registries as the client sees them: whose credentials are used where.

mod credentials;
mod helper;

pub use credentials::{ConfigError, Credentials, CredentialsError, Login};
