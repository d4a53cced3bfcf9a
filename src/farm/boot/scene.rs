//! What is seen of a node that comes up, and what is new about it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use k8s_openapi::api::core::v1::{Event, Pod};
use tokio::time::Instant;

use crate::cluster::{Snapshot, Told};
use crate::error::Error;
use crate::event::Boot;
use crate::manifest::{self, Enough, News, Problem, Verdict, Why, Workload};
use crate::model::{BuilderName, Maker, NodeName};

/// How long a trouble that may heal has to last before its cure is shown.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a daemon may take to answer before somebody should look at it.
const PATIENCE_WITH_DAEMONS: Duration = Duration::from_secs(15);

/// What is awaited.
#[derive(Debug, Clone, Copy)]
pub struct Await<'a> {
    /// The builder, for messages.
    pub builder: &'a BuilderName,
    /// Its node.
    pub node: &'a NodeName,
    /// Who made it.
    pub maker: Maker,
    /// How many of its replicas.
    pub enough: Enough,
    /// How long.
    pub timeout: Duration,
}

/// What is known so far.
pub(super) struct Scene<'a> {
    /// What is awaited.
    pub(in crate::farm) what: Await<'a>,
    /// What runs the pods.
    pub(in crate::farm) workload: Option<Workload>,
    /// The pods.
    pub(in crate::farm) pods: Snapshot<Pod>,
    /// What keeps the node from being up.
    pub(in crate::farm) why: Option<Why>,
    /// That the API server cannot be reached just now.
    pub(in crate::farm) unreachable: Option<Error>,
    news: News,
    /// A version of the pods, and their hash if that is known.
    newest: Option<(String, Option<String>)>,
    began: bool,
    /// What was said last about each pod.
    said: BTreeMap<String, String>,
    /// Whether no pods could be made when the workload was first seen.
    was_refused: Option<bool>,
    /// The pods, by uid, whose image was missing when they were first seen.
    were_without_image: Option<BTreeSet<String>>,
    worry: Option<Worry>,
    /// What was tried again: pods by uid, or to make pods at all.
    tried: BTreeSet<Option<String>>,
}

/// What Kubernetes can be made to try again at once.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Retry {
    /// To make pods.
    Pods(Box<Workload>),
    /// To start this one: another one takes its place.
    Pod(Box<Pod>),
}

/// A trouble that lasts.
struct Worry {
    pod: Option<String>,
    problem: Problem,
    since: Instant,
    /// It is from before, and may have been mended meanwhile.
    is_doubtful: bool,
    is_over: bool,
}

/// What to do about a trouble that lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alarm {
    /// Tell what it is and what to do.
    Tell,
    /// Take for true what was doubtful.
    Believe,
}

impl<'a> Scene<'a> {
    pub(in crate::farm) fn new(what: Await<'a>) -> Self {
        Self {
            what,
            workload: None,
            pods: Snapshot::new(),
            why: None,
            unreachable: None,
            news: News::of(what.node),
            newest: None,
            began: false,
            said: BTreeMap::new(),
            was_refused: None,
            were_without_image: None,
            worry: None,
            tried: BTreeSet::new(),
        }
    }

    /// Takes an event of the namespace.
    pub(super) fn hear(&mut self, told: &Told<Event>) {
        self.news.take(&told.object, told.is_old);
    }

    /// Whether the node is up, will be, or never will.
    pub(in crate::farm) fn judge(&mut self) -> Verdict {
        let Some(workload) = &self.workload else {
            return Verdict::Waiting(None);
        };
        let pods = self.pods.values();
        let (news, newest) = (&self.news, self.newest());
        let verdict = manifest::verdict(workload, pods, news, newest, self.what.enough);
        self.look_first();
        self.why = match &verdict {
            Verdict::Ready => None,
            Verdict::Waiting(why) => why.clone(),
            Verdict::Failed(why) => Some(why.clone()),
        };
        let is_doubtful = self.why.as_ref().is_some_and(|why| self.is_old(why));
        let is_believed = self.worry(is_doubtful);
        match verdict {
            Verdict::Failed(why) if is_doubtful && !is_believed => Verdict::Waiting(Some(why)),
            verdict => verdict,
        }
    }

    /// The hash of the pods of which the Deployment speaks now, if it was looked up.
    fn newest(&self) -> Option<&str> {
        let revision = manifest::revision(self.workload.as_ref()?)?;
        let (of, hash) = self.newest.as_ref()?;
        hash.as_deref().filter(|_| of == revision)
    }

    /// The Deployment and the version of its pods, if nobody has looked up yet which pods are of it.
    pub(super) fn unknown_version(&self) -> Option<(&Workload, String)> {
        let workload = self.workload.as_ref()?;
        let revision = manifest::revision(workload)?;
        let known = self.newest.as_ref().map(|(known, _)| known.as_str());
        (known != Some(revision)).then(|| (workload, revision.to_owned()))
    }

    /// The pods of that version have this hash.
    pub(super) fn learn(&mut self, revision: String, hash: Option<String>) {
        self.newest = Some((revision, hash));
    }

