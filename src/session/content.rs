//! The session's content service: the daemon reads and writes blobs of layouts on this machine.
//!
//! It only translates; what may be done is decided in `layout`. Disks are waited for on threads of
//! their own.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::pin::Pin;
use std::time::SystemTime;

use bytes::Bytes;
use futures::Stream;
use prost_types::Timestamp;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use crate::layout::{Blob, LayoutError, Progress, Store, Writer};
use crate::model::Digest;
use crate::proto::content::content_server;
use crate::proto::content::{
    AbortRequest, DeleteContentRequest, Info, InfoRequest, InfoResponse, ListContentRequest,
    ListContentResponse, ListStatusesRequest, ListStatusesResponse, ReadContentRequest,
    ReadContentResponse, Status as Ingest, StatusRequest, StatusResponse, UpdateRequest,
    UpdateResponse, WriteAction, WriteContentRequest, WriteContentResponse,
};

use super::failure::Failure;
use super::ledger::Ledger;

/// The header with the id of the layout.
const STORE_ID: &str = "buildkit-attachable-store-id";

/// Bytes in a message of a blob that is read: large, but health checks get their turn.
const CHUNK: usize = 256 << 10;

/// Messages that may wait for the connection.
const BACKLOG: usize = 2;

/// Blobs in a message of a list.
const PAGE: usize = 100;

#[derive(Clone)]
pub(super) struct Content {
    pub(super) stores: HashMap<String, Store>,
    pub(super) ledger: Ledger,
}

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl Content {
    /// The layout that a call is about.
    fn store<T>(&self, request: &Request<T>) -> Result<Store, Status> {
        let id = request
            .metadata()
            .get(STORE_ID)
            .and_then(|id| id.to_str().ok())
            .ok_or_else(|| Status::invalid_argument(format!("no {STORE_ID} in the request")))?;
        let store = self.stores.get(id).cloned();
        store.ok_or_else(|| Status::not_found(format!("this build has no store {id:?}")))
    }

    /// Does what waits for the disk.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, LayoutError> + Send + 'static,
    ) -> Result<T, Status> {
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(self.refused(error)),
            Err(panic) => Err(Status::internal(panic.to_string())),
        }
    }

    /// A failure as the daemon takes it. It tries again or goes another way after some; the others
    /// are told to the user, in our words.
    fn refused(&self, error: LayoutError) -> Status {
        let message = error.to_string();
        let status = match &error {
            LayoutError::NoBlob(_) | LayoutError::NoIngest(_) => return Status::not_found(message),
            LayoutError::Exists(_) => return Status::already_exists(message),
            LayoutError::Busy(_) => return Status::unavailable(message),
            LayoutError::ReadOnly(_) | LayoutError::NotOurs(_) => {
                Status::permission_denied(message)
            }
            LayoutError::Mismatch { .. } => Status::failed_precondition(message),
            LayoutError::Gap { .. } | LayoutError::TooLong(_) => Status::out_of_range(message),
            LayoutError::NoRoom { .. } | LayoutError::TooMany(_) => {
                Status::resource_exhausted(message)
            }
            LayoutError::Index { .. } | LayoutError::Locked(_) | LayoutError::File { .. } => {
                Status::internal(message)
            }
        };
        self.ledger.refused(status.message(), Failure::local(error));
        status
    }

    /// Takes one blob, message by message; each is answered.
    async fn take(
        self,
        store: Store,
        first: WriteContentRequest,
        mut messages: Streaming<WriteContentRequest>,
        answers: &mpsc::Sender<Result<WriteContentResponse, Status>>,
    ) -> Result<(), Status> {
        let begin = Begin::new(&first)?;
        let opened = store.clone();
        let mut writer = self
            .work(move || opened.writer(&begin.reference, begin.total, begin.expected.as_ref()))
            .await?;
        let mut message = first;
        loop {
            let step = Step::new(message)?;
            let is_last = step.action == WriteAction::Commit;
            let store = store.clone();
            let (next, answer) = self.work(move || step.run(&store, writer)).await?;
            if answers.send(Ok(answer)).await.is_err() || is_last {
                return Ok(());
            }
            let (Some(next), Some(following)) = (next, messages.message().await?) else {
                return Ok(());
            };
            (writer, message) = (next, following);
        }
    }
}

