//! For tests: streams recorded from a buildkitd, short ways to write events, and fixed times.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use prost::Message as _;
use serde_json::Value;

use super::Screen;
use crate::event::{
    Event, ProgressGroup, SourceInfo, SourceRange, Status, Vertex, VertexLog, VertexStatus,
    VertexWarning,
};
use crate::proto::pb;

/// A recorded stream and what BuildKit's own display prints for it.
pub(super) struct Recording {
    pub(super) name: &'static str,
    pub(super) json: &'static str,
    pub(super) plain: &'static [u8],
}

macro_rules! recording {
    ($name:literal) => {
        Recording {
            name: $name,
            json: include_str!(concat!("../../../tests/fixtures/progress/", $name, ".json")),
            plain: include_bytes!(concat!("../../../tests/fixtures/progress/", $name, ".txt")),
        }
    };
}

pub(super) const RECORDINGS: [Recording; 19] = [
    recording!("copy"),
    recording!("cached"),
    recording!("missing"),
    recording!("fail"),
    recording!("run"),
    recording!("groups"),
    recording!("platforms"),
    recording!("shared"),
    recording!("canceled"),
    recording!("failures"),
    recording!("warnings"),
    recording!("output"),
    recording!("clipped"),
    recording!("pulled"),
    recording!("imported"),
    recording!("history"),
    recording!("late"),
    recording!("edges"),
    recording!("turns"),
];

/// `milliseconds` after a fixed time.
pub(super) fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000).unwrap() + SignedDuration::from_millis(milliseconds)
}

pub(super) fn vertex(digest: &str, started: Option<i64>, completed: Option<i64>) -> Vertex {
    Vertex {
        digest: digest.to_owned(),
        name: format!("step {digest}"),
        started: started.map(at),
        completed: completed.map(at),
        ..Vertex::default()
    }
}

pub(super) fn steps(vertexes: impl Into<Vec<Vertex>>) -> Status {
    Status {
        vertexes: vertexes.into(),
        ..Status::default()
    }
}

pub(super) fn output(digest: &str, data: &[u8], milliseconds: i64) -> Status {
    Status {
        logs: vec![VertexLog {
            vertex: digest.to_owned(),
            stream: 1,
            data: Bytes::copy_from_slice(data),
            timestamp: Some(at(milliseconds)),
        }],
        ..Status::default()
    }
}

/// A part that runs from `start` on; `end` of 0 means that it still does.
pub(super) fn part(
    digest: &str,
    id: &str,
    (current, total): (i64, i64),
    (start, end): (i64, i64),
) -> Status {
    Status {
        statuses: vec![VertexStatus {
            id: id.to_owned(),
            vertex: digest.to_owned(),
            current,
            total,
            timestamp: Some(at(end.max(start))),
            started: Some(at(start)),
            completed: Some(at(end)).filter(|_| end != 0),
            ..VertexStatus::default()
        }],
        ..Status::default()
    }
}

pub(super) fn grouped(mut vertex: Vertex, weak: bool) -> Vertex {
    vertex.group = Some(ProgressGroup {
        id: "group".to_owned(),
        name: "the group".to_owned(),
        weak,
    });
    vertex
}

/// What `screen` writes for `statuses` that come at these times, refreshed after each.
pub(super) fn shown(screen: &mut dyn Screen, statuses: Vec<(i64, Status)>) -> String {
    let mut out = Vec::new();
    for (time, status) in statuses {
        let event = Event::Status(status);
        screen.event(&event, at(time), &mut out).unwrap();
        screen.refresh(at(time), &mut out).unwrap();
    }
    String::from_utf8(out).unwrap()
}

/// The deltas of a recorded stream.
pub(super) fn replay(json: &str) -> Vec<Status> {
    let objects = json.lines().map(|line| serde_json::from_str(line).unwrap());
    objects.map(|object: Value| status(&object)).collect()
}

fn status(object: &Value) -> Status {
    Status {
        vertexes: list(object, "vertexes", read_vertex),
        statuses: list(object, "statuses", read_part),
        logs: list(object, "logs", read_log),
        warnings: list(object, "warnings", read_warning),
    }
}

