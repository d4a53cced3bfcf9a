//! A small file that the daemon downloads for a build: a Dockerfile at a URL.
//!
//! The daemon fetches it, and not this machine: often only one of the two reaches the server, and
//! what a build reads should not depend on where it was typed.

use std::collections::HashMap;
use std::pin::pin;

use bytes::Bytes;
use prost::Message as _;
use ring::digest::{SHA256, digest};
use tokio::time::timeout;

use crate::event::Events;
use crate::files::Texts;
use crate::proto::control::SolveRequest;
use crate::proto::pb::{Definition, Input, Op, OpMetadata, SourceOp};

use super::client::Client;
use super::failure::Failure;
use super::file_sync::{Folder, Source};
use super::gateway::Gateway;
use super::id::random_id;
use super::watch::STATUS_SILENCE;

/// The largest Dockerfile that is fetched, as in buildx.
const MOST: u64 = 2 << 20;

/// A file that the daemon downloads before the build, and then finds in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// Where it is.
    pub url: String,
    /// The folder that it becomes.
    pub folder: String,
    /// Its name in that folder.
    pub name: String,
}

impl Client {
    /// Has the daemon download a file, as a step that is shown, and makes a folder of it.
    pub(super) async fn fetch(&self, fetch: &Fetch, events: &Events) -> Result<Folder, Failure> {
        let reference = random_id().map_err(Failure::local)?;
        let gateway = Gateway::new(self, &reference)?;
        let status = self.watch(reference.clone(), events.clone());
        let request = SolveRequest {
            r#ref: reference,
            internal: true,
            ..SolveRequest::default()
        };
        let mut control = self.control();
        let solve = async { Ok(control.solve(request).await.map(drop)?) };
        let read = gateway.read(download(fetch), &fetch.name, MOST + 1);
        let text = beside(solve, read).await;
        status.end(STATUS_SILENCE).await;
        let text = text?;
        if text.len() as u64 > MOST {
            return Err(Failure::local(format!(
                "{} is larger than 2 MiB, which is more than a Dockerfile may be",
                fetch.url
            )));
        }
        Ok(folder(&fetch.name, text))
    }
}

/// What is read in a solve, which then has a moment to end by itself. Either may end first: that
/// the solve ends well says nothing before the text is there.
async fn beside<T>(
    solve: impl Future<Output = Result<(), Failure>>,
    read: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let (mut solve, mut read) = (pin!(solve), pin!(read));
    tokio::select! {
        text = &mut read => {
            if text.is_ok() {
                _ = timeout(STATUS_SILENCE, solve).await;
            }
            text
        }
        ended = &mut solve => {
            ended?;
            read.await
        }
    }
}

fn folder(name: &str, text: Bytes) -> Folder {
    Folder {
        source: Source::Memory(Texts::from([(name.to_owned(), text)])),
        is_context: false,
    }
}

/// What the daemon is asked to solve: the download, and that its result is wanted.
fn download(fetch: &Fetch) -> Definition {
    let source = Op {
        source: Some(SourceOp {
            identifier: fetch.url.clone(),
            attrs: HashMap::from([("http.filename".to_owned(), fetch.name.clone())]),
        }),
        ..Op::default()
    };
    let source = Bytes::from(source.encode_to_vec());
    let hash = digest(&SHA256, &source);
    let hash = hash.as_ref().iter().map(|byte| format!("{byte:02x}"));
    let input = Input {
        digest: format!("sha256:{}", hash.collect::<String>()),
        index: 0,
    };
    let title = format!("[internal] load {}", fetch.url);
    let description = HashMap::from([("llb.customname".to_owned(), title)]);
    let about = OpMetadata {
        description,
        ..OpMetadata::default()
    };
    let metadata = HashMap::from([(input.digest.clone(), about)]);
    let result = Op {
        inputs: vec![input],
        ..Op::default()
    };
    Definition {
        def: vec![source, result.encode_to_vec().into()],
        metadata,
        source: None,
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use tokio::task::yield_now;

    use super::*;

    async fn later<T>(result: Result<T, Failure>) -> Result<T, Failure> {
        yield_now().await;
        result
    }

    fn failed() -> Failure {
        Failure::local("failed")
    }

    /// What came of it, in words.
    fn said<T: ToString>(outcome: Result<T, Failure>) -> String {
        outcome.map_or_else(|failure| failure.to_string(), |text| text.to_string())
    }

    #[tokio::test]
    async fn the_solve_may_end_before_the_text_is_there() {
        assert_eq!(said(beside(ready(Ok(())), later(Ok("text"))).await), "text");
        assert_eq!(said(beside(later(Ok(())), ready(Ok("text"))).await), "text");
    }

    #[tokio::test]
    async fn a_failure_of_either_is_the_failure() {
        let read = later::<&str>;
        assert_eq!(
            said(beside(later(Err(failed())), pending::<Result<&str, _>>()).await),
            "failed"
        );
        assert_eq!(said(beside(pending(), read(Err(failed()))).await), "failed");
        assert_eq!(
            said(beside(ready(Ok(())), read(Err(failed()))).await),
            "failed"
        );
    }
}
