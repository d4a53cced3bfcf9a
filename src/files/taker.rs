//! Results that are one stream of bytes, for somebody who is neither a file nor standard output.

use std::error::Error;
use std::fmt;
use std::pin::Pin;

use bytes::Bytes;
use futures::Stream;
use futures::future::BoxFuture;

use super::StreamError;

/// The bytes of an archive as they arrive.
pub type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, StreamError>> + Send>>;

/// Somebody who takes an archive.
pub trait Taker: fmt::Debug + Send + Sync {
    /// Takes all of it; done when it is where it belongs.
    fn take(&self, chunks: Chunks) -> BoxFuture<'_, Result<(), TakeError>>;
}

/// Why an archive was not taken.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct TakeError {
    /// What failed.
    pub error: Box<dyn Error + Send + Sync>,
    /// What to do about it.
    pub hint: Option<&'static str>,
}
