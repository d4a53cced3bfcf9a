//! Policies in Rego: which sources a build may have.
//!
//! The daemon names each source before it fetches it. What a policy needs to know beyond the name is asked
//! of the daemon, which then comes back with it. Everything else happens here: `files` → `rules`, and
//! `source` → a decision.

mod fields;
mod files;
mod functions;
mod git;
mod needs;
mod recursion;
mod rules;
mod source;
mod time;
mod words;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::model::{ImageName, PolicyLog};
use crate::proto::frontend::{
    ResolveSourceGitRequest, ResolveSourceImageRequest, ResolveSourceMetaRequest,
};
use crate::proto::pb;
use crate::proto::policysession::check_policy_response::Result as Answer;
use crate::proto::policysession::{CheckPolicyRequest, DecisionResponse, DenyMessage};
use crate::proto::sourcepolicy::PolicyAction;

pub use files::{FileError, Files};
pub use git::ObjectError;
pub use needs::Unknowable;
pub use rules::{Policy, PolicyError};
pub use source::SourceError;

use fields::Fields as _;
use needs::{Fact, Needs};
use rules::Decision;
use source::Source;

/// All policies of a build: each must allow each source.
#[derive(Debug, Clone)]
pub struct Policies {
    policies: Vec<Policy>,
    environment: Map<String, Value>,
}

/// Why a source cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The source has no meaning.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A policy has none.
    #[error("policy {0}: {1}")]
    Policy(String, #[source] PolicyError),
    /// A policy wants an image to be several.
    #[error("policy {policy}: the image is pinned to {}", .digests.join(" and to "))]
    Pins {
        /// The policy's files.
        policy: String,
        /// What the image is pinned to.
        digests: Vec<String>,
    },
    /// A policy wants something else to be an image.
    #[error("policy {0} pins {1:?}, which is no image")]
    NoImage(String, String),
}

/// What the daemon is told of a source, and what was said meanwhile.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// For the daemon.
    pub answer: Answer,
    /// What policies printed, and what they decided; in the order of that.
    pub log: Vec<String>,
}

/// What policies are told of the build itself, as `input.env`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// Arguments of the build.
    pub arguments: BTreeMap<String, String>,
    /// Labels of the image.
    pub labels: BTreeMap<String, String>,
    /// The Dockerfile's name.
    pub file_name: String,
    /// The stage that is built, if one is named.
    pub target: String,
}

impl Environment {
    fn fields(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.fill_value("args", json!(self.arguments));
        fields.fill_value("labels", json!(self.labels));
        fields.fill("filename", &self.file_name);
        fields.fill("target", &self.target);
        fields.insert("depth".to_owned(), 0.into());
        fields
    }
}

impl Policies {
    /// Policies of a build; the order is that in which they are asked.
    pub fn new(policies: Vec<Policy>, environment: &Environment) -> Self {
        Self {
            policies,
            environment: environment.fields(),
        }
    }

