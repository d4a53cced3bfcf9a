//! The gateway: this program takes the place of a frontend and hands the solve on to the real one.
//!
//! A plain solve would lose what a frontend answers to a question; through the gateway its result returns
//! here first and goes back as it is.

use std::collections::HashMap;
use std::sync::OnceLock;

use bytes::Bytes;
use prost::Message as _;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;
use tonic::{Request, Status};

use crate::proto::frontend::llb_bridge_client::LlbBridgeClient;
use crate::proto::frontend::{
    self as proto, FileRange, ReadFileRequest, ReturnRequest, SolveRequest,
};
use crate::proto::pb::Definition;
use crate::proto::rpc;

use super::client::Client;
use super::dial::MAX_MESSAGE;
use super::failure::Failure;

/// The header that says which build a call belongs to.
const BUILD_ID: &str = "buildkit-controlapi-buildid";

pub(super) struct Gateway {
    bridge: LlbBridgeClient<Channel>,
    build: MetadataValue<Ascii>,
}

impl Gateway {
    pub(super) fn new(client: &Client, build: &str) -> Result<Self, Failure> {
        let bridge = LlbBridgeClient::new(client.channel.clone())
            .max_decoding_message_size(MAX_MESSAGE)
            .max_encoding_message_size(MAX_MESSAGE);
        let build = MetadataValue::try_from(build)
            .map_err(|_| Failure::local(format!("{build:?} is no build id")))?;
        Ok(Self { bridge, build })
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.metadata_mut().insert(BUILD_ID, self.build.clone());
        request
    }

    /// Runs the frontend and returns what it found, or why it found nothing, to the build. A copy of
    /// what it found is left in `found`.
    ///
    /// The daemon waits some seconds for a build that it does not know yet: this may be called
    /// together with the solve that it belongs to.
    pub(super) async fn run(
        mut self,
        frontend: String,
        attributes: HashMap<String, String>,
        found: &OnceLock<Bytes>,
    ) -> Result<(), Failure> {
        let solve = SolveRequest {
            frontend,
            frontend_opt: attributes,
            allow_result_return: true,
            allow_result_array_ref: true,
            ..SolveRequest::default()
        };
        let solved = self.bridge.solve(self.request(solve)).await;
        let solved = solved.map(|response| response.into_inner().result);
        if let Ok(result) = &solved {
            let _ = found.set(result.clone());
        }
        let returned = self.end(solved.clone()).await;
        solved?;
        returned
    }

    /// Solves `definition` and reads at most `most` bytes of a file in its result.
    pub(super) async fn read(
        mut self,
        definition: Definition,
        path: &str,
        most: u64,
    ) -> Result<Bytes, Failure> {
        let solve = SolveRequest {
            definition: Some(definition),
            allow_result_return: true,
            allow_result_array_ref: true,
            ..SolveRequest::default()
        };
        let solved = self.bridge.solve(self.request(solve)).await;
        let solved = solved.map(|response| response.into_inner().result);
        let read = match &solved {
            Ok(result) => self.file(result, path, most).await,
            Err(status) => Err(status.clone()),
        };
        let returned = self.end(solved.and_then(|result| read.clone().map(|_| result)));
        let returned = returned.await;
        let text = read?;
        returned?;
        Ok(text)
    }

    async fn file(&mut self, result: &Bytes, path: &str, most: u64) -> Result<Bytes, Status> {
        let result = proto::Result::decode(&result[..])
            .map_err(|error| Status::data_loss(error.to_string()))?;
        let request = ReadFileRequest {
            r#ref: result.r#ref.unwrap_or_default().id,
            file_path: path.to_owned(),
            range: Some(FileRange {
                offset: 0,
                length: i64::try_from(most).unwrap_or(i64::MAX),
            }),
        };
        let response = self.bridge.read_file(self.request(request)).await?;
        Ok(response.into_inner().data)
    }

    /// Returns to the build what was found, or why nothing was.
    async fn end(&mut self, solved: Result<Bytes, Status>) -> Result<(), Failure> {
        let answer = match solved {
            Ok(result) => ReturnRequest {
                result,
                error: None,
            },
            Err(status) => ReturnRequest {
                error: Some(error(&status)),
                ..Default::default()
            },
        };
        self.bridge.r#return(self.request(answer)).await?;
        Ok(())
    }
}

/// A failed call as the error of a result.
fn error(status: &Status) -> rpc::Status {
    rpc::Status {
        code: status.code().into(),
        message: status.message().to_owned(),
        details: Vec::new(),
    }
}
