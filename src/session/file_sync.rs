//! The session's file service: the daemon asks for a folder.

use std::collections::HashMap;
use std::path::PathBuf;
use std::pin::Pin;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status, Streaming};

use crate::files::{self, Selection, Texts};
use crate::proto::fsutil::Packet;
use crate::proto::session::file_sync_server;

use super::failure::Failure;
use super::ledger::Ledger;

/// Batches of packets that may wait for the connection; those with data hold up to 512 KiB each.
const BACKLOG: usize = 16;

const IGNORE_FILE: &[u8] = b".dockerignore";

/// A folder that the daemon may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Where its files are.
    pub source: Source,
    /// Whether it is a build context: what is sent of it is counted.
    pub is_context: bool,
}

/// Where the files of a folder are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// On this machine's disk.
    Disk(PathBuf),
    /// In memory only.
    Memory(Texts),
}

pub(super) struct FileSync {
    pub(super) folders: HashMap<String, Folder>,
    pub(super) ledger: Ledger,
}

#[tonic::async_trait]
impl file_sync_server::FileSync for FileSync {
    type DiffCopyStream = Pin<Box<dyn Stream<Item = Result<Packet, Status>> + Send>>;

    async fn diff_copy(
        &self,
        request: Request<Streaming<Packet>>,
    ) -> Result<Response<Self::DiffCopyStream>, Status> {
        let headers = request.metadata();
        let name = first(headers, "dir-name");
        let folder = self
            .folders
            .get(&name)
            .ok_or_else(|| Status::not_found(format!("no folder {name:?} in this build")))?
            .clone();
        let selection = Selection {
            include: patterns(headers, "include-patterns"),
            exclude: patterns(headers, "exclude-patterns"),
            follow: patterns(headers, "followpaths"),
        };
        // Looking at the ignore file is no part of the upload.
        let counts = folder.is_context && selection.follow[..] != [IGNORE_FILE];
        let (sender, receiver) = mpsc::channel(BACKLOG);
        let ledger = self.ledger.clone();
        tokio::spawn(async move {
            let requests = request.into_inner();
            let outcome = match folder.source {
                Source::Disk(root) => files::send(root, selection, requests, sender).await,
                Source::Memory(texts) => files::send_texts(&texts, requests, sender).await,
            };
            match outcome {
                Ok(sent) if counts => ledger.sent(sent),
                Err(error) if !error.is_known() => {
                    let hint = error.hint();
                    ledger.failed(Failure::Local {
                        error: error.into(),
                        hint,
                    });
                }
                _ => {}
            }
        });
        let batches = ReceiverStream::new(receiver);
        let packets = batches.flat_map(|batch| futures::stream::iter(batch.into_iter().map(Ok)));
        Ok(Response::new(Box::pin(packets)))
    }
}

/// The first value of a header; empty if it is absent.
fn first(headers: &MetadataMap, key: &str) -> String {
    let value = headers.get(key).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

/// The values of a repeated header. A second header says whether they are escaped as in URLs,
/// which the daemon does if one of them is not ASCII.
fn patterns(headers: &MetadataMap, key: &str) -> Vec<Bytes> {
    let escaped = headers.contains_key(format!("{key}-encoded").as_str());
    let values = headers
        .get_all(key)
        .iter()
        .map(tonic::metadata::MetadataValue::as_encoded_bytes);
    if !escaped {
        return values.map(Bytes::copy_from_slice).collect();
    }
    values.map(unescape).collect()
}

/// Undoes the escaping of a URL's query: `%41` and `+`.
fn unescape(text: &[u8]) -> Bytes {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [byte, tail @ ..] = rest {
        rest = tail;
        match (byte, tail) {
            (b'%', [high, low, after @ ..]) if hex(*high).is_some() && hex(*low).is_some() => {
                plain.push(hex(*high).unwrap_or(0) << 4 | hex(*low).unwrap_or(0));
                rest = after;
            }
            (b'+', _) => plain.push(b' '),
            _ => plain.push(*byte),
        }
    }
    plain.into()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_patterns() {
        assert_eq!(
            &unescape(b"a%2Fb+c%C3%A9%zz%4")[..],
            "a/b cé%zz%4".as_bytes()
        );
    }
}
