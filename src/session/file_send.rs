//! The session's result service: the daemon hands over what it made.
//!
//! One method carries messages of two kinds: packets of a folder, or the bytes of an archive. The
//! exporter that calls says which, so messages are taken raw and read here.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
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

use crate::files::{self, Limits, TakeError, Taker};
use crate::proto::fsutil::Packet;
use crate::proto::session::BytesMessage;

use super::codec::RawCodec;
use super::dial::MAX_MESSAGE;
use super::failure::Failure;
use super::ledger::Ledger;

/// The header with the index of the exporter that calls; absent means the first.
const EXPORTER_ID: &str = "buildkit-attachable-exporter-id";

/// Packets to the daemon that may wait for the connection: requests for files, a few bytes each.
const BACKLOG: usize = 256;

/// Where a result goes.
#[derive(Debug, Clone)]
pub enum Destination {
    /// Files, into this folder.
    Folder(PathBuf),
    /// An archive, into this file.
    File(PathBuf),
    /// An archive, to standard output.
    Stdout,
    /// An archive, to somebody.
    Taker(Arc<dyn Taker>),
}

#[derive(Clone)]
pub(super) struct FileSend {
    pub(super) destinations: Arc<HashMap<usize, Destination>>,
    pub(super) ledger: Ledger,
}

type Answers = Pin<Box<dyn Stream<Item = Result<Bytes, Status>> + Send>>;
type Answer = Result<Response<Answers>, Status>;

impl FileSend {
    async fn receive(self, request: Request<Streaming<Bytes>>) -> Answer {
        let id = request
            .metadata()
            .get(EXPORTER_ID)
            .map_or(Some(0), |value| value.to_str().ok()?.parse().ok());
        let destination = id.and_then(|id| self.destinations.get(&id)).cloned();
        let messages = request.into_inner();
        match destination {
            None => Err(Status::not_found("this build has no such output")),
            Some(Destination::Folder(folder)) => Ok(self.folder(folder, messages)),
            Some(Destination::File(file)) => {
                self.reported(files::write_archive(&file, archive(messages)).await)
            }
            Some(Destination::Stdout) => {
                self.reported(files::write_stdout(archive(messages)).await)
            }
            Some(Destination::Taker(taker)) => self.taken(taker, messages).await,
        }
    }

    /// Receives files while it answers with requests for them.
    fn folder(self, folder: PathBuf, messages: Streaming<Bytes>) -> Response<Answers> {
        let packets =
            messages.map(|message| Packet::decode(message?).map_err(|error| broken(&error)));
        let (requests, outgoing) = mpsc::channel::<Packet>(BACKLOG);
        let received = tokio::spawn(async move {
            match files::receive(&folder, packets, requests, Limits::default()).await {
                Ok(_) => None,
                Err(error) => {
                    let message = error.to_string();
                    self.ledger.failed(Failure::local(error));
                    Some(Err(Status::aborted(message)))
                }
            }
        });
        // The call must end with the receiver's own verdict, after all of its requests.
        let verdict = futures::stream::once(received).filter_map(|joined| async move {
            joined.unwrap_or_else(|panic| Some(Err(Status::internal(panic.to_string()))))
        });
        let requests = ReceiverStream::new(outgoing).map(|p| Ok(Bytes::from(p.encode_to_vec())));
        Response::new(Box::pin(requests.chain(verdict)))
    }

    /// Hands an archive over as it comes.
    async fn taken(&self, taker: Arc<dyn Taker>, messages: Streaming<Bytes>) -> Answer {
        let broken = Arc::new(OnceLock::new());
        let chunks = archive(messages).map({
            let broken = Arc::clone(&broken);
            move |chunk| chunk.map_err(|status| broken.get_or_init(|| status).clone().into())
        });
        let Err(TakeError { error, hint }) = taker.take(Box::pin(chunks)).await else {
            return Ok(Response::new(Box::pin(futures::stream::empty())));
        };
        // The daemon gave up: who takes could only notice that.
        if let Some(status) = broken.get() {
            return Err(status.clone());
        }
        let message = error.to_string();
        self.ledger.failed(Failure::Local { error, hint });
        Err(Status::aborted(message))
    }

    /// The end of a call that only takes: the daemon waits for it before it calls the build done.
    fn reported(&self, written: std::io::Result<u64>) -> Answer {
        match written {
            Ok(_) => Ok(Response::new(Box::pin(futures::stream::empty()))),
            Err(error) => {
                let message = error.to_string();
                self.ledger.failed(Failure::local(error));
                Err(Status::aborted(message))
            }
        }
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
