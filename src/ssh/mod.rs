//! SSH agents as a build may use them: list keys and sign with them, nothing else.
//!
//! A step that could add, remove or lock keys of its user's agent would be a step too far. What
//! comes from a step is read message by message, and only two kinds pass.

mod key_file;
mod keyring;
mod message;
mod proxy;

pub use key_file::{Key, KeyFile, KeyFileError, Locked, open};
pub use keyring::Keyring;
pub use proxy::{Agent, AgentError, serve};
