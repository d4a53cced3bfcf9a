//! The session's policy service: the daemon asks whether the build may have a source.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::sleep;
use tonic::{Request, Response, Status};

use crate::env;
use crate::event::{Step, WeakEvents};
use crate::policy::{Checked, Policies};
use crate::proto::policysession::check_policy_response::Result as Answer;
use crate::proto::policysession::policy_verifier_server::PolicyVerifier;
use crate::proto::policysession::{CheckPolicyRequest, CheckPolicyResponse, DecisionResponse};

use super::failure::Failure;
use super::ledger::Ledger;

/// How long the step stays open after a source was judged: the next one is often at hand. As in buildx.
const OPEN: Duration = Duration::from_millis(500);

/// The step's identity; every build has at most one.
const STEP: &str = "kubectl-buildkit:policies";

/// What the daemon calls.
pub(super) struct Verifier {
    /// None if the build has no policies; the daemon is not told to ask then.
    pub(super) policies: Option<Arc<Policies>>,
    pub(super) ledger: Ledger,
    pub(super) log: Arc<Log>,
}

#[tonic::async_trait]
impl PolicyVerifier for Verifier {
    async fn check_policy(
        &self,
        request: Request<CheckPolicyRequest>,
    ) -> Result<Response<CheckPolicyResponse>, Status> {
        let answer = |result| {
            let result = Some(result);
            Ok(Response::new(CheckPolicyResponse { result }))
        };
        let Some(policies) = self.policies.clone() else {
            return answer(Answer::Decision(DecisionResponse::default()));
        };
        let request = request.into_inner();
        let checked = tokio::task::spawn_blocking(move || policies.check(&request)).await;
        match checked.map_err(|panic| Status::internal(panic.to_string()))? {
            Ok(Checked {
                answer: result,
                log,
            }) => {
                self.log.write(&log).await;
                answer(result)
            }
            Err(error) => {
                let status = Status::failed_precondition(error.to_string());
                self.log.write(&[error.to_string()]).await;
                self.ledger.failed(Failure::local(error));
                Err(status)
            }
        }
    }
}

/// The step that shows what policies decide.
pub(super) struct Log {
    /// The files of the policies, for people.
    names: String,
    events: WeakEvents,
    open: Mutex<Open>,
}

/// A step that is shown as running, and how often something was written.
#[derive(Default)]
struct Open {
    step: Option<Step>,
    written: u64,
    is_closed: bool,
}

impl Log {
    pub(super) fn new(policies: Option<&Policies>, events: WeakEvents) -> Arc<Self> {
        Arc::new(Self {
            names: policies.map(Policies::names).unwrap_or_default(),
            events,
            open: Mutex::default(),
        })
    }

    /// Shows lines. The step ends when there are none for a while.
    async fn write(self: &Arc<Self>, lines: &[String]) {
        let mut open = self.open.lock().await;
        if open.is_closed {
            return;
        }
        let step = match open.step.take() {
            Some(step) => step,
            None => self.begin().await,
        };
        step.log(env::now(), &format!("{}\n", lines.join("\n")))
            .await;
        open.step = Some(step);
        open.written += 1;
        let (log, written) = (Arc::clone(self), open.written);
        tokio::spawn(async move {
            sleep(OPEN).await;
            let mut open = log.open.lock().await;
            if open.written != written {
                return;
            }
            if let Some(step) = open.step.take() {
                step.end(env::now(), String::new()).await;
            }
        });
    }

    /// Ends the step for good; `error` says whether policies ended the build.
    pub(super) async fn close(&self, error: String) {
        let mut open = self.open.lock().await;
        open.is_closed = true;
        let step = match open.step.take() {
            Some(step) => step,
            None if error.is_empty() => return,
            None => self.begin().await,
        };
        step.end(env::now(), error).await;
    }

    async fn begin(&self) -> Step {
        let name = format!("loading policies {}", self.names);
        Step::begin(STEP, name, env::now(), self.events.clone()).await
    }
}
