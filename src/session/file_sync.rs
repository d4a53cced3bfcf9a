//! The session's file service: the daemon asks for a folder.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tonic::body::Body;
use tonic::codec::Codec as _;
use tonic::metadata::MetadataMap;
use tonic::server::NamedService;
use tonic::{Status, Streaming};
use tonic_prost::ProstCodec;

use crate::files::{self, Selection, Texts};
use crate::proto::fsutil::Packet;

use super::dial::MAX_MESSAGE;
use super::failure::Failure;
use super::ledger::Ledger;
use super::pace::Pace;
use super::packets;

/// Batches of packets that may wait for the connection; those with data hold up to 512 KiB each.
const BACKLOG: usize = 8;

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

#[derive(Clone)]
pub(super) struct FileSync {
    pub(super) folders: Arc<HashMap<String, Folder>>,
    pub(super) ledger: Ledger,
    /// How long the daemon's first answer took, once it is there.
    pub(super) distance: Arc<OnceLock<Duration>>,
}

impl FileSync {
    /// Sends a folder. All that the daemon asks for is read and served by a task of its own.
    fn diff_copy(&self, request: http::Request<Body>) -> Result<http::Response<Body>, Status> {
        let (parts, body) = request.into_parts();
        let headers = &MetadataMap::from_headers(parts.headers);
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
        let takes_gzip = first(headers, "grpc-accept-encoding")
            .split(',')
            .any(|encoding| encoding.trim() == "gzip");
        let decoder = ProstCodec::<Packet, Packet>::default().decoder();
        let requests = Streaming::new_request(decoder, body, None, Some(MAX_MESSAGE));
        let (sender, batches) = mpsc::channel(BACKLOG);
        let ledger = self.ledger.clone();
        tokio::spawn(async move {
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
        let pace = takes_gzip.then(|| Pace::at(self.distance.get().copied()));
        Ok(packets::answer(batches, pace))
    }
}

impl NamedService for FileSync {
    const NAME: &'static str = "moby.filesync.v1.FileSync";
}

impl tower::Service<http::Request<Body>> for FileSync {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let answer = if request.uri().path().ends_with("/DiffCopy") {
            self.diff_copy(request)
        } else {
            Err(Status::unimplemented("only DiffCopy is served"))
        };
        ready(Ok(answer.unwrap_or_else(Status::into_http)))
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
