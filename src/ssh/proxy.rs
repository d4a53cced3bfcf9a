//! Between a step and an agent: what may pass.

use std::io;
use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncWrite};

use super::keyring::Keyring;
use super::message::{self, FAILURE, REQUEST_IDENTITIES, SIGN_REQUEST};
use crate::system;

/// Who answers a step.
#[derive(Debug)]
pub enum Agent {
    /// The user's agent, at this socket.
    Socket(PathBuf),
    /// Keys that were named.
    Keys(Keyring),
}

/// Why a step's connection to an agent ended early.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// Nobody listens at the socket.
    #[error("cannot reach the SSH agent at {0}")]
    Unreachable(PathBuf, #[source] io::Error),
    /// The connection broke, on either side.
    #[error("the connection to the SSH agent broke")]
    Broken(#[from] io::Error),
}

/// Answers what comes from `step`, until it has no more questions.
pub async fn serve(
    agent: &Agent,
    mut step: impl AsyncRead + AsyncWrite + Unpin,
) -> Result<(), AgentError> {
    match agent {
        Agent::Keys(keys) => {
            while let Some(request) = message::read(&mut step).await? {
                message::write(&mut step, &keys.answer(&request)).await?;
            }
            Ok(())
        }
        Agent::Socket(path) => {
            let agent = system::connect(path).await;
            let agent = agent.map_err(|error| AgentError::Unreachable(path.clone(), error))?;
            filter(agent, step).await.map_err(AgentError::Broken)
        }
    }
}

/// Hands on what is allowed, one question and its answer after the other.
async fn filter(
    mut agent: impl AsyncRead + AsyncWrite + Unpin,
    mut step: impl AsyncRead + AsyncWrite + Unpin,
) -> io::Result<()> {
    while let Some(request) = message::read(&mut step).await? {
        if !is_allowed(&request) {
            message::write(&mut step, &[FAILURE]).await?;
            continue;
        }
        message::write(&mut agent, &request).await?;
        let answer = message::read(&mut agent).await?;
        let answer = answer.ok_or(io::ErrorKind::UnexpectedEof)?;
        message::write(&mut step, &answer).await?;
    }
    Ok(())
}

fn is_allowed(request: &[u8]) -> bool {
    matches!(request.first(), Some(&(REQUEST_IDENTITIES | SIGN_REQUEST)))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncWriteExt as _, DuplexStream, duplex};

    use super::super::key_file::tests::{ED25519, key};
    use super::*;

    async fn ask(stream: &mut DuplexStream, request: &[u8]) -> Vec<u8> {
        message::write(stream, request).await.unwrap();
        message::read(stream).await.unwrap().unwrap()
    }

    /// An agent that would do anything, and says what it was asked.
    async fn obliging(mut stream: DuplexStream) -> Vec<Vec<u8>> {
        let mut asked = Vec::new();
        while let Some(request) = message::read(&mut stream).await.unwrap() {
            message::write(&mut stream, &[message::SIGN_RESPONSE, 9])
                .await
                .unwrap();
            asked.push(request);
        }
        asked
    }

    #[tokio::test]
    async fn only_listing_and_signing_reach_the_agent() {
        let (mut step, ours) = duplex(1 << 10);
        let (filtered, agent) = duplex(1 << 10);
        let agent = tokio::spawn(obliging(agent));
        let filter = tokio::spawn(filter(filtered, ours));
        // Every kind of message that there is, those of agents to come included.
        for kind in 0..=u8::MAX {
            let answer = ask(&mut step, &[kind, 1, 2]).await;
            let allowed = [REQUEST_IDENTITIES, SIGN_REQUEST].contains(&kind);
            let expected: &[u8] = if allowed {
                &[message::SIGN_RESPONSE, 9]
            } else {
                &[FAILURE]
            };
            assert_eq!(answer, expected, "{kind}");
        }
        drop(step);
        filter.await.unwrap().unwrap();
        let expected = [vec![REQUEST_IDENTITIES, 1, 2], vec![SIGN_REQUEST, 1, 2]];
        assert_eq!(agent.await.unwrap(), expected);
    }

    #[tokio::test]
    async fn keys_answer_themselves() {
        let (mut step, ours) = duplex(1 << 10);
        let agent = Agent::Keys(Keyring::new(vec![key(ED25519)]));
        let served = tokio::spawn(async move { serve(&agent, ours).await });
        assert_eq!(
            ask(&mut step, &[REQUEST_IDENTITIES]).await[..5],
            [12, 0, 0, 0, 1]
        );
        assert_eq!(ask(&mut step, &[17, 1]).await, [FAILURE]);
        drop(step);
        served.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_message_without_end_is_refused() {
        let (mut step, ours) = duplex(1 << 10);
        let agent = Agent::Keys(Keyring::new(vec![]));
        let served = tokio::spawn(async move { serve(&agent, ours).await });
        step.write_all(&[0xff; 4]).await.unwrap();
        let error = served.await.unwrap().unwrap_err();
        assert!(matches!(error, AgentError::Broken(_)), "{error}");
    }

    #[tokio::test]
    async fn an_agent_that_is_not_there_is_named() {
        let (_step, ours) = duplex(1 << 10);
        let agent = Agent::Socket("/nonexistent/agent".into());
        let error = serve(&agent, ours).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot reach the SSH agent at /nonexistent/agent"
        );
    }
}
