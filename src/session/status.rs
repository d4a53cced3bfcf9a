//! Status messages of the daemon as events.

use jiff::Timestamp;

use crate::event::{
    ProgressGroup, SourceInfo, SourceRange, Status, Vertex, VertexLog, VertexStatus, VertexWarning,
};
use crate::proto::{control, pb};

/// A time of the wire; none if it is out of range.
pub(super) fn timestamp(time: prost_types::Timestamp) -> Option<Timestamp> {
    Timestamp::new(time.seconds, time.nanos).ok()
}

impl From<control::StatusResponse> for Status {
    fn from(status: control::StatusResponse) -> Self {
        Self {
            vertexes: status.vertexes.into_iter().map(Into::into).collect(),
            statuses: status.statuses.into_iter().map(Into::into).collect(),
            logs: status.logs.into_iter().map(Into::into).collect(),
            warnings: status.warnings.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<control::Vertex> for Vertex {
    fn from(vertex: control::Vertex) -> Self {
        let group = vertex.progress_group;
        Self {
            digest: vertex.digest,
            inputs: vertex.inputs,
            name: vertex.name,
            cached: vertex.cached,
            started: vertex.started.and_then(timestamp),
            completed: vertex.completed.and_then(timestamp),
            error: vertex.error,
            group: group.map(|g| ProgressGroup {
                id: g.id,
                name: g.name,
                weak: g.weak,
            }),
        }
    }
}

impl From<control::VertexStatus> for VertexStatus {
    fn from(status: control::VertexStatus) -> Self {
        Self {
            id: status.id,
            vertex: status.vertex,
            current: status.current,
            total: status.total,
            timestamp: status.timestamp.and_then(timestamp),
            started: status.started.and_then(timestamp),
            completed: status.completed.and_then(timestamp),
            name: status.name,
        }
    }
}

impl From<control::VertexLog> for VertexLog {
    fn from(log: control::VertexLog) -> Self {
        Self {
            vertex: log.vertex,
            stream: log.stream,
            data: log.msg,
            timestamp: log.timestamp.and_then(timestamp),
        }
    }
}

impl From<control::VertexWarning> for VertexWarning {
    fn from(warning: control::VertexWarning) -> Self {
        Self {
            vertex: warning.vertex,
            level: warning.level,
            short: warning.short,
            detail: warning.detail,
            url: warning.url,
            source: warning.info.map(Into::into),
            ranges: warning.ranges.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<pb::SourceInfo> for SourceInfo {
    fn from(info: pb::SourceInfo) -> Self {
        Self {
            filename: info.filename,
            data: info.data,
            language: info.language,
            definition: info.definition,
        }
    }
}

impl From<pb::Range> for SourceRange {
    fn from(range: pb::Range) -> Self {
        let (start, end) = (
            range.start.unwrap_or_default(),
            range.end.unwrap_or_default(),
        );
        Self {
            start_line: start.line,
            start_column: start.character,
            end_line: end.line,
            end_column: end.character,
        }
    }
}
