//! The content service over its wire, with a daemon that cannot be trusted.

use std::collections::HashMap;

use futures::StreamExt as _;
use hyper_util::rt::TokioIo;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint, Server, Uri};
use tonic::{Code, Request, Status};

use super::*;
use crate::layout::{Access, digest_of};
use crate::proto::content::content_client::ContentClient;
use crate::proto::content::content_server::ContentServer;

struct Daemon {
    client: ContentClient<Channel>,
    ledger: Ledger,
    folder: TempDir,
}

/// A daemon at the other end of a session that offers one layout.
async fn daemon(access: Access) -> Daemon {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), access).unwrap();
    let ledger = Ledger::default();
    let content = Content {
        stores: HashMap::from([("local:x".to_owned(), store)]),
        ledger: ledger.clone(),
    };
    let (here, there) = tokio::io::duplex(1 << 20);
    let connections = futures::stream::once(async { std::io::Result::Ok(there) });
    tokio::spawn(
        Server::builder()
            .add_service(ContentServer::new(content))
            .serve_with_incoming(connections.chain(futures::stream::pending())),
    );
    let mut here = Some(here);
    let connector = tower::service_fn(move |_: Uri| {
        let here = here.take();
        async move {
            here.map(TokioIo::new)
                .ok_or_else(|| std::io::Error::other("gone"))
        }
    });
    let endpoint = Endpoint::from_static("http://session");
    let channel = endpoint.connect_with_connector(connector).await.unwrap();
    Daemon {
        client: ContentClient::new(channel),
        ledger,
        folder,
    }
}

fn asked<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    let id = "local:x".parse().unwrap();
    request.metadata_mut().insert(STORE_ID, id);
    request
}

fn message(action: WriteAction, offset: i64, data: &[u8]) -> WriteContentRequest {
    WriteContentRequest {
        action: action.into(),
        r#ref: "ref".into(),
        offset,
        data: data.to_vec().into(),
        ..WriteContentRequest::default()
    }
}

impl Daemon {
    /// Sends messages one by one, each after the answer to the one before; the last answer.
    async fn write(
        &self,
        messages: Vec<WriteContentRequest>,
    ) -> Result<WriteContentResponse, Status> {
        let (sender, receiver) = mpsc::channel(1);
        let mut messages = messages.into_iter();
        sender.send(messages.next().unwrap()).await.unwrap();
        let stream = asked(ReceiverStream::new(receiver));
        let mut answers = self.client.clone().write(stream).await?.into_inner();
        loop {
            let answer = answers.message().await?.unwrap();
            match messages.next() {
                Some(next) => sender.send(next).await.unwrap(),
                None => return Ok(answer),
            }
        }
    }

    async fn read(&self, digest: &str, offset: i64, size: i64) -> Result<Vec<u8>, Status> {
        let request = asked(ReadContentRequest {
            digest: digest.to_owned(),
            offset,
            size,
        });
        let mut messages = self.client.clone().read(request).await?.into_inner();
        let mut content = Vec::new();
        while let Some(message) = messages.message().await? {
            assert_eq!(message.offset, signed(content.len() as u64));
            content.extend_from_slice(&message.data);
        }
        Ok(content)
    }

    /// What the user is told if the daemon fails with these words.
    fn told(&self, daemon: &str) -> Option<String> {
        Some(self.ledger.take_failure(daemon)?.to_string())
    }
}

#[tokio::test]
async fn a_blob_goes_there_and_back_in_parts() {
    let daemon = daemon(Access::Write).await;
    let content: Vec<u8> = (0..=250).cycle().take(3 * CHUNK + 5).collect();
    let digest = digest_of(&content).to_string();
    let (one, two) = content.split_at(CHUNK + 1);
    let mut commit = message(WriteAction::Commit, signed(content.len() as u64), b"");
    commit.expected.clone_from(&digest);
    commit.total = signed(content.len() as u64);
    let answer = daemon
        .write(vec![
            message(WriteAction::Stat, 0, b""),
            message(WriteAction::Write, 0, one),
            message(WriteAction::Write, signed(one.len() as u64), two),
            commit.clone(),
        ])
        .await
        .unwrap();
    assert_eq!(answer.digest, digest);
    assert_eq!(answer.offset, commit.offset);

    assert_eq!(daemon.read(&digest, 0, 0).await.unwrap(), content);
    assert_eq!(daemon.read(&digest, 9, 4).await.unwrap(), content[9..13]);
    let end = daemon.read(&digest, commit.total - 1, 100).await.unwrap();
    assert_eq!(end, content[content.len() - 1..]);
    let behind = daemon.read(&digest, commit.total + 1, 0).await.unwrap_err();
    assert_eq!(behind.code(), Code::OutOfRange);

    let mut client = daemon.client.clone();
    let info = client
        .info(asked(InfoRequest {
            digest: digest.clone(),
        }))
        .await;
    assert_eq!(info.unwrap().into_inner().info.unwrap().size, commit.total);
    let list = client.list(asked(ListContentRequest::default())).await;
    let page = list.unwrap().into_inner().message().await.unwrap().unwrap();
    assert_eq!(page.info[0].digest, digest);
    let again = daemon.write(vec![commit]).await.unwrap_err();
    assert_eq!(again.code(), Code::AlreadyExists);
    assert_eq!(daemon.told("rpc error"), None);
}