    /// The files that were named, for people.
    pub fn names(&self) -> String {
        let names = self.policies.iter().flat_map(|policy| &policy.names);
        names.map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    /// Whether one of them wants steps to reach the network through the daemon's proxy only.
    pub fn need_proxy(&self) -> Result<bool, CheckError> {
        for policy in &self.policies {
            let wants = policy.needs_proxy(&self.environment);
            if wants.map_err(|error| CheckError::Policy(policy.title(), error))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Judges one source; the first policy that does not simply allow it has the last word.
    pub fn check(&self, request: &CheckPolicyRequest) -> Result<Checked, CheckError> {
        let said = request.source.clone().unwrap_or_default();
        let source = Source::read(&said, request.platform.as_ref())?;
        let wanted = said.source.unwrap_or_default();
        let name = shown(&wanted, request.platform.as_ref());
        let mut log = Vec::new();
        for policy in &self.policies {
            let mut tell = |lines: Vec<String>| match policy.log {
                PolicyLog::Nothing => {}
                PolicyLog::Decisions | PolicyLog::Input => log.extend(lines),
            };
            tell(vec![format!("checking policy for source {name}")]);
            let lacking = policy.lacks(&source);
            if !lacking.is_empty() {
                tell(vec![format!(
                    "policy decision for source {name}: look it up first"
                )]);
                let answer = Answer::Request(look_up(&lacking, request));
                return Ok(Checked { answer, log });
            }
            let decision = policy.decide(&source, &self.environment);
            let mut decision =
                decision.map_err(|error| CheckError::Policy(policy.title(), error))?;
            tell(
                decision
                    .input
                    .take()
                    .map(|input| format!("policy input: {input}"))
                    .into_iter()
                    .collect(),
            );
            tell(std::mem::take(&mut decision.prints));
            let (answer, is_last) = answer(policy, decision, &wanted)?;
            tell(words(&name, &answer));
            if is_last {
                let answer = Answer::Decision(answer);
                return Ok(Checked { answer, log });
            }
        }
        let answer = Answer::Decision(DecisionResponse::default());
        Ok(Checked { answer, log })
    }
}

/// The decision, and whether later policies are not asked any more.
fn answer(
    policy: &Policy,
    decision: Decision,
    source: &pb::SourceOp,
) -> Result<(DecisionResponse, bool), CheckError> {
    if !decision.is_allowed {
        let messages = decision.deny_messages.into_iter();
        let denial = DecisionResponse {
            action: PolicyAction::Deny.into(),
            deny_messages: messages.map(|message| DenyMessage { message }).collect(),
            update: None,
        };
        return Ok((denial, true));
    }
    match &decision.pins[..] {
        [] => Ok((DecisionResponse::default(), false)),
        [digest] => {
            let update = pinned(source, digest);
            let update = update
                .ok_or_else(|| CheckError::NoImage(policy.title(), source.identifier.clone()))?;
            let conversion = DecisionResponse {
                action: PolicyAction::Convert.into(),
                deny_messages: Vec::new(),
                update: Some(update),
            };
            Ok((conversion, true))
        }
        several => Err(CheckError::Pins {
            policy: policy.title(),
            digests: several.to_vec(),
        }),
    }
}

/// The image of that digest, under the same name.
fn pinned(source: &pb::SourceOp, digest: &str) -> Option<pb::SourceOp> {
    let reference = source.identifier.strip_prefix("docker-image://")?;
    let name = reference.split('@').next()?;
    name.parse::<ImageName>().ok()?;
    let mut attrs = source.attrs.clone();
    attrs.insert("image.checksum".to_owned(), digest.to_owned());
    Some(pb::SourceOp {
        identifier: format!("docker-image://{name}@{digest}"),
        attrs,
    })
}

/// What the daemon has to look up.
fn look_up(needs: &Needs, request: &CheckPolicyRequest) -> ResolveSourceMetaRequest {
    let wants = |fact| needs.contains(&fact);
    let (of_image, attested) = (wants(Fact::Image), wants(Fact::Attestations));
    let objects = wants(Fact::Objects);
    let source = request.source.as_ref();
    ResolveSourceMetaRequest {
        source: source.and_then(|said| said.source.clone()),
        platform: request.platform.clone(),
        image: (of_image || attested).then_some(ResolveSourceImageRequest {
            no_config: !of_image,
            attestation_chain: attested,
        }),
        git: (objects || wants(Fact::Commit)).then_some(ResolveSourceGitRequest {
            return_object: objects,
        }),
    }
}

fn shown(source: &pb::SourceOp, platform: Option<&pb::Platform>) -> String {
    let platform = platform.map(|platform| {
        let variant = match platform.variant.as_str() {
            "" => String::new(),
            variant => format!("/{variant}"),
        };
        format!(" ({}/{}{variant})", platform.os, platform.architecture)
    });
    format!("{}{}", source.identifier, platform.unwrap_or_default())
}

/// A decision for people.
fn words(name: &str, decision: &DecisionResponse) -> Vec<String> {
    let what = match &decision.update {
        Some(update) => format!("convert to {}", update.identifier),
        None => decision.action().as_str_name().to_owned(),
    };
    let messages = decision.deny_messages.iter();
    let messages = messages.map(|message| format!(" - {}", message.message));
    std::iter::once(format!("policy decision for source {name}: {what}"))
        .chain(messages)
        .collect()
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
