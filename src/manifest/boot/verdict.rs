//! Whether a node is up, will be, or never will.

use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;

use crate::manifest::pod::{is_terminating, state_in};
use crate::manifest::pod_spec::CONTAINER;
use crate::manifest::replica_set::TEMPLATE_HASH;
use crate::manifest::trouble::Trouble;
use crate::manifest::workload::Workload;
use crate::model::ReplicaState;

use super::classify::problem;
use super::message::tidy;
use super::news::News;
use super::pod_trouble::pod_trouble;
use super::problem::Problem;

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

impl Why {
    /// What it is.
    pub fn problem(&self) -> Problem {
        problem(&self.trouble)
    }

    /// The container that it is about, or would be.
    pub fn container(&self) -> &str {
        self.trouble.container.as_deref().unwrap_or(CONTAINER)
    }
}

/// Judges a node by its workload, its pods and what is said of them. `newest` is the hash of a
/// Deployment's newest pods, if it is known: those of before a change count only without it.
pub fn verdict<'a>(
    workload: &'a Workload,
    pods: impl Iterator<Item = &'a Pod> + Clone,
    news: &News,
    newest: Option<&'a str>,
    enough: Enough,
) -> Verdict {
    if is_up(workload, pods.clone(), enough) {
        return Verdict::Ready;
    }
    let current = current(workload, pods, newest);
    let troubles = current.iter().map(|pod| {
        let trouble = pod_trouble(pod, news)?;
        let pod = Some(pod.name_any());
        Some(Why { pod, trouble })
    });
    let troubles: Vec<Option<Why>> = troubles.collect();
    // Who needs only one pod does not mind the others.
    let is_hopeful = enough == Enough::One
        && troubles
            .iter()
            .any(|why| why.as_ref().is_none_or(|why| why.problem().may_heal()));
    let refused = refused(workload, news).map(|refused| Why {
        pod: None,
        trouble: refused.trouble,
    });
    let mut reasons: Vec<Why> = refused
        .into_iter()
        .chain(troubles.into_iter().flatten())
        .collect();
    // Pods that ended are only history where others took their place.
    reasons.sort_by_key(|why| (why.problem().may_heal(), why.problem() == Problem::Ended));
    match reasons.into_iter().next() {
        Some(why) if !why.problem().may_heal() && !is_hopeful => Verdict::Failed(why),
        why => Verdict::Waiting(why),
    }
}

/// That the API server makes no more pods of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub trouble: Trouble,
    /// Whether nothing was said of it since somebody listens: it may have been mended meanwhile.
    pub is_old: bool,
}

/// Whether the API server makes no more pods of a node, as far as known.
pub fn refused(workload: &Workload, news: &News) -> Option<Refused> {
    let said = news.refusal(workload);
    let message = match workload {
        Workload::Deployment(_) => {
            let kept = workload.refusal()?;
            said.map_or_else(|| tidy(kept), |said| said.message.clone())
        }
        Workload::StatefulSet(_) => {
            let there = workload.counts().map_or(0, |counts| counts.replicas);
            let said = said.filter(|_| there < workload.replicas())?;
            said.message.clone()
        }
    };
    Some(Refused {
        trouble: Trouble::new("FailedCreate", Some(&message)),
        is_old: said.is_none_or(|said| said.is_old),
    })
}

