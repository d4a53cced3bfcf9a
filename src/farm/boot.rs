//! Waits until a node takes builds, and tells on the way what Kubernetes says.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use k8s_openapi::api::core::v1::{Event as PodEvent, Pod};

use crate::cluster::{Cluster, Snapshot, WatchError};
use crate::error::{Error, Kind, Result};
use crate::event::{Boot, Event, Events};
use crate::manifest::{self, Enough, Verdict, Why, Workload};
use crate::model::{BuilderName, Maker, NodeName};

use super::workload::{self, Seen};

/// Lines of a crashed daemon's output that a message shows.
const LAST_WORDS: i64 = 10;

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

/// Waits until the node takes builds. What cannot get better ends the wait at once.
pub async fn wait(cluster: &Cluster, what: Await<'_>, events: &Events) -> Result<()> {
    let mut scene = Scene::default();
    let verdict = tokio::time::timeout(what.timeout, watch(cluster, what, events, &mut scene));
    match verdict.await {
        Ok(Ok(Some(why))) => Err(failure(cluster, what, &why).await),
        Ok(Ok(None)) => {
            let node = what.node.to_string();
            events.send(Event::Boot(Boot::Ready { node })).await;
            Ok(())
        }
        Ok(Err(error)) => Err(error),
        Err(_) => Err(late(cluster, what, scene)),
    }
}

/// What is known so far.
#[derive(Default)]
struct Scene {
    workload: Option<Workload>,
    pods: Snapshot<Pod>,
    /// Events about pods that no list showed yet.
    early: Vec<PodEvent>,
    /// What was said last about each pod.
    said: BTreeMap<String, String>,
    began: bool,
    why: Option<Why>,
    unreachable: Option<Error>,
}

enum Change {
    Workload(Result<Seen, WatchError>),
    Pods(Result<Snapshot<Pod>, WatchError>),
    Event(Box<PodEvent>),
}

fn changes(cluster: &Cluster, node: &NodeName, maker: Maker) -> impl Stream<Item = Change> + use<> {
    let workloads = workload::watch(cluster, node.as_str());
    let pods = cluster.watch_labels::<Pod>(&manifest::node_selector(node, maker));
    let events = cluster.watch_pod_events();
    let all: [Pin<Box<dyn Stream<Item = Change> + Send>>; 3] = [
        workloads.map(Change::Workload).boxed(),
        pods.map(Change::Pods).boxed(),
        events.map(|event| Change::Event(Box::new(event))).boxed(),
    ];
    stream::select_all(all)
}

/// Watches until the node is up, or returns why it never will be.
async fn watch(
    cluster: &Cluster,
    what: Await<'_>,
    events: &Events,
    scene: &mut Scene,
) -> Result<Option<Why>> {
    let mut changes = std::pin::pin!(changes(cluster, what.node, what.maker));
    while let Some(change) = changes.next().await {
        match change {
            Change::Event(event) => scene.early.push(*event),
            Change::Pods(Ok(pods)) => scene.pods = pods,
            Change::Workload(Ok(Seen::There(workload))) => scene.workload = Some(*workload),
            Change::Workload(Ok(Seen::Missing)) => return Err(removed(what)),
            Change::Workload(Ok(Seen::NotYet)) => {}
            Change::Workload(Err(error)) | Change::Pods(Err(error)) => match error {
                WatchError::Refused(error) => return Err(error),
                WatchError::Unreachable(error) => {
                    scene.unreachable = Some(error);
                    continue;
                }
            },
        }
        scene.unreachable = None;
        match scene.judge(what, events).await {
            Verdict::Ready => return Ok(None),
            Verdict::Failed(why) => return Ok(Some(why)),
            Verdict::Waiting(why) => scene.why = why,
        }
    }
    Ok(None)
}

impl Scene {
    async fn judge(&mut self, what: Await<'_>, events: &Events) -> Verdict {
        let Some(workload) = self.workload.take() else {
            return Verdict::Waiting(None);
        };
        let verdict = manifest::verdict(&workload, self.pods.values(), what.enough);
        if !self.began && verdict != Verdict::Ready {
            self.began = true;
            let boot = Boot::Waiting {
                node: what.node.to_string(),
                replicas: u32::try_from(workload.replicas()).unwrap_or(1),
            };
            events.send(Event::Boot(boot)).await;
        }
        self.workload = Some(workload);
        self.tell(events).await;
        if let Verdict::Waiting(Some(why)) = &verdict
            && let Some(pod) = &why.pod
        {
            self.say(pod.clone(), why.trouble.to_string(), events).await;
        }
        verdict
    }

