//! The session's file service: the daemon asks for a folder.

use std::collections::HashMap;
use std::path::PathBuf;

use bytes::Bytes;
use futures::StreamExt as _;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status, Streaming};

use crate::files::{self, Selection};
use crate::proto::fsutil::Packet;
use crate::proto::session::file_sync_server;

use super::failure::Failure;
use super::troubles::Troubles;

/// Packets that may wait for the connection; those with data hold 256 KiB each.
const BACKLOG: usize = 32;

pub(super) struct FileSync {
    pub(super) folders: HashMap<String, PathBuf>,
    pub(super) troubles: Troubles,
}

#[tonic::async_trait]
impl file_sync_server::FileSync for FileSync {
    type DiffCopyStream =
        futures::stream::Map<ReceiverStream<Packet>, fn(Packet) -> Result<Packet, Status>>;

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
        let (sender, receiver) = mpsc::channel(BACKLOG);
        let troubles = self.troubles.clone();
        tokio::spawn(async move {
            if let Err(error) = files::send(folder, selection, request.into_inner(), sender).await
                && !error.is_known()
            {
                let hint = error.hint();
                troubles.report(Failure::Local {
                    error: error.into(),
                    hint,
                });
            }
        });
        Ok(Response::new(
            ReceiverStream::new(receiver).map(Ok as fn(_) -> _),
        ))
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