/// The pods that are as the workload says now: those of before a change do not matter any more.
fn current<'a>(
    workload: &'a Workload,
    pods: impl Iterator<Item = &'a Pod>,
    newest: Option<&'a str>,
) -> Vec<&'a Pod> {
    let Some(counts) = workload.counts() else {
        return Vec::new();
    };
    if counts.observed_generation < workload.metadata().generation {
        return Vec::new();
    }
    let (label, newest) = match workload {
        Workload::Deployment(_) if counts.updated == 0 => return Vec::new(),
        Workload::Deployment(_) => (TEMPLATE_HASH, newest),
        Workload::StatefulSet(set) => {
            let status = set.status.as_ref();
            let newest = status.and_then(|status| status.update_revision.as_deref());
            ("controller-revision-hash", newest)
        }
    };
    let hash = |pod: &'a Pod| pod.labels().get(label).map(String::as_str);
    pods.filter(|pod| !is_terminating(pod))
        .filter(|pod| newest.is_none() || hash(pod) == newest)
        .collect()
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

    use super::super::news::tests::{event, news};
    use super::*;
    use crate::manifest::pod::tests::pod;

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
            let verdict = verdict(&deployment, [].iter(), &news([]), None, Enough::All);
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
            let verdict = verdict(&set, [].iter(), &news([]), None, Enough::All);
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
            verdict(&starting, ready.iter(), &news([]), None, Enough::One),
            Verdict::Ready
        );
        assert_eq!(
            verdict(&starting, ready.iter(), &news([]), None, Enough::All),
            Verdict::Waiting(None)
        );
    }

    #[test]
    fn a_refusal_fails_at_once_and_a_full_cluster_does_not() {
        let refused = deployment(&json!({"conditions": [{
            "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
            "message": "pods \"a\" is forbidden: no"}]}));
        let Verdict::Failed(why) = verdict(&refused, [].iter(), &news([]), None, Enough::All)
        else {
            panic!();
        };
        assert_eq!(
            why.trouble.to_string(),
            "FailedCreate: pods \"a\" is forbidden: no"
        );

        let full = [pod(&json!({"phase": "Pending", "conditions": [{
            "type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]}))];
        assert!(matches!(
            verdict(&up(2, 2, 2, 0), full.iter(), &news([]), None, Enough::All),
            Verdict::Waiting(Some(_))
        ));
    }

    fn set(replicas: u8) -> Workload {
        let set: StatefulSet = serde_json::from_value(json!({
            "metadata": {"name": "demo0"},
            "spec": {"replicas": 2, "selector": {}, "template": {}, "serviceName": ""},
            "status": {"replicas": replicas}
        }))
        .unwrap();
        set.into()
    }

    #[test]
    fn the_events_of_a_stateful_set_tell_what_it_does_not_keep() {
        let failed = "create Pod demo0-0 in StatefulSet demo0 failed error: \
            pods \"demo0-0\" is forbidden: violates PodSecurity \"baseline:latest\": no";
        let failed = event("StatefulSet", "demo0", "FailedCreate", failed);
        let made = event("StatefulSet", "demo0", "SuccessfulCreate", "made");
        let all = |set: &Workload, news: &News| verdict(set, [].iter(), news, None, Enough::All);
        let Verdict::Failed(why) = all(&set(0), &news([failed.clone()])) else {
            panic!();
        };
        assert_eq!(why.problem(), Problem::PodSecurity("baseline".into()));
        // All pods are there, or one was made since.
        for (set, events) in [
            (set(2), vec![failed.clone()]),
            (set(1), vec![failed.clone(), made.clone()]),
        ] {
            assert_eq!(all(&set, &news(events)), Verdict::Waiting(None));
        }
        let mut old = News::of(&"demo0".parse().unwrap());
        old.take(&failed, true);
        assert!(refused(&set(0), &old).unwrap().is_old);
        old.take(&failed, false);
        assert!(!refused(&set(0), &old).unwrap().is_old);
    }

    fn crashed(name: &str, hash: &str) -> Pod {
        let mut pod = pod(&json!({"phase": "Running", "containerStatuses": [{
            "name": "buildkitd", "image": "", "imageID": "", "ready": false, "restartCount": 2,
            "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}));
        pod.metadata.name = Some(name.into());
        pod.labels_mut().insert(TEMPLATE_HASH.into(), hash.into());
        pod
    }

    fn starting(name: &str, hash: &str) -> Pod {
        let mut pod = crashed(name, hash);
        pod.status = None;
        pod
    }

    #[test]
    fn pods_of_before_a_change_do_not_count() {
        let [old, new] = [crashed("a", "old"), starting("b", "new")];
        let fails = |workload: &Workload, pods: &[Pod], newest| {
            let verdict = verdict(workload, pods.iter(), &news([]), newest, Enough::All);
            matches!(verdict, Verdict::Failed(_))
        };
        let only = std::slice::from_ref(&old);
        assert!(fails(&up(2, 1, 1, 0), only, None));
        // The controller has not seen the change, or has not acted on it.
        assert!(!fails(&up(1, 1, 1, 0), only, None));
        assert!(!fails(&up(2, 1, 0, 0), only, None));
        let both = [old.clone(), new];
        assert!(fails(&up(2, 2, 1, 0), &both, None));
        assert!(!fails(&up(2, 2, 1, 0), &both, Some("new")));
        assert!(fails(&up(2, 2, 1, 0), &both, Some("old")));
    }

    #[test]
    fn a_build_waits_as_long_as_one_pod_may_come_up() {
        let pods = [crashed("a", "x"), starting("b", "x")];
        let judge = |pods: &[Pod], enough| {
            let verdict = verdict(&up(2, 2, 2, 0), pods.iter(), &news([]), None, enough);
            matches!(verdict, Verdict::Failed(_))
        };
        assert!(judge(&pods, Enough::All));
        assert!(!judge(&pods, Enough::One));
        assert!(judge(&pods[..1], Enough::One));
    }

    #[test]
    fn what_cannot_heal_is_named_first_and_history_last() {
        let full = pod(
            &json!({"phase": "Pending", "conditions": [{"type": "PodScheduled",
            "status": "False", "reason": "Unschedulable"}]}),
        );
        let evicted = pod(&json!({"phase": "Failed", "reason": "Evicted"}));
        let pods = [evicted.clone(), full];
        let verdict =
            |pods: &[Pod]| verdict(&up(2, 2, 2, 0), pods.iter(), &news([]), None, Enough::All);
        for (pods, reason) in [(&pods[..], "Unschedulable"), (&pods[..1], "Evicted")] {
            let Verdict::Waiting(Some(why)) = verdict(pods) else {
                panic!();
            };
            assert_eq!(why.trouble.reason, reason);
        }
    }
}
