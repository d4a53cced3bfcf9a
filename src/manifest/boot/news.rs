//! What Kubernetes tells of a node beside its objects: events.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Event, Pod};
use kube::ResourceExt;

use crate::manifest::workload::Workload;
use crate::model::NodeName;

use super::message::tidy;

/// What was said about the objects of one node, the latest of each kind of event.
#[derive(Debug, Clone)]
pub struct News {
    node: String,
    said: BTreeMap<Object, BTreeMap<String, Said>>,
    /// Events so far.
    taken: usize,
}

/// Kind and name of what an event is about.
type Object = (String, String);

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// Kubernetes' word for what happened.
    pub(super) reason: String,
    /// What it says about it.
    pub(super) message: String,
    /// Whether something went wrong.
    pub(super) is_warning: bool,
    /// Whether it was there before anybody listened.
    pub(super) is_old: bool,
    /// The object that it is about; another one may have the name by now.
    uid: Option<String>,
    /// When it happened last; of the same second, the later one to be heard.
    when: (Option<Timestamp>, usize),
}

impl News {
    /// No news of `node`.
    pub fn of(node: &NodeName) -> Self {
        Self {
            node: node.to_string(),
            said: BTreeMap::new(),
            taken: 0,
        }
    }

    /// Takes an event of the namespace; one about something else is passed over. `is_old` says that
    /// it happened before anybody listened.
    pub fn take(&mut self, event: &Event, is_old: bool) {
        let kind = event.involved_object.kind.clone().unwrap_or_default();
        let name = event.involved_object.name.clone().unwrap_or_default();
        if !self.is_ours(&kind, &name) {
            return;
        }
        self.taken += 1;
        let said = Said {
            reason: event.reason.clone().unwrap_or_default(),
            message: tidy(event.message.as_deref().unwrap_or_default()),
            is_warning: event.type_.as_deref() == Some("Warning"),
            is_old,
            uid: event.involved_object.uid.clone(),
            when: (time(event), self.taken),
        };
        let of_object = self.said.entry((kind, name)).or_default();
        let known = of_object.get(&said.reason);
        if known.is_none_or(|known| known.when <= said.when) {
            of_object.insert(said.reason.clone(), said);
        }
    }

    /// By its name: events have no labels.
    fn is_ours(&self, kind: &str, name: &str) -> bool {
        let after = |text: &str| name.strip_prefix(&format!("{text}-")).map(str::to_owned);
        match kind {
            "StatefulSet" => name == self.node,
            // The names of other nodes may begin with this one's; a hash holds no hyphen.
            "ReplicaSet" => after(&self.node).is_some_and(|hash| !hash.contains('-')),
            // The volume's name, the pod's, which is the node's and a number.
            "PersistentVolumeClaim" => name
                .trim_end_matches(|c: char| c.is_ascii_digit())
                .ends_with(&format!("-{}-", self.node)),
            // Whose it is shows when it is asked for.
            "Pod" => after(&self.node).is_some(),
            _ => false,
        }
    }

    /// What was said last about a pod.
    pub(super) fn last(&self, pod: &Pod) -> Option<&Said> {
        let said = self.said.get(&("Pod".to_owned(), pod.name_any()))?;
        said.values()
            .filter(|said| is_about(said, pod))
            .max_by_key(|said| said.when)
    }

    /// What was said last about a pod, of this kind.
    pub(super) fn about(&self, pod: &Pod, reason: &str) -> Option<&Said> {
        let said = self.said.get(&("Pod".to_owned(), pod.name_any()))?;
        said.get(reason).filter(|said| is_about(said, pod))
    }

    /// What was said last about a claim of a volume.
    pub(super) fn claim(&self, name: &str) -> Option<&Said> {
        let object = ("PersistentVolumeClaim".to_owned(), name.to_owned());
        let said = self.said.get(&object)?;
        said.values().max_by_key(|said| said.when)
    }

    /// What was said last of making pods, if it was that one could not be made.
    pub(super) fn refusal(&self, workload: &Workload) -> Option<&Said> {
        let maker = match workload {
            Workload::Deployment(_) => "ReplicaSet",
            Workload::StatefulSet(_) => "StatefulSet",
        };
        let of_makers = self.said.iter().filter(|((kind, _), _)| kind == maker);
        of_makers
            .flat_map(|(_, said)| said.values())
            .filter(|said| matches!(said.reason.as_str(), "FailedCreate" | "SuccessfulCreate"))
            .max_by_key(|said| said.when)
            .filter(|said| said.reason == "FailedCreate")
    }
}

/// The pods of a StatefulSet have the names of those before them.
fn is_about(said: &Said, pod: &Pod) -> bool {
    said.uid.is_none() || said.uid == pod.metadata.uid
}

fn time(event: &Event) -> Option<Timestamp> {
    let series = event.series.as_ref();
    let series = series.and_then(|series| series.last_observed_time.as_ref());
    let first = event.event_time.as_ref();
    let last = event.last_timestamp.as_ref().map(|time| time.0);
    let last = last.max(series.map(|time| time.0));
    last.or(first.map(|time| time.0))
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    pub(in super::super) fn event(kind: &str, name: &str, reason: &str, message: &str) -> Event {
        serde_json::from_value(json!({
            "metadata": {}, "reason": reason, "message": message,
            "involvedObject": {"kind": kind, "name": name}
        }))
        .unwrap()
    }

    pub(in super::super) fn news(events: impl IntoIterator<Item = Event>) -> News {
        let mut news = News::of(&"demo0".parse().unwrap());
        for event in events {
            news.take(&event, false);
        }
        news
    }

    #[test]
    fn only_what_is_about_the_node_counts() {
        let news = News::of(&"demo0".parse().unwrap());
        for (kind, name, is_ours) in [
            ("Pod", "demo0-5d4f-x2x", true),
            ("Pod", "demo01-5d4f-x2x", false),
            ("ReplicaSet", "demo0-5d4f", true),
            ("ReplicaSet", "demo0-a0-5d4f", false),
            ("StatefulSet", "demo0", true),
            ("StatefulSet", "demo1", false),
            ("PersistentVolumeClaim", "state-demo0-3", true),
            ("PersistentVolumeClaim", "state-demo0-a0-3", false),
            ("PersistentVolumeClaim", "other-demo0-3", true),
            ("Job", "demo0-5d4f", false),
        ] {
            assert_eq!(news.is_ours(kind, name), is_ours, "{kind} {name}");
        }
    }

    #[test]
    fn the_latest_counts_and_not_what_was_said_of_the_pod_before() {
        let pod: Pod =
            serde_json::from_value(json!({"metadata": {"name": "demo0-0", "uid": "u2"}})).unwrap();
        let at = |reason: &str, second: u8, uid: &str| {
            let mut event = event("Pod", "demo0-0", reason, reason);
            event.involved_object.uid = Some(uid.into());
            let time = format!("2026-01-01T00:00:{second:02}Z");
            event.last_timestamp = Some(serde_json::from_value(json!(time)).unwrap());
            event
        };
        let news = news([
            at("Pulling", 3, "u2"),
            at("Scheduled", 2, "u2"),
            at("Killing", 9, "u1"),
        ]);
        assert_eq!(news.last(&pod).unwrap().reason, "Pulling");
        assert_eq!(news.about(&pod, "Killing"), None);
    }
}