/// What the first message of a blob says.
struct Begin {
    reference: String,
    total: Option<u64>,
    expected: Option<Digest>,
}

impl Begin {
    fn new(message: &WriteContentRequest) -> Result<Self, Status> {
        if message.r#ref.is_empty() {
            return Err(Status::invalid_argument(
                "the first message of a blob has no ref",
            ));
        }
        Ok(Self {
            reference: message.r#ref.clone(),
            total: total(message.total),
            expected: expected(&message.expected)?,
        })
    }
}

/// What one message of a blob does.
struct Step {
    action: WriteAction,
    total: Option<u64>,
    expected: Option<Digest>,
    offset: u64,
    data: Bytes,
}

impl Step {
    fn new(message: WriteContentRequest) -> Result<Self, Status> {
        let no_place = |_| Status::invalid_argument(format!("no offset: {}", message.offset));
        Ok(Self {
            action: message.action(),
            total: total(message.total),
            expected: expected(&message.expected)?,
            offset: u64::try_from(message.offset).map_err(no_place)?,
            data: message.data,
        })
    }

    /// The writer is gone when the blob is whole.
    fn run(
        self,
        store: &Store,
        mut writer: Writer,
    ) -> Result<(Option<Writer>, WriteContentResponse), LayoutError> {
        if let Some(digest) = &self.expected
            && store.blob(digest).is_ok()
        {
            writer.discard();
            return Err(LayoutError::Exists(digest.clone()));
        }
        writer.announce(self.total)?;
        let mut answer = WriteContentResponse {
            action: self.action.into(),
            ..WriteContentResponse::default()
        };
        if self.action != WriteAction::Stat {
            writer.write(self.offset, &self.data)?;
        }
        answer.offset = signed(writer.offset());
        answer.total = signed(writer.total().unwrap_or_default());
        if self.action == WriteAction::Commit {
            answer.digest = writer.commit(self.expected.as_ref())?.to_string();
            return Ok((None, answer));
        }
        if self.action == WriteAction::Stat
            && let Some(progress) = writer.progress()
        {
            answer.started_at = time(progress.started);
            answer.updated_at = time(progress.updated);
        }
        answer.digest = writer.digest().to_string();
        Ok((Some(writer), answer))
    }
}

/// A size, which is not announced if it is zero.
fn total(size: i64) -> Option<u64> {
    u64::try_from(size).ok().filter(|size| *size > 0)
}

fn expected(text: &str) -> Result<Option<Digest>, Status> {
    if text.is_empty() {
        return Ok(None);
    }
    digest(text).map(Some)
}

fn digest(text: &str) -> Result<Digest, Status> {
    text.parse()
        .map_err(|error| Status::invalid_argument(format!("{error}")))
}