fn list<T>(object: &Value, key: &str, read: fn(&Value) -> T) -> Vec<T> {
    let items = object[key].as_array();
    items.map_or_else(Vec::new, |items| items.iter().map(read).collect())
}

fn text(object: &Value, key: &str) -> String {
    object[key].as_str().unwrap_or_default().to_owned()
}

fn number(object: &Value, key: &str) -> i64 {
    object[key].as_i64().unwrap_or_default()
}

fn time(object: &Value, key: &str) -> Option<Timestamp> {
    Some(object[key].as_str()?.parse().unwrap())
}

fn data(object: &Value) -> Bytes {
    let text = object.as_str().unwrap_or_default();
    STANDARD.decode(text).unwrap().into()
}

fn read_vertex(object: &Value) -> Vertex {
    Vertex {
        digest: text(object, "digest"),
        inputs: list(object, "inputs", |i| i.as_str().unwrap().to_owned()),
        name: text(object, "name"),
        cached: object["cached"].as_bool().unwrap_or_default(),
        started: time(object, "started"),
        completed: time(object, "completed"),
        error: text(object, "error"),
        group: read_group(&object["progressGroup"]),
    }
}

fn read_group(object: &Value) -> Option<ProgressGroup> {
    object.is_object().then(|| ProgressGroup {
        id: text(object, "id"),
        name: text(object, "name"),
        weak: object["weak"].as_bool().unwrap_or_default(),
    })
}

fn read_part(object: &Value) -> VertexStatus {
    VertexStatus {
        id: text(object, "id"),
        vertex: text(object, "vertex"),
        name: text(object, "name"),
        current: number(object, "current"),
        total: number(object, "total"),
        timestamp: time(object, "timestamp"),
        started: time(object, "started"),
        completed: time(object, "completed"),
    }
}

fn read_log(object: &Value) -> VertexLog {
    VertexLog {
        vertex: text(object, "vertex"),
        stream: number(object, "stream"),
        data: data(&object["data"]),
        timestamp: time(object, "timestamp"),
    }
}

fn read_warning(object: &Value) -> VertexWarning {
    let source = &object["sourceInfo"];
    VertexWarning {
        vertex: text(object, "vertex"),
        level: number(object, "level"),
        short: data(&object["short"]),
        detail: list(object, "detail", data),
        url: text(object, "url"),
        source: source.is_object().then(|| SourceInfo {
            filename: text(source, "filename"),
            data: data(&source["data"]),
            language: text(source, "language"),
            definition: read_definition(&source["definition"]),
        }),
        ranges: list(object, "range", |range| SourceRange {
            start_line: place(range, "start", "line"),
            start_column: place(range, "start", "character"),
            end_line: place(range, "end", "line"),
            end_column: place(range, "end", "character"),
        }),
    }
}

/// The graph behind a source file, in the bytes of the wire.
fn read_definition(object: &Value) -> Bytes {
    let entries = |key: &str| object[key].as_object().into_iter().flatten();
    let description = |metadata: &Value| {
        let texts = metadata["description"].as_object().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        texts
            .map(|(key, value)| (key.clone(), text(value)))
            .collect()
    };
    let caps = |metadata: &Value| {
        let caps = metadata["caps"].as_object().into_iter().flatten();
        caps.map(|(key, value)| (key.clone(), value.as_bool().unwrap()))
            .collect()
    };
    let metadata = entries("metadata").map(|(step, metadata)| {
        let metadata = pb::OpMetadata {
            description: description(metadata),
            caps: caps(metadata),
            ..pb::OpMetadata::default()
        };
        (step.clone(), metadata)
    });
    let steps = object
        .pointer("/Source/locations")
        .and_then(Value::as_object);
    let definition = pb::Definition {
        def: list(object, "def", data),
        metadata: metadata.collect(),
        source: steps.map(|steps| pb::Source {
            locations: steps
                .keys()
                .map(|step| (step.clone(), pb::Locations::default()))
                .collect(),
            ..pb::Source::default()
        }),
    };
    definition.encode_to_vec().into()
}

fn place(range: &Value, end: &str, key: &str) -> i32 {
    number(&range[end], key).try_into().unwrap()
}
