//! Registries as the client sees them: whose credentials are used where.

mod credentials;
mod helper;
mod login;

pub use credentials::{ConfigError, Credentials, CredentialsError};
pub use login::Login;
