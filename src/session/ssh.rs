//! The session's SSH service: a step speaks with an agent of this machine, through a filter.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;

use bytes::BytesMut;
use futures::{Stream, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, ReadHalf, WriteHalf};
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status, Streaming};

use crate::proto::ssh::{BytesMessage, CheckAgentRequest, CheckAgentResponse, ssh_server};
use crate::ssh::{self, Agent};

use super::failure::Failure;
use super::ledger::Ledger;

/// The header that names the agent.
const AGENT_ID: &str = "buildkit.ssh.id";
/// The agent of steps that name none.
const DEFAULT: &str = "default";
/// What may wait between the step and the agent, in bytes.
const BACKLOG: usize = 64 << 10;

/// Agents by the name under which steps mount them.
pub type Agents = HashMap<String, Arc<Agent>>;

pub(super) struct Ssh {
    pub(super) agents: Agents,
    pub(super) ledger: Ledger,
}

impl Ssh {
    fn agent(&self, id: &str) -> Result<Arc<Agent>, Status> {
        let id = if id.is_empty() { DEFAULT } else { id };
        let unknown = || Status::not_found(format!("SSH agent {id:?} was not given: --ssh {id}"));
        self.agents.get(id).cloned().ok_or_else(unknown)
    }
}

#[tonic::async_trait]
impl ssh_server::Ssh for Ssh {
    async fn check_agent(
        &self,
        request: Request<CheckAgentRequest>,
    ) -> Result<Response<CheckAgentResponse>, Status> {
        self.agent(&request.into_inner().id)?;
        Ok(Response::new(CheckAgentResponse {}))
    }

    type ForwardAgentStream = Pin<Box<dyn Stream<Item = Result<BytesMessage, Status>> + Send>>;

    async fn forward_agent(
        &self,
        request: Request<Streaming<BytesMessage>>,
    ) -> Result<Response<Self::ForwardAgentStream>, Status> {
        let agent = self.agent(&agent_id(request.metadata()))?;
        let (ours, steps) = tokio::io::duplex(BACKLOG);
        let ledger = self.ledger.clone();
        tokio::spawn(async move {
            match ssh::serve(&agent, ours).await {
                // A step may hang up whenever it likes.
                Ok(()) | Err(ssh::AgentError::Broken(_)) => {}
                Err(error @ ssh::AgentError::Unreachable(..)) => ledger.failed(Failure::Local {
                    error: error.into(),
                    hint: Some("start one with ssh-agent, or name key files: --ssh default=KEY"),
                }),
            }
        });
        let (answers, questions) = tokio::io::split(steps);
        tokio::spawn(ask(request.into_inner(), questions));
        Ok(Response::new(Box::pin(answered(answers))))
    }
}

fn agent_id(headers: &MetadataMap) -> String {
    let id = headers.get(AGENT_ID).and_then(|id| id.to_str().ok());
    id.unwrap_or_default().to_owned()
}

/// Hands on what the step writes, until it has no more.
async fn ask(mut messages: Streaming<BytesMessage>, mut questions: WriteHalf<DuplexStream>) {
    while let Some(Ok(message)) = messages.next().await {
        if questions.write_all(&message.data).await.is_err() {
            return;
        }
    }
    let _ = questions.shutdown().await;
}

/// What the agent answers, until it hangs up.
fn answered(answers: ReadHalf<DuplexStream>) -> impl Stream<Item = Result<BytesMessage, Status>> {
    futures::stream::unfold(answers, |mut answers| async {
        let mut data = BytesMut::with_capacity(BACKLOG / 2);
        match answers.read_buf(&mut data).await {
            Ok(0) | Err(_) => None,
            Ok(_) => {
                let data = data.freeze();
                Some((Ok(BytesMessage { data }), answers))
            }
        }
    })
}
