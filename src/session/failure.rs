//! Why a call to the daemon failed, with what its error details say.

use std::error::Error as StdError;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use prost::Message as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tonic::Status;

use crate::event::{Excerpt, SourceInfo, SourceRange};
use crate::proto::rpc;

use super::dial::innermost;

/// Why a call to the daemon failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The daemon refused or the build failed.
    #[error("{message}")]
    Daemon {
        /// The daemon's words.
        message: String,
        /// What they are about.
        excerpts: Vec<Excerpt>,
        /// What policies say about a source that they refused.
        denials: Vec<String>,
    },
    /// The connection ended before the answer came; the text is the innermost cause.
    #[error("the connection to the daemon was lost: {0}")]
    Lost(String),
    /// Something on this side failed: a file that cannot be read, a folder that cannot be written.
    #[error("{error}")]
    Local {
        /// What failed, with the file's name.
        error: Box<dyn StdError + Send + Sync>,
        /// What to do about it.
        hint: Option<&'static str>,
    },
    /// The user asked to stop.
    #[error("canceled")]
    Canceled,
}

impl Failure {
    /// A failure on this side that needs no advice.
    pub(super) fn local(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Local {
            error: error.into(),
            hint: None,
        }
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        // A status of the daemon has no source; one that tonic made of a broken connection has.
        if status.source().is_some() {
            return Self::Lost(innermost(&status).to_string());
        }
        let details = details(status.details());
        Self::Daemon {
            message: status.message().to_owned(),
            excerpts: excerpts(&details),
            denials: denials(&details),
        }
    }
}

/// Details of an error. Broken ones are left out: they only add to a message that is complete without
/// them.
fn details(bytes: &[u8]) -> Vec<rpc::Detail> {
    rpc::Status::decode(bytes)
        .map(|status| status.details)
        .unwrap_or_default()
}

/// What details of one kind say.
fn of_kind<T: DeserializeOwned>(details: &[rpc::Detail], kind: &str) -> Vec<T> {
    let wanted = details
        .iter()
        .filter(|detail| detail.type_url.ends_with(kind));
    wanted
        .filter_map(|detail| serde_json::from_slice(&detail.value).ok())
        .collect()
}

/// The places that error details name.
fn excerpts(details: &[rpc::Detail]) -> Vec<Excerpt> {
    let mut excerpts: Vec<Excerpt> = Vec::new();
    for source in of_kind::<SourceJson>(details, "errdefs.Source+json") {
        let excerpt = Excerpt::from(source);
        // The same place is named once by each layer of the error.
        if !excerpts.contains(&excerpt) {
            excerpts.push(excerpt);
        }
    }
    excerpts
}

/// What policies say about a source that they refused.
fn denials(details: &[rpc::Detail]) -> Vec<String> {
    let mut denials: Vec<String> = Vec::new();
    for decision in of_kind::<DecisionJson>(details, "policysession.DecisionResponse+json") {
        for DenialJson { message } in decision.deny_messages {
            if !message.is_empty() && !denials.contains(&message) {
                denials.push(message);
            }
        }
    }
    denials
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DecisionJson {
    deny_messages: Vec<DenialJson>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct DenialJson {
    message: String,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct SourceJson {
    info: InfoJson,
    ranges: Vec<RangeJson>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct InfoJson {
    filename: String,
    data: String,
    language: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RangeJson {
    start: PositionJson,
    end: PositionJson,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PositionJson {
    line: i32,
    character: i32,
}

impl From<SourceJson> for Excerpt {
    fn from(json: SourceJson) -> Self {
        let source = SourceInfo {
            filename: json.info.filename,
            data: BASE64.decode(json.info.data).unwrap_or_default().into(),
            language: json.info.language,
            ..SourceInfo::default()
        };
        let range = |range: &RangeJson| SourceRange {
            start_line: range.start.line,
            start_column: range.start.character,
            end_line: range.end.line,
            end_column: range.end.character,
        };
        Self {
            source,
            ranges: json.ranges.iter().map(range).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_name_the_place_once() {
        let value =
            br#"{"info":{"filename":"Dockerfile","data":"RlJPTSB4Cg==","language":"Dockerfile"},
            "ranges":[{"start":{"line":1},"end":{"line":1}}]}"#;
        let source = rpc::Detail {
            type_url: "github.com/moby/buildkit/errdefs.Source+json".into(),
            value: bytes::Bytes::from_static(value),
        };
        let other = rpc::Detail {
            type_url: "stack.Stack+json".into(),
            ..Default::default()
        };
        let denial = rpc::Detail {
            type_url: "github.com/moby/buildkit/policysession.DecisionResponse+json".into(),
            value: bytes::Bytes::from_static(
                br#"{"action":1,"denyMessages":[{"message":"not that"},{}]}"#,
            ),
        };
        let details = rpc::Status {
            details: vec![other, source.clone(), source, denial],
            ..Default::default()
        };
        let status =
            Status::with_details(tonic::Code::Unknown, "no x", details.encode_to_vec().into());

        let Failure::Daemon {
            message,
            excerpts,
            denials,
        } = status.into()
        else {
            panic!("a daemon's error")
        };
        assert_eq!(message, "no x");
        assert_eq!(denials, ["not that"]);
        assert_eq!(excerpts.len(), 1);
        assert_eq!(&excerpts[0].source.data[..], b"FROM x\n");
        assert_eq!(excerpts[0].ranges[0].start_line, 1);
    }

    #[test]
    fn broken_details_do_not_hide_the_message() {
        let status = Status::with_details(
            tonic::Code::Unknown,
            "no",
            bytes::Bytes::from_static(b"\xff"),
        );
        assert_eq!(Failure::from(status).to_string(), "no");
    }
}