    /// Passes on what Kubernetes says about the pods that are there.
    async fn tell(&mut self, events: &Events) {
        let (known, early) = std::mem::take(&mut self.early)
            .into_iter()
            .partition(|event| self.pods.contains_key(pod_of(event)));
        self.early = early;
        let mut known: Vec<PodEvent> = known;
        known.sort_by_key(|event| event.last_timestamp.as_ref().map(|time| time.0));
        for event in known {
            let message = event.message.clone().unwrap_or_default();
            self.say(pod_of(&event).to_owned(), message, events).await;
        }
    }

    async fn say(&mut self, pod: String, message: String, events: &Events) {
        let message = message.lines().next().unwrap_or_default().trim().to_owned();
        if message.is_empty() || self.said.get(&pod) == Some(&message) {
            return;
        }
        self.said.insert(pod.clone(), message.clone());
        events.send(Event::Boot(Boot::Pod { pod, message })).await;
    }
}

fn pod_of(event: &PodEvent) -> &str {
    event.involved_object.name.as_deref().unwrap_or_default()
}

fn removed(what: Await<'_>) -> Error {
    Error::new(
        Kind::NotReady,
        format!("builder {} was removed while it came up", what.builder),
    )
}

/// The error of a node that never comes up.
async fn failure(cluster: &Cluster, what: Await<'_>, why: &Why) -> Error {
    let builder = what.builder;
    let reason = &why.trouble.reason;
    let message = match &why.pod {
        Some(pod) => format!("builder {builder} cannot come up: pod {pod}: {reason}"),
        None => format!("builder {builder} cannot come up: no pod can be made: {reason}"),
    };
    let mut cause = why.trouble.message.clone();
    if let (true, Some(pod)) = (why.trouble.is_crash(), &why.pod)
        && let Ok(words) = cluster.last_words(pod, LAST_WORDS).await
        && !words.trim().is_empty()
    {
        cause = format!("its last words:\n{}", words.trim_end());
    }
    let error = Error::new(Kind::NotReady, message).hint(advice(cluster, what, why));
    if cause.is_empty() {
        return error;
    }
    error.because(cause)
}

/// What to do about it.
fn advice(cluster: &Cluster, what: Await<'_>, why: &Why) -> String {
    let namespace = cluster.namespace();
    let builder = what.builder;
    let message = &why.trouble.message;
    let Some(pod) = &why.pod else {
        if message.contains("violates PodSecurity") {
            return format!(
                "allow privileged pods: kubectl label namespace {namespace} \
                 pod-security.kubernetes.io/enforce=privileged"
            );
        }
        if message.contains("exceeded quota") {
            return format!("see the quota: kubectl describe resourcequota -n {namespace}");
        }
        return format!("see: kubectl describe replicasets -n {namespace}");
    };
    if why.trouble.is_crash() {
        return format!("see: kubectl logs {pod} -n {namespace} --previous");
    }
    if why.trouble.reason.contains("Image") {
        return format!(
            "check the image's name and that the cluster can pull it, then: \
             kubectl buildkit rm {builder}, and create it again"
        );
    }
    format!("see: kubectl describe pod {pod} -n {namespace}")
}

/// The error when time is over.
fn late(cluster: &Cluster, what: Await<'_>, scene: Scene) -> Error {
    if let Some(error) = scene.unreachable {
        return error;
    }
    let namespace = cluster.namespace();
    let (builder, seconds) = (what.builder, what.timeout.as_secs_f32());
    let error = Error::new(
        Kind::NotReady,
        format!("builder {builder} is not ready after {seconds} s"),
    );
    let pods = manifest::node_selector(what.node, what.maker);
    let hint = format!("see: kubectl describe pods -n {namespace} -l {pods}");
    let last = scene.why.map(|why| {
        let pod = why.pod.unwrap_or_default();
        format!("pod {pod}: {}", why.trouble)
    });
    let last = last.or_else(|| {
        let (pod, message) = scene.said.into_iter().next()?;
        Some(format!("pod {pod}: {message}"))
    });
    match last {
        Some(last) => error.because(last).hint(hint),
        None => error.hint(hint),
    }
}
