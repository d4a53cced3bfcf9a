//! Events of several daemons on one way. Daemons that do the same work give it the same digests.

use std::fmt::Write as _;

use ring::digest::{Context, SHA256};

use super::{Event, Status, Vertex};

/// The event as one of `node`: its steps have digests and names of their own.
pub(super) fn apart(event: Event, node: &str) -> Event {
    match event {
        Event::Note(line) => Event::Note(format!("[{node}] {line}")),
        Event::Warning(line) => Event::Warning(format!("[{node}] {line}")),
        Event::Status(status) => Event::Status(of_node(status, node)),
        // These name the node, or say the same for all of them.
        Event::Boot(_)
        | Event::Excerpt(_)
        | Event::Denial(_)
        | Event::Closing(_)
        | Event::Built(_)
        | Event::Success => event,
    }
}

fn of_node(mut status: Status, node: &str) -> Status {
    for vertex in &mut status.vertexes {
        step(vertex, node);
    }
    let parts = status.statuses.iter_mut().map(|part| &mut part.vertex);
    let logs = status.logs.iter_mut().map(|log| &mut log.vertex);
    let warnings = status.warnings.iter_mut().map(|w| &mut w.vertex);
    for vertex in parts.chain(logs).chain(warnings) {
        *vertex = digest(vertex, node);
    }
    status
}

fn step(vertex: &mut Vertex, node: &str) {
    vertex.digest = digest(&vertex.digest, node);
    for input in &mut vertex.inputs {
        *input = digest(input, node);
    }
    vertex.name = name(&vertex.name, node);
    if let Some(group) = &mut vertex.group {
        group.id = digest(&group.id, node);
        group.name = name(&group.name, node);
    }
}

/// As buildx names the steps of one of several targets: `[internal] x` becomes `[NODE internal] x`.
fn name(name: &str, node: &str) -> String {
    match name.strip_prefix('[') {
        Some(rest) => format!("[{node} {rest}"),
        None => format!("[{node}] {name}"),
    }
}

/// Another digest: programs that read the events take nothing else for a step's identity.
fn digest(digest: &str, node: &str) -> String {
    if digest.is_empty() {
        return String::new();
    }
    let mut context = Context::new(&SHA256);
    for part in [node, "\0", digest] {
        context.update(part.as_bytes());
    }
    let mut text = "sha256:".to_owned();
    for byte in context.finish().as_ref() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{ProgressGroup, VertexLog, VertexStatus, VertexWarning};

    fn status() -> Status {
        let vertex = |digest: &str, name: &str| Vertex {
            digest: digest.to_owned(),
            inputs: vec!["sha256:aa".to_owned()],
            name: name.to_owned(),
            ..Vertex::default()
        };
        let grouped = Vertex {
            group: Some(ProgressGroup {
                id: "g".into(),
                name: "pulling".into(),
                weak: false,
            }),
            ..vertex("sha256:bb", "exporting")
        };
        let of = || "sha256:bb".to_owned();
        Status {
            vertexes: vec![vertex("sha256:aa", "[internal] load"), grouped],
            statuses: vec![VertexStatus {
                vertex: of(),
                ..VertexStatus::default()
            }],
            logs: vec![VertexLog {
                vertex: of(),
                ..VertexLog::default()
            }],
            warnings: vec![VertexWarning {
                vertex: of(),
                ..VertexWarning::default()
            }],
        }
    }

    fn apart_of(node: &str) -> Status {
        let Event::Status(status) = apart(Event::Status(status()), node) else {
            panic!("a status stays one")
        };
        status
    }

    #[test]
    fn the_same_step_on_two_nodes_is_two() {
        let (a, b) = (apart_of("a"), apart_of("b"));
        assert_ne!(a.vertexes[0].digest, b.vertexes[0].digest);
        assert_eq!(a.vertexes[0].digest.len(), "sha256:".len() + 64);
        assert_eq!(a.vertexes[0].name, "[a internal] load");
        assert_eq!(b.vertexes[1].name, "[b] exporting");
        let group = |status: &Status| status.vertexes[1].group.clone().unwrap();
        assert_ne!(group(&a).id, group(&b).id);
        assert_eq!(group(&a).name, "[a] pulling");
    }

    #[test]
    fn what_belongs_together_stays_together() {
        let a = apart_of("a");
        assert_eq!(a.vertexes[1].inputs, [a.vertexes[0].digest.clone()]);
        let step = &a.vertexes[1].digest;
        assert_eq!(&a.statuses[0].vertex, step);
        assert_eq!(&a.logs[0].vertex, step);
        assert_eq!(&a.warnings[0].vertex, step);
        assert_eq!(apart_of("a"), a);
    }

    #[test]
    fn words_name_their_node_and_no_step_stays_none() {
        let note = apart(Event::Note("x".into()), "a");
        assert_eq!(note, Event::Note("[a] x".into()));
        assert_eq!(digest("", "a"), "");
    }
}
