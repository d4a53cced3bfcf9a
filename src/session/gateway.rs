//! The gateway: this program takes the place of a frontend and hands the solve on to the real one.
//!
//! A plain solve would lose what a frontend answers besides an image; a frontend's result returns
//! here first and goes back unread.

use std::collections::HashMap;
use std::sync::OnceLock;

use bytes::Bytes;
use tonic::Request;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;

use crate::proto::frontend::llb_bridge_client::LlbBridgeClient;
use crate::proto::frontend::{ReturnRequest, SolveRequest};
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
            cache_imports: Vec::new(),
        };
        let solved = self.bridge.solve(self.request(solve)).await;
        let answer = match &solved {
            Ok(response) => {
                let result = response.get_ref().result.clone();
                let _ = found.set(result.clone());
                ReturnRequest {
                    result,
                    error: None,
                }
            }
            Err(status) => ReturnRequest {
                error: Some(error(status)),
                ..Default::default()
            },
        };
        let returned = self.bridge.r#return(self.request(answer)).await;
        solved?;
        returned?;
        Ok(())
    }
}

/// A failed call as the error of a result.
fn error(status: &tonic::Status) -> rpc::Status {
    rpc::Status {
        code: status.code().into(),
        message: status.message().to_owned(),
        details: Vec::new(),
    }
}