    /// Keeps what was wrong before anybody looked.
    fn look_first(&mut self) {
        let Some(workload) = &self.workload else {
            return;
        };
        if self.was_refused.is_none() {
            self.was_refused = Some(manifest::refused(workload, &self.news).is_some());
        }
        if self.were_without_image.is_none() && !self.pods.is_empty() {
            let lack = |pod: &&Pod| manifest::lacks_image(pod, &self.news);
            let lacking = self.pods.values().filter(lack);
            let lacking = lacking.filter_map(|pod| pod.metadata.uid.clone());
            self.were_without_image = Some(lacking.collect());
        }
    }

    /// Whether a trouble may be from before somebody mended its cause: Kubernetes tries again by
    /// itself, but ever more rarely.
    fn is_old(&self, why: &Why) -> bool {
        match &why.pod {
            Some(pod) => {
                let pod = self.pods.get(pod);
                let uid = pod.and_then(|pod| pod.metadata.uid.as_ref());
                let lacking = self.were_without_image.as_ref();
                uid.is_some_and(|uid| lacking.is_some_and(|lacking| lacking.contains(uid)))
            }
            None => self.is_refusal_old(),
        }
    }

    fn is_refusal_old(&self) -> bool {
        let Some(workload) = &self.workload else {
            return false;
        };
        let is_kept = matches!(workload, Workload::Deployment(_));
        let may_be_old = self.was_refused == Some(true) || !is_kept;
        let refused = manifest::refused(workload, &self.news);
        may_be_old && refused.is_some_and(|refused| refused.is_old)
    }

    /// Notes since when the trouble is there; whether it was there long enough to be believed.
    fn worry(&mut self, is_doubtful: bool) -> bool {
        let Some(why) = &self.why else {
            self.worry = None;
            return false;
        };
        let problem = why.problem();
        match &self.worry {
            Some(worry) if worry.pod == why.pod && worry.problem == problem => {
                worry.is_over && worry.is_doubtful
            }
            _ => {
                self.worry = Some(Worry {
                    pod: why.pod.clone(),
                    problem,
                    since: Instant::now(),
                    is_doubtful,
                    is_over: false,
                });
                false
            }
        }
    }

    /// What to try again, because why it failed may have been mended; each thing once.
    pub(super) fn retry(&mut self) -> Option<Retry> {
        self.worry.as_ref().filter(|worry| worry.is_doubtful)?;
        let why = self.why.as_ref()?;
        let retry = match &why.pod {
            None => Retry::Pods(Box::new(self.workload.clone()?)),
            Some(pod) => Retry::Pod(Box::new(self.pods.get(pod)?.clone())),
        };
        let uid = match &retry {
            Retry::Pods(_) => None,
            Retry::Pod(pod) => pod.metadata.uid.clone(),
        };
        self.tried.insert(uid).then_some(retry)
    }

    /// When a trouble has lasted too long.
    pub(in crate::farm) fn deadline(&self) -> Option<Instant> {
        let worry = self.worry.as_ref().filter(|worry| !worry.is_over)?;
        let patience = match worry.problem {
            Problem::Silent => PATIENCE_WITH_DAEMONS,
            _ => PATIENCE,
        };
        Some(worry.since + patience)
    }

    /// The deadline is over.
    pub(super) fn alarm(&mut self) -> Option<Alarm> {
        let worry = self.worry.as_mut()?;
        worry.is_over = true;
        Some(if worry.is_doubtful && !worry.problem.may_heal() {
            Alarm::Believe
        } else {
            Alarm::Tell
        })
    }

    /// What is new for the display.
    pub(in crate::farm) fn changes(&mut self) -> Vec<Boot> {
        let Some(workload) = &self.workload else {
            return Vec::new();
        };
        let node = self.what.node.to_string();
        let mut changes = Vec::new();
        if !std::mem::replace(&mut self.began, true) {
            changes.push(Boot::Waiting {
                node: node.clone(),
                replicas: u32::try_from(workload.replicas()).unwrap_or(1),
            });
        }
        for (pod, object) in &self.pods {
            let message = manifest::step(object, &self.news);
            if self.said.get(pod) != Some(&message) {
                self.said.insert(pod.clone(), message.clone());
                let pod = pod.clone();
                changes.push(Boot::Pod { pod, message });
            }
        }
        let gone: Vec<String> = self
            .said
            .keys()
            .filter(|pod| **pod != node && !self.pods.contains_key(*pod))
            .cloned()
            .collect();
        for pod in gone {
            self.said.remove(&pod);
            changes.push(Boot::Gone { pod });
        }
        changes.extend(self.refusal(&node));
        changes
    }

    /// That no pods can be made, told of the node; each try words it with another pod's name.
    fn refusal(&mut self, node: &str) -> Option<Boot> {
        let why = self.why.as_ref().filter(|why| why.pod.is_none())?;
        let said = &why.trouble.message;
        let message = said
            .split_once(" is forbidden: ")
            .map_or(said.as_str(), |(_, rest)| rest);
        let message = format!("no pod can be made: {message}");
        if self.said.get(node) == Some(&message) {
            return None;
        }
        self.said.insert(node.to_owned(), message.clone());
        let pod = node.to_owned();
        Some(Boot::Pod { pod, message })
    }

    /// A pod that is not up yet, and how far it is.
    pub(super) fn laggard(&self) -> Option<(&str, &str)> {
        let said = self.said.iter().filter(|(_, message)| *message != "ready");
        said.map(|(pod, message)| (pod.as_str(), message.as_str()))
            .next()
    }
}

#[cfg(test)]
#[path = "scene_tests.rs"]
mod tests;
