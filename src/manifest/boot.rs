//! Whether a node is up, will be, or never will.

use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;

use super::pod::{is_terminating, state_in, trouble};
use super::trouble::Trouble;
use super::workload::Workload;
use crate::model::ReplicaState;

/// How many replicas must be ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enough {
    /// All that are wanted, of the newest kind.
    All,
    /// One: a build can begin.
    One,
}

/// Whether a node is up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It takes builds.
    Ready,
    /// Not yet; why, as far as known.
    Waiting(Option<Why>),
    /// Not without help.
    Failed(Why),
}

/// What keeps a node from being up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The pod; none if it could not even be made.
    pub pod: Option<String>,
    /// What is wrong with it.
    pub trouble: Trouble,
}

/// Judges a node by its workload and pods.
pub fn verdict<'a>(
    workload: &Workload,
    pods: impl Iterator<Item = &'a Pod> + Clone,
    enough: Enough,
) -> Verdict {
    if is_up(workload, pods.clone(), enough) {
        return Verdict::Ready;
    }
    if let Some(trouble) = workload.refused() {
        return Verdict::Failed(Why { pod: None, trouble });
    }
    let mut why: Option<Why> = None;
    for pod in pods.filter(|pod| !is_terminating(pod)) {
        let Some(trouble) = trouble(pod) else {
            continue;
        };
        let this = Why {
            pod: Some(pod.name_any()),
            trouble,
        };
        if !this.trouble.may_pass() {
            return Verdict::Failed(this);
        }
        why.get_or_insert(this);
    }
    Verdict::Waiting(why)
}

fn is_up<'a>(workload: &Workload, mut pods: impl Iterator<Item = &'a Pod>, enough: Enough) -> bool {
    if enough == Enough::One {
        return pods.any(|pod| state_in(workload, pod) == ReplicaState::Ready);
    }
    let Some(counts) = workload.counts() else {
        return false;
    };
    let wanted = workload.replicas();
    counts.observed_generation >= workload.metadata().generation
        && counts.updated >= wanted
        && counts.ready >= wanted
        && counts.replicas <= wanted
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
    use serde_json::{Value, json};

    use super::super::pod::tests::pod;
    use super::*;

    fn deployment(status: &Value) -> Workload {
        let deployment: Deployment = serde_json::from_value(json!({
            "metadata": {"generation": 2},
            "spec": {"replicas": 2, "selector": {}, "template": {}},
            "status": status
        }))
        .unwrap();
        deployment.into()
    }

    fn up(generation: u8, replicas: u8, updated: u8, ready: u8) -> Workload {
        deployment(&json!({
            "observedGeneration": generation, "replicas": replicas,
            "updatedReplicas": updated, "readyReplicas": ready
        }))
    }

    #[test]
    fn all_are_ready_only_when_none_is_old() {
        let table = [
            (up(2, 2, 2, 2), true),
            (up(1, 2, 2, 2), false),
            (up(2, 3, 2, 3), false),
            (up(2, 2, 1, 2), false),
            (up(2, 2, 2, 1), false),
        ];
        for (deployment, ready) in table {
            let verdict = verdict(&deployment, [].iter(), Enough::All);
            assert_eq!(verdict == Verdict::Ready, ready, "{deployment:?}");
        }
    }

    #[test]
    fn a_stateful_set_counts_otherwise() {
        let set = |revision: &str, updated: u8| {
            let set: StatefulSet = serde_json::from_value(json!({
                "metadata": {"generation": 2},
                "spec": {"replicas": 2, "selector": {}, "template": {}, "serviceName": ""},
                "status": {"observedGeneration": 2, "replicas": 2, "readyReplicas": 2,
                    "currentRevision": "a", "updateRevision": revision,
                    "updatedReplicas": updated}
            }))
            .unwrap();
            Workload::from(set)
        };
        for (set, ready) in [
            (set("a", 0), true),
            (set("b", 1), false),
            (set("b", 2), true),
        ] {
            let verdict = verdict(&set, [].iter(), Enough::All);
            assert_eq!(verdict == Verdict::Ready, ready, "{set:?}");
        }
    }

    #[test]
    fn one_ready_pod_is_enough_for_a_build() {
        let ready = [pod(
            &json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}),
        )];
        let starting = up(2, 2, 2, 1);
        assert_eq!(
            verdict(&starting, ready.iter(), Enough::One),
            Verdict::Ready
        );
        assert_eq!(
            verdict(&starting, ready.iter(), Enough::All),
            Verdict::Waiting(None)
        );
    }

    #[test]
    fn a_quota_fails_at_once_and_a_full_cluster_does_not() {
        let refused = deployment(&json!({"conditions": [{
            "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
            "message": "exceeded quota"}]}));
        let Verdict::Failed(why) = verdict(&refused, [].iter(), Enough::All) else {
            panic!();
        };
        assert_eq!(why.trouble.to_string(), "FailedCreate: exceeded quota");

        let full = [pod(&json!({"phase": "Pending", "conditions": [{
            "type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]}))];
        assert!(matches!(
            verdict(&up(2, 2, 2, 0), full.iter(), Enough::All),
            Verdict::Waiting(Some(_))
        ));
    }
}
