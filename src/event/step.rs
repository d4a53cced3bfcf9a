//! A step that this program does itself, beside those of the daemon.

use jiff::Timestamp;

use super::{Event, Status, Vertex, VertexLog, VertexStatus, WeakEvents};

/// A step of our own, shown like the daemon's.
#[derive(Debug)]
pub struct Step {
    vertex: Vertex,
    events: WeakEvents,
}

impl Step {
    /// Shows that a step began. `identity` tells it from other steps of the build.
    pub async fn begin(identity: &str, name: String, now: Timestamp, events: WeakEvents) -> Self {
        let step = Self {
            vertex: Vertex {
                digest: identity.to_owned(),
                name,
                started: Some(now),
                ..Vertex::default()
            },
            events,
        };
        step.show().await;
        step
    }

    /// Shows how far a part of it is.
    pub async fn progress(&self, part: VertexStatus) {
        let vertex = self.vertex.digest.clone();
        let status = Status {
            statuses: vec![VertexStatus { vertex, ..part }],
            ..Status::default()
        };
        self.events.send(Event::Status(status)).await;
    }

    /// Shows output of it.
    pub async fn log(&self, now: Timestamp, text: &str) {
        let log = VertexLog {
            vertex: self.vertex.digest.clone(),
            stream: 1,
            data: text.to_owned().into(),
            timestamp: Some(now),
        };
        let status = Status {
            logs: vec![log],
            ..Status::default()
        };
        self.events.send(Event::Status(status)).await;
    }

    /// Shows that it ended; `error` is empty if it went well.
    pub async fn end(mut self, now: Timestamp, error: String) {
        self.vertex.completed = Some(now);
        self.vertex.error = error;
        self.show().await;
    }

    async fn show(&self) {
        let status = Status {
            vertexes: vec![self.vertex.clone()],
            ..Status::default()
        };
        self.events.send(Event::Status(status)).await;
    }
}
