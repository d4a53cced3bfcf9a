//! BuildKit's `SolveStatus` with the names and rules of Go's JSON.

use jiff::Timestamp;
use serde::Serialize;

use super::go::{base64, is_false, is_zero};
use super::source::{Info, Range};
use crate::event::{self, Status, VertexWarning};

/// One message.
#[derive(Serialize)]
pub(super) struct Object<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vertexes: Vec<Vertex<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    statuses: Vec<Part<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logs: Vec<Log<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Warning<'a>>,
}

impl<'a> From<&'a Status> for Object<'a> {
    fn from(status: &'a Status) -> Self {
        Self {
            vertexes: status.vertexes.iter().map(Vertex::from).collect(),
            statuses: status.statuses.iter().map(Part::from).collect(),
            logs: status.logs.iter().map(Log::from).collect(),
            warnings: status.warnings.iter().map(Warning::from).collect(),
        }
    }
}

#[derive(Serialize)]
struct Vertex<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    digest: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    inputs: &'a [String],
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed: Option<Timestamp>,
    #[serde(skip_serializing_if = "is_false")]
    cached: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    error: &'a str,
    #[serde(rename = "progressGroup", skip_serializing_if = "Option::is_none")]
    group: Option<Group<'a>>,
}

#[derive(Serialize)]
struct Group<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(skip_serializing_if = "is_false")]
    weak: bool,
}

impl<'a> From<&'a event::Vertex> for Vertex<'a> {
    fn from(vertex: &'a event::Vertex) -> Self {
        Self {
            digest: &vertex.digest,
            inputs: &vertex.inputs,
            name: &vertex.name,
            started: vertex.started,
            completed: vertex.completed,
            cached: vertex.cached,
            error: &vertex.error,
            group: vertex.group.as_ref().map(|group| Group {
                id: &group.id,
                name: &group.name,
                weak: group.weak,
            }),
        }
    }
}

#[derive(Serialize)]
struct Part<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    vertex: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    total: i64,
    current: i64,
    timestamp: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed: Option<Timestamp>,
}

impl<'a> From<&'a event::VertexStatus> for Part<'a> {
    fn from(part: &'a event::VertexStatus) -> Self {
        Self {
            id: &part.id,
            vertex: &part.vertex,
            name: &part.name,
            total: part.total,
            current: part.current,
            timestamp: part.timestamp.unwrap_or_default(),
            started: part.started,
            completed: part.completed,
        }
    }
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    vertex: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    stream: i64,
    data: Option<String>,
    timestamp: Timestamp,
}

impl<'a> From<&'a event::VertexLog> for Log<'a> {
    fn from(log: &'a event::VertexLog) -> Self {
        Self {
            vertex: &log.vertex,
            stream: log.stream,
            // Go has no bytes here rather than none of them.
            data: Some(&log.data).filter(|data| !data.is_empty()).map(base64),
            timestamp: log.timestamp.unwrap_or_default(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Warning<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    vertex: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    level: i64,
    #[serde(skip_serializing_if = "String::is_empty")]
    short: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    detail: Vec<String>,
    #[serde(skip_serializing_if = "str::is_empty")]
    url: &'a str,
    #[serde(rename = "sourceInfo", skip_serializing_if = "Option::is_none")]
    source: Option<Info>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    range: Vec<Range>,
}

impl<'a> From<&'a VertexWarning> for Warning<'a> {
    fn from(warning: &'a VertexWarning) -> Self {
        Self {
            vertex: &warning.vertex,
            level: warning.level,
            short: base64(&warning.short),
            detail: warning.detail.iter().map(base64).collect(),
            url: &warning.url,
            source: warning.source.as_ref().map(Info::from),
            range: warning.ranges.iter().map(Range::from).collect(),
        }
    }
}