fn signed(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

fn time(time: Option<SystemTime>) -> Option<Timestamp> {
    time.map(Timestamp::from)
}

fn info(blob: &Blob) -> Info {
    Info {
        digest: blob.digest.to_string(),
        size: signed(blob.size),
        created_at: time(blob.created),
        updated_at: time(blob.created),
    }
}

fn ingest(progress: Progress) -> Ingest {
    Ingest {
        started_at: time(progress.started),
        updated_at: time(progress.updated),
        r#ref: progress.reference,
        offset: signed(progress.offset),
        ..Ingest::default()
    }
}

fn no_filters(filters: &[String]) -> Result<(), Status> {
    if filters.is_empty() {
        return Ok(());
    }
    Err(Status::unimplemented("lists are not filtered here"))
}

/// Sends `size` bytes of a file from `offset` on.
fn send(
    mut file: File,
    (offset, size): (u64, u64),
    answers: &mpsc::Sender<Result<ReadContentResponse, Status>>,
) -> io::Result<()> {
    file.seek(SeekFrom::Start(offset))?;
    let mut rest = file.take(size);
    let mut sent = 0;
    loop {
        let mut data = vec![0; CHUNK.min(usize::try_from(rest.limit()).unwrap_or(CHUNK))];
        let length = rest.read(&mut data)?;
        if length == 0 {
            return Ok(());
        }
        data.truncate(length);
        let answer = ReadContentResponse {
            offset: sent,
            data: data.into(),
        };
        if answers.blocking_send(Ok(answer)).is_err() {
            return Ok(());
        }
        sent += signed(length as u64);
    }
}

#[tonic::async_trait]
impl content_server::Content for Content {
    type ListStream = Answers<ListContentResponse>;
    type ReadStream = Answers<ReadContentResponse>;
    type WriteStream = Answers<WriteContentResponse>;

    async fn info(&self, request: Request<InfoRequest>) -> Result<Response<InfoResponse>, Status> {
        let store = self.store(&request)?;
        let digest = digest(&request.into_inner().digest)?;
        let blob = self.work(move || store.blob(&digest)).await?;
        let info = Some(info(&blob));
        Ok(Response::new(InfoResponse { info }))
    }

    async fn update(&self, _: Request<UpdateRequest>) -> Result<Response<UpdateResponse>, Status> {
        Err(Status::failed_precondition(
            "blobs of a layout have no labels",
        ))
    }

    async fn list(
        &self,
        request: Request<ListContentRequest>,
    ) -> Result<Response<Self::ListStream>, Status> {
        let store = self.store(&request)?;
        no_filters(&request.get_ref().filters)?;
        let blobs = self.work(move || store.blobs()).await?;
        let pages: Vec<_> = blobs
            .chunks(PAGE)
            .map(|page| {
                let info = page.iter().map(info).collect();
                Ok(ListContentResponse { info })
            })
            .collect();
        Ok(Response::new(Box::pin(futures::stream::iter(pages))))
    }

    async fn delete(&self, request: Request<DeleteContentRequest>) -> Result<Response<()>, Status> {
        let store = self.store(&request)?;
        let digest = digest(&request.into_inner().digest)?;
        self.work(move || store.remove(&digest)).await?;
        Ok(Response::new(()))
    }

    async fn read(
        &self,
        request: Request<ReadContentRequest>,
    ) -> Result<Response<Self::ReadStream>, Status> {
        let store = self.store(&request)?;
        let request = request.into_inner();
        let digest = digest(&request.digest)?;
        let (file, length) = self.work(move || store.open(&digest)).await?;
        let offset = u64::try_from(request.offset).unwrap_or(0);
        if offset > length {
            return Err(Status::out_of_range(format!(
                "{offset} is behind the end of a blob of {length} bytes"
            )));
        }
        let rest = length - offset;
        let size = total(request.size).map_or(rest, |size| size.min(rest));
        let (answers, messages) = mpsc::channel(BACKLOG);
        tokio::task::spawn_blocking(move || {
            if let Err(error) = send(file, (offset, size), &answers) {
                let _ = answers.blocking_send(Err(Status::internal(error.to_string())));
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(messages))))
    }

    async fn status(
        &self,
        request: Request<StatusRequest>,
    ) -> Result<Response<StatusResponse>, Status> {
        let store = self.store(&request)?;
        let reference = request.into_inner().r#ref;
        let progress = self.work(move || store.progress(&reference)).await?;
        let status = Some(ingest(progress));
        Ok(Response::new(StatusResponse { status }))
    }

    async fn list_statuses(
        &self,
        request: Request<ListStatusesRequest>,
    ) -> Result<Response<ListStatusesResponse>, Status> {
        let store = self.store(&request)?;
        no_filters(&request.get_ref().filters)?;
        let all = self.work(move || store.all_progress()).await?;
        let statuses = all.into_iter().map(ingest).collect();
        Ok(Response::new(ListStatusesResponse { statuses }))
    }

    async fn write(
        &self,
        request: Request<Streaming<WriteContentRequest>>,
    ) -> Result<Response<Self::WriteStream>, Status> {
        let store = self.store(&request)?;
        let mut messages = request.into_inner();
        let first = messages.message().await?;
        let first = first.ok_or_else(|| Status::invalid_argument("a blob without a message"))?;
        let (answers, outgoing) = mpsc::channel(BACKLOG);
        let content = self.clone();
        tokio::spawn(async move {
            if let Err(status) = content.take(store, first, messages, &answers).await {
                let _ = answers.send(Err(status)).await;
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(outgoing))))
    }

    async fn abort(&self, request: Request<AbortRequest>) -> Result<Response<()>, Status> {
        let store = self.store(&request)?;
        let reference = request.into_inner().r#ref;
        self.work(move || store.abort(&reference)).await?;
        Ok(Response::new(()))
    }
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;
