//! Archives of several nodes that become one: read from files, written as a stream, so that their size
//! is no matter of memory.

mod failure;
mod files;
mod image;
mod stream;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use bytes::Bytes;
use futures::stream::BoxStream;
use serde_json::Value;

pub use failure::ArchiveError;
pub use image::Part;

use image::Image;

/// One archive of several.
pub struct Merged {
    /// The image's digest and descriptor, if it is an image.
    pub image: Option<(String, Value)>,
    /// Its bytes.
    pub chunks: BoxStream<'static, std::io::Result<Bytes>>,
}

/// Makes one OCI archive of several: one index with the entries of all, and every blob once.
///
/// # Errors
///
/// Fails if one of them is no OCI archive.
pub async fn images(parts: Vec<Part>) -> Result<Merged, ArchiveError> {
    let read = tokio::task::spawn_blocking(move || Image::read(parts)).await;
    let image = read.map_err(|panic| ArchiveError::Task(panic.to_string()))??;
    Ok(Merged {
        image: Some(image.identity()),
        chunks: stream::written(move |output| image.write(output)),
    })
}

/// Makes one archive of files of several: what is in each, one after the other. Each has its platforms
/// in folders of their own.
pub fn trees(parts: Vec<PathBuf>) -> Merged {
    Merged {
        image: None,
        chunks: stream::written(move |output| files::write(&parts, output)),
    }
}
