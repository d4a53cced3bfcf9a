//! Progress for programs: BuildKit's `rawjson`, one object per message. Nothing else may appear on
//! that stream, so notes are left out; warnings of ours belong to no step.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Serialize;

use super::Screen;
use super::boot::Boots;
use crate::event::{self, Event, Status, VertexWarning};

/// The `rawjson` display.
#[derive(Debug, Default)]
pub(super) struct RawJson {
    boots: Boots,
}

impl Screen for RawJson {
    fn event(&mut self, event: &Event, now: Timestamp, out: &mut Vec<u8>) -> io::Result<()> {
        match event {
            Event::Note(_) | Event::Excerpt(_) => Ok(()),
            Event::Warning(line) => write(&of_warning(line), out),
            Event::Boot(boot) => write(&self.boots.status(boot, now), out),
            Event::Status(status) => write(status, out),
        }
    }

    fn refresh(&mut self, _now: Timestamp, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, _now: Timestamp, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}

fn of_warning(line: &str) -> Status {
    Status {
        warnings: vec![VertexWarning {
            level: 1,
            short: line.to_owned().into(),
            ..VertexWarning::default()
        }],
        ..Status::default()
    }
}

fn write(status: &Status, out: &mut Vec<u8>) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Object::from(status))?;
    writeln!(out)
}

/// BuildKit's `SolveStatus` in Go's field names.
#[derive(Serialize)]
struct Object<'a> {
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
    data: String,
    timestamp: Timestamp,
}

impl<'a> From<&'a event::VertexLog> for Log<'a> {
    fn from(log: &'a event::VertexLog) -> Self {
        Self {
            vertex: &log.vertex,
            stream: log.stream,
            data: STANDARD.encode(&log.data),
            timestamp: log.timestamp.unwrap_or_default(),
        }
    }
}

#[derive(Serialize)]
struct Warning<'a> {
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
    source: Option<Source<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    range: Vec<Range>,
}

#[derive(Serialize)]
struct Source<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    filename: &'a str,
    #[serde(skip_serializing_if = "String::is_empty")]
    data: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    language: &'a str,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    #[serde(skip_serializing_if = "is_zero")]
    line: i32,
    #[serde(skip_serializing_if = "is_zero")]
    character: i32,
}

impl<'a> From<&'a VertexWarning> for Warning<'a> {
    fn from(warning: &'a VertexWarning) -> Self {
        Self {
            vertex: &warning.vertex,
            level: warning.level,
            short: STANDARD.encode(&warning.short),
            detail: warning.detail.iter().map(|d| STANDARD.encode(d)).collect(),
            url: &warning.url,
            source: warning.source.as_ref().map(|source| Source {
                filename: &source.filename,
                data: STANDARD.encode(&source.data),
                language: &source.language,
            }),
            range: warning.ranges.iter().map(Range::from).collect(),
        }
    }
}

impl From<&event::SourceRange> for Range {
    fn from(range: &event::SourceRange) -> Self {
        Self {
            start: Position {
                line: range.start_line,
                character: range.start_column,
            },
            end: Position {
                line: range.end_line,
                character: range.end_column,
            },
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde calls"
)]
fn is_false(value: &bool) -> bool {
    !value
}

fn is_zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
#[path = "raw_json_tests.rs"]
mod tests;
