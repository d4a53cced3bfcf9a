//! What work tells the screen. Work never prints: it sends events, and a display listens.

mod apart;
mod step;

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::mpsc;

pub use step::Step;

/// Something that happened and that a person may want to see.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// One line about what the program decided or noticed.
    Note(String),
    /// One line about something that the user should know before it hurts.
    Warning(String),
    /// A builder that is being made or waited for.
    Boot(Boot),
    /// What the daemon says about the running build.
    Status(Status),
    /// The place in a file that a failed build is about.
    Excerpt(Excerpt),
    /// What a policy says of a source that it refused.
    Denial(String),
    /// One line that its user has to find at the end, when nothing scrolls any more.
    Closing(String),
    /// One place has built what it had to.
    Built(Built),
    /// All of the build succeeded.
    Success,
}

/// Where something was built, and what that place was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// For people: the builder, the node and the pod, or the daemon's address.
    pub place: String,
    /// For people: how much of the build context went there.
    pub upload: String,
}

/// How a builder comes up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Boot {
    /// Waiting began for `replicas` pods of `node`.
    Waiting {
        /// The node that is awaited.
        node: String,
        /// How many pods must become ready.
        replicas: u32,
    },
    /// What Kubernetes says about one pod, for instance `pulling image "busybox"`.
    Pod {
        /// The pod's name.
        pod: String,
        /// The latest message.
        message: String,
    },
    /// A pod that is no more.
    Gone {
        /// The pod's name.
        pod: String,
    },
    /// The node takes builds now.
    Ready {
        /// The node.
        node: String,
    },
}

/// A delta of the build's state, keyed by the digests of vertices: BuildKit's `SolveStatus`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Status {
    /// Steps that changed.
    pub vertexes: Vec<Vertex>,
    /// Progress of parts of steps: layers, uploads, exports.
    pub statuses: Vec<VertexStatus>,
    /// Output of steps.
    pub logs: Vec<VertexLog>,
    /// Warnings of steps, mostly from the Dockerfile's linter.
    pub warnings: Vec<VertexWarning>,
}

/// One step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vertex {
    /// Identity of the step.
    pub digest: String,
    /// Digests of the steps whose results this one takes.
    pub inputs: Vec<String>,
    /// Text for people, for instance `[2/3] RUN make`.
    pub name: String,
    /// Whether the result came from the cache.
    pub cached: bool,
    /// When the step began, in the daemon's clock.
    pub started: Option<Timestamp>,
    /// When the step ended.
    pub completed: Option<Timestamp>,
    /// Why the step failed; empty if it did not.
    pub error: String,
    /// Steps that are shown as one.
    pub group: Option<ProgressGroup>,
}

/// A set of steps that is shown as one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgressGroup {
    /// Identity of the group.
    pub id: String,
    /// Text for people.
    pub name: String,
    /// A weak member alone does not make the group visible.
    pub weak: bool,
}

/// Progress of a part of a step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VertexStatus {
    /// Text for people, unique in its vertex, for instance `transferring context:`.
    pub id: String,
    /// The step.
    pub vertex: String,
    /// Done so far; bytes, or a count when `total` says so.
    pub current: i64,
    /// What there is to do; 0 if unknown.
    pub total: i64,
    /// When this was true.
    pub timestamp: Option<Timestamp>,
    /// When the part began.
    pub started: Option<Timestamp>,
    /// When the part ended.
    pub completed: Option<Timestamp>,
    /// The protocol's own name of the part.
    pub name: String,
}

/// Output of a step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VertexLog {
    /// The step.
    pub vertex: String,
    /// 1 for standard output, 2 for standard error.
    pub stream: i64,
    /// Bytes as the step wrote them, not cut at line ends.
    pub data: Bytes,
    /// When they were written.
    pub timestamp: Option<Timestamp>,
}

