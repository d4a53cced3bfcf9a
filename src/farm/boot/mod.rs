//! Waits until a node takes builds, and tells on the way what Kubernetes says.

mod diagnosis;
pub(super) mod scene;

use std::pin::Pin;

use futures::{Stream, StreamExt, stream};
use k8s_openapi::api::core::v1::{Event as ClusterEvent, Pod};
use tokio::time::Instant;

use crate::cluster::{Cluster, Snapshot, Told, WatchError};
use crate::error::{Error, Kind, Result};
use crate::event::{Boot, Event, Events};
use crate::farm::find::workload::{self, Seen};
use crate::manifest::{self, Verdict, Why};

use self::scene::{Alarm, Await, Retry, Scene};

/// Waits until the node takes builds. What cannot get better ends the wait at once.
pub async fn wait(cluster: &Cluster, what: Await<'_>, events: &Events) -> Result<()> {
    let mut scene = Scene::new(what);
    let watched = tokio::time::timeout(what.timeout, watch(cluster, events, &mut scene));
    match watched.await {
        Ok(Ok(Some(why))) => Err(diagnosis::hopeless(cluster, &scene, &why).await),
        Ok(Ok(None)) => {
            let node = what.node.to_string();
            events.send(Event::Boot(Boot::Ready { node })).await;
            Ok(())
        }
        Ok(Err(error)) => Err(error),
        Err(_) => Err(diagnosis::late(cluster, scene).await),
    }
}

enum Change {
    Workload(Result<Seen, WatchError>),
    Pods(Result<Snapshot<Pod>, WatchError>),
    Event(Box<Told<ClusterEvent>>),
    /// A trouble lasted.
    Alarm,
}

fn changes(cluster: &Cluster, what: Await<'_>) -> impl Stream<Item = Change> + use<> {
    let workloads = workload::watch(cluster, what.node.as_str());
    let pods = cluster.watch_labels::<Pod>(&manifest::node_selector(what.node, what.maker));
    let events = cluster.watch_events();
    let all: [Pin<Box<dyn Stream<Item = Change> + Send>>; 3] = [
        workloads.map(Change::Workload).boxed(),
        pods.map(Change::Pods).boxed(),
        events.map(|event| Change::Event(Box::new(event))).boxed(),
    ];
    stream::select_all(all)
}

/// Watches until the node is up, or returns why it never will be.
async fn watch(cluster: &Cluster, events: &Events, scene: &mut Scene<'_>) -> Result<Option<Why>> {
    let mut changes = std::pin::pin!(changes(cluster, scene.what));
    loop {
        let change = tokio::select! {
            change = changes.next() => change,
            () = until(scene.deadline()) => Some(Change::Alarm),
        };
        match change {
            None => return Ok(None),
            Some(Change::Alarm) => alarm(cluster, events, scene).await,
            Some(change) => {
                if !take(scene, change)? {
                    continue;
                }
            }
        }
        let verdict = judge(cluster, scene).await;
        if verdict == Verdict::Ready {
            return Ok(None);
        }
        for change in scene.changes() {
            events.send(Event::Boot(change)).await;
        }
        if let Verdict::Failed(why) = verdict {
            return Ok(Some(why));
        }
        if let Some(retry) = scene.retry() {
            try_again(cluster, &retry).await;
        }
    }
}

/// Nothing is given up for a pod of before a change, so it is looked up which those are.
async fn judge(cluster: &Cluster, scene: &mut Scene<'_>) -> Verdict {
    let verdict = scene.judge();
    let Some((workload, revision)) = scene
        .unknown_version()
        .filter(|_| matches!(&verdict, Verdict::Failed(why) if why.pod.is_some()))
    else {
        return verdict;
    };
    let hash = workload::newest_hash(cluster, workload, &revision).await;
    scene.learn(revision, hash);
    scene.judge()
}

/// Who may not do that waits for Kubernetes to do it by itself.
async fn try_again(cluster: &Cluster, retry: &Retry) {
    match retry {
        Retry::Pods(workload) => workload::nudge(cluster, workload).await,
        Retry::Pod(pod) => {
            let _ = cluster.delete(pod.as_ref()).await;
        }
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Takes in what a watch shows; whether there is something to judge.
fn take(scene: &mut Scene<'_>, change: Change) -> Result<bool> {
    match change {
        Change::Event(event) => scene.hear(&event),
        Change::Pods(Ok(pods)) => scene.pods = pods,
        Change::Workload(Ok(Seen::There(workload))) => scene.workload = Some(*workload),
        Change::Workload(Ok(Seen::Missing)) => return Err(removed(scene.what)),
        Change::Workload(Ok(Seen::NotYet)) | Change::Alarm => {}
        Change::Workload(Err(error)) | Change::Pods(Err(error)) => match error {
            WatchError::Refused(error) => return Err(error),
            WatchError::Unreachable(error) => {
                scene.unreachable = Some(error);
                return Ok(false);
            }
        },
    }
    scene.unreachable = None;
    Ok(true)
}

/// A trouble that lasts is told with its cure while there is time for it.
async fn alarm(cluster: &Cluster, events: &Events, scene: &mut Scene<'_>) {
    if scene.alarm() != Some(Alarm::Tell) {
        return;
    }
    if let Some(why) = &scene.why {
        let warning = diagnosis::warning(cluster, scene, why).await;
        events.warning(warning).await;
    }
}

fn removed(what: Await<'_>) -> Error {
    Error::new(
        Kind::NotReady,
        format!("builder {} was removed while it came up", what.builder),
    )
}
