//! BuildKit's wire over any stream: the control client, and the session in which the daemon calls
//! back for files and credentials and hands over results.

mod auth;
mod authority;
mod build;
mod client;
mod codec;
mod content;
mod dial;
mod failure;
mod fetch;
mod file_send;
mod file_sync;
mod gateway;
mod history;
mod id;
mod ledger;
mod pace;
mod packets;
mod policy;
mod receipt;
mod secrets;
mod server;
mod source_policy;
mod spool;
mod ssh;
mod status;
mod tunnel;
mod upload;
mod watch;
mod witness;

pub use build::{Build, Outcome, Response};
pub use client::Client;
pub use dial::{BoxStream, ConnectError, Dial, Stream, Tls, dial_tcp, dial_unix};
pub use failure::Failure;
pub use fetch::Fetch;
pub use file_send::Destination;
pub use file_sync::{Folder, Source};
pub use history::Provenance;
pub use id::{random_id, shared_key};
pub use secrets::{LONGEST_SECRET, Secret};
pub use server::Offer;
pub use source_policy::SourcePolicy;
pub use ssh::Agents;
pub use upload::Upload;