/// A warning of a step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VertexWarning {
    /// The step.
    pub vertex: String,
    /// Severity as the frontend gave it.
    pub level: i64,
    /// One line.
    pub short: Bytes,
    /// More lines.
    pub detail: Vec<Bytes>,
    /// Where it is explained.
    pub url: String,
    /// The file that it is about.
    pub source: Option<SourceInfo>,
    /// Where in that file.
    pub ranges: Vec<SourceRange>,
}

/// A source file that the daemon talks about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceInfo {
    /// Name as the user gave it.
    pub filename: String,
    /// The whole text.
    pub data: Bytes,
    /// The language, if the frontend says it.
    pub language: String,
    /// The graph of steps that the file was read by, as the daemon sent it.
    pub definition: Bytes,
}

/// A place in a source file; lines count from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SourceRange {
    /// Line where it begins.
    pub start_line: i32,
    /// Column where it begins.
    pub start_column: i32,
    /// Line where it ends, included.
    pub end_line: i32,
    /// Column where it ends.
    pub end_column: i32,
}

/// A place in a Dockerfile that an error is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The file, whole.
    pub source: SourceInfo,
    /// The lines in question.
    pub ranges: Vec<SourceRange>,
}

/// The way from work to the screen. Cheap to clone; a full screen slows the work down rather than
/// fill the memory, and a screen that is gone is no error.
#[derive(Debug, Clone)]
pub struct Events {
    sender: mpsc::Sender<Event>,
    /// The node that the work is done on, if it is one of several.
    node: Option<Arc<str>>,
}

/// The way to the screen for work that may outlive it: it does not keep the screen open.
#[derive(Debug, Clone)]
pub struct WeakEvents {
    sender: mpsc::WeakSender<Event>,
    node: Option<Arc<str>>,
}

impl WeakEvents {
    /// Sends one event, if there is a screen.
    pub async fn send(&self, event: Event) {
        if let Some(sender) = self.sender.upgrade() {
            let node = self.node.clone();
            Events { sender, node }.send(event).await;
        }
    }
}

/// Events that wait for the screen before the work waits too.
const BACKLOG: usize = 256;

impl Events {
    /// A new way, and its end for the display.
    pub fn channel() -> (Self, mpsc::Receiver<Event>) {
        let (sender, receiver) = mpsc::channel(BACKLOG);
        (Self { sender, node: None }, receiver)
    }

    /// The same way for work on `node`, one of several: its steps are told apart by that name.
    #[must_use]
    pub fn of(&self, node: &str) -> Self {
        Self {
            sender: self.sender.clone(),
            node: Some(node.into()),
        }
    }

    /// The same way for work that nobody waits for.
    pub fn downgrade(&self) -> WeakEvents {
        WeakEvents {
            sender: self.sender.downgrade(),
            node: self.node.clone(),
        }
    }

    /// Sends one event.
    pub async fn send(&self, event: Event) {
        let event = match &self.node {
            Some(node) => apart::apart(event, node),
            None => event,
        };
        // A display that went away has nothing to show; the work goes on.
        let _ = self.sender.send(event).await;
    }

    /// Sends one line about a decision.
    pub async fn note(&self, line: impl Into<String>) {
        self.send(Event::Note(line.into())).await;
    }

    /// Sends one line that is shown after everything else.
    pub async fn closing(&self, line: impl Into<String>) {
        self.send(Event::Closing(line.into())).await;
    }

    /// Sends one line about a danger.
    pub async fn warning(&self, line: impl Into<String>) {
        self.send(Event::Warning(line.into())).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_goes_on_does_not_keep_the_screen_open() {
        let (events, mut screen) = Events::channel();
        let weak = events.downgrade();
        weak.send(Event::Note("seen".into())).await;
        drop(events);
        weak.send(Event::Note("late".into())).await;
        assert_eq!(screen.recv().await, Some(Event::Note("seen".into())));
        assert_eq!(screen.recv().await, None);
    }
}
