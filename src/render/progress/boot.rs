//! Coming up, told as a step of the build, so that every display shows it like one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::event::{Boot, Status, Vertex, VertexStatus};
use crate::render::text::one_line;

const DIGEST: &str = "kubectl-buildkit:boot";
const NAME: &str = "[internal] booting buildkit";

/// Turns what happens to pods into deltas of one step.
#[derive(Debug, Default)]
pub(super) struct Boots {
    started: Option<Timestamp>,
    waiting: BTreeSet<String>,
    /// By pod or node: the part of the step that runs.
    parts: BTreeMap<String, (String, Timestamp)>,
}

impl Boots {
    /// The delta of `boot`.
    pub(super) fn status(&mut self, boot: &Boot, now: Timestamp) -> Status {
        let mut status = Status::default();
        match boot {
            Boot::Waiting { node, replicas } => {
                self.waiting.insert(node.clone());
                self.part(node, waiting(node, *replicas), now, &mut status);
            }
            Boot::Pod { pod, message } => {
                let message = one_line(message.as_bytes());
                self.part(pod, format!("{pod}: {message}"), now, &mut status);
            }
            Boot::Gone { pod } => {
                if let Some((text, since)) = self.parts.remove(pod) {
                    status.statuses.push(part(&text, since, Some(now)));
                }
            }
            Boot::Ready { node } => {
                self.waiting.remove(node);
                self.end_parts(node, now, &mut status);
            }
        }
        let is_ready = matches!(boot, Boot::Ready { .. });
        if status.statuses.is_empty() && !is_ready {
            return status;
        }
        let started = *self.started.get_or_insert(now);
        let completed = Some(now).filter(|_| is_ready && self.waiting.is_empty());
        if completed.is_some() {
            self.started = None;
        }
        status.vertexes.push(Vertex {
            digest: DIGEST.to_owned(),
            name: NAME.to_owned(),
            started: Some(started),
            completed,
            ..Vertex::default()
        });
        status
    }

    /// `text` is what happens to `who` now; what happened before is over.
    fn part(&mut self, who: &str, text: String, now: Timestamp, status: &mut Status) {
        if self
            .parts
            .get(who)
            .is_some_and(|(before, _)| *before == text)
        {
            return;
        }
        status.statuses.push(part(&text, now, None));
        if let Some((before, since)) = self.parts.insert(who.to_owned(), (text, now)) {
            status.statuses.insert(0, part(&before, since, Some(now)));
        }
    }

    /// Whatever happened to `node` and its pods is over.
    fn end_parts(&mut self, node: &str, now: Timestamp, status: &mut Status) {
        let over = |who: &str| who == node || is_pod_of(who, node);
        for (who, (text, since)) in std::mem::take(&mut self.parts) {
            if over(&who) {
                status.statuses.push(part(&text, since, Some(now)));
            } else {
                self.parts.insert(who, (text, since));
            }
        }
    }
}

/// The line that says that waiting began.
pub(super) fn waiting(node: &str, replicas: u32) -> String {
    let s = if replicas == 1 { "" } else { "s" };
    format!("{node}: waiting for {replicas} pod{s}")
}

/// Whether Kubernetes would name a pod of `node` so: `NODE-x-y` for a Deployment, `NODE-0` for a
/// StatefulSet.
pub(super) fn is_pod_of(pod: &str, node: &str) -> bool {
    pod.strip_prefix(node)
        .is_some_and(|rest| rest.starts_with('-'))
}

fn part(id: &str, started: Timestamp, completed: Option<Timestamp>) -> VertexStatus {
    VertexStatus {
        id: id.to_owned(),
        vertex: DIGEST.to_owned(),
        timestamp: Some(completed.unwrap_or(started)),
        started: Some(started),
        completed,
        ..VertexStatus::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_step_ends_when_the_last_node_is_ready() {
        let mut boots = Boots::default();
        let wait = |node: &str| Boot::Waiting {
            node: node.to_owned(),
            replicas: 1,
        };
        let ready = |node: &str| Boot::Ready {
            node: node.to_owned(),
        };
        boots.status(&wait("a"), at(1));
        boots.status(&wait("b"), at(2));
        let first = boots.status(&ready("a"), at(3));
        assert_eq!(first.vertexes[0].completed, None);
        assert_eq!(first.statuses[0].completed, Some(at(3)));
        let second = boots.status(&ready("b"), at(5));
        assert_eq!(second.vertexes[0].started, Some(at(1)));
        assert_eq!(second.vertexes[0].completed, Some(at(5)));
    }

    #[test]
    fn a_pod_that_is_gone_ends_its_line() {
        let mut boots = Boots::default();
        let pod = "a-1".to_owned();
        let message = "scheduled".to_owned();
        boots.status(
            &Boot::Pod {
                pod: pod.clone(),
                message,
            },
            at(1),
        );
        let gone = boots.status(&Boot::Gone { pod: pod.clone() }, at(2));
        assert_eq!(gone.statuses[0].completed, Some(at(2)));
        assert_eq!(boots.status(&Boot::Gone { pod }, at(3)), Status::default());
    }

    #[test]
    fn a_pods_next_message_ends_the_one_before_and_repeats_say_nothing() {
        let mut boots = Boots::default();
        let pod = |message: &str| Boot::Pod {
            pod: "a-1".to_owned(),
            message: message.to_owned(),
        };
        boots.status(&pod("scheduled"), at(1));
        assert_eq!(boots.status(&pod("scheduled"), at(2)), Status::default());
        let next = boots.status(&pod("started"), at(3));
        let parts: Vec<_> = next
            .statuses
            .iter()
            .map(|s| (&*s.id, s.completed))
            .collect();
        assert_eq!(
            parts,
            [("a-1: scheduled", Some(at(3))), ("a-1: started", None)]
        );
    }
}