#[tokio::test]
async fn lies_are_refused_and_told() {
    let daemon = daemon(Access::Write).await;
    let digest = digest_of(b"content").to_string();
    let lie = |change: fn(&mut WriteContentRequest)| {
        let mut message = message(WriteAction::Commit, 0, b"other");
        change(&mut message);
        message
    };
    let wrong_digest = lie(|m| m.expected = digest_of(b"content").to_string());
    let cases = [
        (wrong_digest, Code::FailedPrecondition, "was announced"),
        (lie(|m| m.total = 9), Code::FailedPrecondition, "5 bytes"),
        (lie(|m| m.total = 2), Code::OutOfRange, "the 2 announced"),
        (
            lie(|m| m.offset = 1 << 40),
            Code::OutOfRange,
            "1099511627776",
        ),
        (lie(|m| m.total = i64::MAX), Code::ResourceExhausted, "room"),
    ];
    for (message, code, words) in cases {
        let refused = daemon.write(vec![message]).await.unwrap_err();
        assert_eq!(refused.code(), code, "{refused}");
        assert!(refused.message().contains(words), "{refused}");
        assert_eq!(
            daemon
                .told(&format!("rpc error: {}", refused.message()))
                .as_deref(),
            Some(refused.message())
        );
    }
    let invalid = [
        lie(|m| m.offset = -1),
        lie(|m| m.expected = "sha256:../../../../../etc/passwd".into()),
        lie(|m| m.expected = "x".into()),
        lie(|m| m.r#ref = String::new()),
    ];
    for message in invalid {
        let refused = daemon.write(vec![message]).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
    }
    assert!(daemon.read(&digest, 0, 0).await.is_err());
    let path = daemon.read("../../etc/passwd", 0, 0).await.unwrap_err();
    assert_eq!(path.code(), Code::InvalidArgument);
    assert!(!daemon.folder.path().join("blobs").exists());
}

#[tokio::test]
async fn a_second_writer_waits_and_the_third_goes_on() {
    let daemon = daemon(Access::Write).await;
    let (sender, receiver) = mpsc::channel(1);
    let half = message(WriteAction::Write, 0, b"con");
    sender.send(half.clone()).await.unwrap();
    let mut client = daemon.client.clone();
    let stream = asked(ReceiverStream::new(receiver));
    let mut first = client.write(stream).await.unwrap().into_inner();
    assert_eq!(first.message().await.unwrap().unwrap().offset, 3);
    let busy = daemon.write(vec![half]).await.unwrap_err();
    assert_eq!(busy.code(), Code::Unavailable);

    drop(sender);
    assert!(first.message().await.unwrap().is_none());
    let status = client
        .status(asked(StatusRequest {
            r#ref: "ref".into(),
        }))
        .await;
    assert_eq!(status.unwrap().into_inner().status.unwrap().offset, 3);
    let all = client
        .list_statuses(asked(ListStatusesRequest::default()))
        .await;
    assert_eq!(all.unwrap().into_inner().statuses.len(), 1);
    let rest = message(WriteAction::Commit, 3, b"tent");
    let answer = daemon
        .write(vec![message(WriteAction::Stat, 0, b""), rest])
        .await
        .unwrap();
    assert_eq!(answer.digest, digest_of(b"content").to_string());
    let gone = client
        .abort(asked(AbortRequest {
            r#ref: "ref".into(),
        }))
        .await;
    assert_eq!(gone.unwrap_err().code(), Code::NotFound);
    assert_eq!(daemon.told("rpc error"), None);
}

#[tokio::test]
async fn a_layout_that_is_read_is_not_changed() {
    let daemon = daemon(Access::Read).await;
    let refused = daemon
        .write(vec![message(WriteAction::Commit, 0, b"x")])
        .await;
    assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
    let digest = digest_of(b"x").to_string();
    let mut client = daemon.client.clone();
    let delete = DeleteContentRequest { digest };
    let refused = client.delete(asked(delete)).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let labels = client.update(asked(UpdateRequest::default())).await;
    assert_eq!(labels.unwrap_err().code(), Code::FailedPrecondition);
    let entries = daemon.folder.path().read_dir().unwrap();
    assert_eq!(entries.count(), 0);

    let elsewhere = Request::new(InfoRequest::default());
    let refused = client.info(elsewhere).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let mut unknown = asked(InfoRequest::default());
    let id = "local:/etc".parse().unwrap();
    unknown.metadata_mut().insert(STORE_ID, id);
    let refused = client.info(unknown).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
}
