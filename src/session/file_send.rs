//! The session's result service: the daemon hands over what it made.
//!
//! One method carries messages of two kinds: packets of a folder, or the bytes of an archive. The
//! exporter that calls says which, so messages are taken raw and read here.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use prost::Message as _;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::body::Body;
use tonic::server::{Grpc, NamedService, StreamingService};
use tonic::{Request, Response, Status, Streaming};

use crate::event::WeakEvents;
use crate::files::{self, Archive, Export, Limits, TakeError, Taker};
use crate::proto::fsutil::Packet;
use crate::proto::session::BytesMessage;

use super::codec::RawCodec;
use super::dial::MAX_MESSAGE;
use super::failure::Failure;
use super::ledger::Ledger;
use super::receipt::shown;

/// The header with the index of the exporter that calls; absent means the first.
const EXPORTER_ID: &str = "buildkit-attachable-exporter-id";

/// Packets to the daemon that may wait for the connection: requests for files, a few bytes each.
const BACKLOG: usize = 256;

/// A message of an error that is told to the daemon: it travels in a header.
const LONGEST_WORDS: usize = 1000;

/// Where a result goes.
#[derive(Debug, Clone)]
pub enum Destination {
    /// Files, into this folder.
    Folder(Arc<Export>),
    /// An archive, into this file.
    File(Archive),
    /// An archive, to standard output.
    Stdout,
    /// An archive, to somebody.
    Taker(Arc<dyn Taker>),
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(export) => export.landing().named().display().fmt(f),
            Self::File(archive) => archive.named().display().fmt(f),
            Self::Stdout => f.write_str("standard output"),
            Self::Taker(_) => f.write_str("the container engine"),
        }
    }
}

#[derive(Clone)]
pub(super) struct FileSend {
    pub(super) destinations: Arc<HashMap<usize, Destination>>,
    pub(super) ledger: Ledger,
    pub(super) events: WeakEvents,
}

type Answers = Pin<Box<dyn Stream<Item = Result<Bytes, Status>> + Send>>;
type Answer = Result<Response<Answers>, Status>;

impl FileSend {
    async fn receive(self, request: Request<Streaming<Bytes>>) -> Answer {
        let id = request
            .metadata()
            .get(EXPORTER_ID)
            .map_or(Some(0), |value| value.to_str().ok()?.parse().ok());
        let destination = id.and_then(|id| Some((id, self.destinations.get(&id)?.clone())));
        let Some((id, destination)) = destination else {
            return Err(Status::not_found("this build has no such output"));
        };
        let messages = request.into_inner();
        let is_first = self.ledger.result_begins(id);
        if let Destination::Folder(export) = destination {
            return Ok(self.folder(export, messages));
        }
        let written = if is_first {
            self.archive(&destination, messages).await
        } else {
            let text = format!("the daemon sent the archive for {destination} twice");
            Err(Unwritten::Here(unwritten(text)))
        };
        self.reported(written)
    }

    /// Receives files while it answers with requests for them.
    fn folder(self, export: Arc<Export>, messages: Streaming<Bytes>) -> Response<Answers> {
        let packets =
            messages.map(|message| Packet::decode(message?).map_err(|error| broken(&error)));
        let (requests, outgoing) = mpsc::channel::<Packet>(BACKLOG);
        let received = tokio::spawn(async move {
            let name = export.landing().named().display().to_string();
            let receiving = files::receive(&export, packets, requests, Limits::default());
            let received = shown(&name, &self.events, || export.received(), receiving).await;
            let failure = received.err().map(|error| {
                let hint = error.hint();
                let message = error.to_string();
                let error = error.into();
                (Failure::Local { error, hint }, Err(aborted(&message)))
            });
            let (failure, answer) = failure.unzip();
            self.ledger.result_ends(failure);
            answer
        });
        // The call must end with the receiver's own verdict, after all of its requests.
        let verdict = futures::stream::once(received).filter_map(|joined| async move {
            joined.unwrap_or_else(|panic| Some(Err(Status::internal(panic.to_string()))))
        });
        let requests = ReceiverStream::new(outgoing).map(|p| Ok(Bytes::from(p.encode_to_vec())));
        Response::new(Box::pin(requests.chain(verdict)))
    }

