//! stub until merged
mod archive;
use crate::proto::fsutil::Packet;
pub use archive::{write_archive, write_stream};
use bytes::Bytes;
use futures::Stream;
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;
pub struct Selection {
    pub include: Vec<Bytes>,
    pub exclude: Vec<Bytes>,
    pub follow: Vec<Bytes>,
}
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct SendError;
impl SendError {
    pub fn is_local(&self) -> bool {
        true
    }
}
pub async fn send<S, E>(
    _: PathBuf,
    _: Selection,
    _: S,
    _: mpsc::Sender<Packet>,
) -> Result<(), SendError>
where
    S: Stream<Item = Result<Packet, E>> + Send + Unpin,
{
    Ok(())
}
pub async fn receive<S, E>(_: &Path, _: S, _: mpsc::Sender<Packet>) -> Result<(), SendError>
where
    S: Stream<Item = Result<Packet, E>> + Send + Unpin,
{
    Ok(())
}