    /// The end of a call that only takes: the daemon waits for it before it calls the build done.
    fn reported(&self, written: Result<(), Unwritten>) -> Answer {
        match written {
            Ok(()) => {
                self.ledger.result_ends(None);
                Ok(Response::new(Box::pin(futures::stream::empty())))
            }
            Err(Unwritten::GivenUp(status)) => {
                self.ledger.result_is_lost();
                Err(status)
            }
            Err(Unwritten::Here(TakeError { error, hint })) => {
                let message = error.to_string();
                let failure = Failure::Local { error, hint };
                self.ledger.result_ends(Some(failure));
                Err(aborted(&message))
            }
        }
    }

    /// Hands an archive over as it comes.
    async fn archive(
        &self,
        destination: &Destination,
        messages: Streaming<Bytes>,
    ) -> Result<(), Unwritten> {
        let received = Arc::new(AtomicU64::new(0));
        let given_up = Arc::new(OnceLock::new());
        let chunks = archive(messages).map({
            let (received, given_up) = (Arc::clone(&received), Arc::clone(&given_up));
            move |chunk: Result<Bytes, Status>| match chunk {
                Ok(chunk) => {
                    received.fetch_add(chunk.len() as u64, Ordering::Relaxed);
                    Ok(chunk)
                }
                Err(status) => Err(given_up.get_or_init(|| status).clone()),
            }
        });
        let writing = async {
            let written = match destination {
                Destination::Taker(taker) => {
                    let chunks = chunks.map(|chunk| chunk.map_err(Into::into));
                    return taker.take(Box::pin(chunks)).await;
                }
                Destination::File(file) => files::write_archive(file, chunks).await,
                _ => files::write_stdout(chunks).await,
            };
            written.map(drop).map_err(unwritten)
        };
        let name = destination.to_string();
        let so_far = || received.load(Ordering::Relaxed);
        let written = shown(&name, &self.events, so_far, writing).await;
        // Who takes an archive only notices that no more of it comes.
        written.map_err(|error| match given_up.get() {
            Some(status) => Unwritten::GivenUp(status.clone()),
            None => Unwritten::Here(error),
        })
    }
}

/// Why an archive is not where it belongs.
enum Unwritten {
    /// The daemon sends no more of it.
    GivenUp(Status),
    /// Something failed here.
    Here(TakeError),
}

fn unwritten(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> TakeError {
    TakeError {
        error: error.into(),
        hint: None,
    }
}

/// The bytes of an archive.
fn archive(messages: Streaming<Bytes>) -> impl Stream<Item = Result<Bytes, Status>> + Unpin {
    messages.map(|message| {
        Ok(BytesMessage::decode(message?)
            .map_err(|error| broken(&error))?
            .data)
    })
}

/// The end of a call that failed here.
fn aborted(message: &str) -> Status {
    Status::aborted(message.chars().take(LONGEST_WORDS).collect::<String>())
}

fn broken(error: &prost::DecodeError) -> Status {
    Status::invalid_argument(error.to_string())
}

impl StreamingService<Bytes> for FileSend {
    type Response = Bytes;
    type ResponseStream = Answers;
    type Future = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn call(&mut self, request: Request<Streaming<Bytes>>) -> Self::Future {
        Box::pin(self.clone().receive(request))
    }
}

impl NamedService for FileSend {
    const NAME: &'static str = "moby.filesync.v1.FileSend";
}

impl tower::Service<http::Request<Body>> for FileSend {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move {
            if !request.uri().path().ends_with("/DiffCopy") {
                return Ok(Status::unimplemented("only DiffCopy is served").into_http());
            }
            let mut grpc = Grpc::new(RawCodec).max_decoding_message_size(MAX_MESSAGE);
            Ok(grpc.streaming(service, request).await)
        })
    }
}
