//! All builders, again after each change of their objects: by watch, so that nothing is asked twice.

use std::collections::BTreeMap;

use futures::stream::{AbortHandle, BoxStream, SelectAll, abortable};
use futures::{FutureExt, StreamExt};
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::Pod;

use crate::cluster::{Cluster, News, Object, WatchError};
use crate::error::{Error, Result};
use crate::manifest::{self, ALL_BUILDERS, BUILDX_CANDIDATES, Workload};
use crate::model::Builder;

use super::survey::both;
use super::workload::Scope;

/// What comes of following builders.
#[derive(Debug)]
pub enum Sight {
    /// All of them as they are now.
    Builders(Vec<Builder>),
    /// Nothing for now: the API server cannot be reached. It is tried again.
    Unreachable(Error),
    /// A namespace in which one may not look.
    Unseen(String, Error),
}

/// Builders that are followed.
pub struct Follow {
    places: Vec<Place>,
    told: SelectAll<BoxStream<'static, Told>>,
}

/// A namespace, or all of them.
struct Place {
    cluster: Cluster,
    scope: Scope,
    kinds: [Kind; 6],
    /// The selector of the pods of buildx's builders, and what ends their watch.
    buildx_pods: Option<(String, AbortHandle)>,
    is_seen: bool,
}

/// The objects of one watch.
#[derive(Default)]
struct Kind {
    objects: BTreeMap<(String, String), Thing>,
    is_known: bool,
}

enum Thing {
    Workload(Workload),
    Pod(Box<Pod>),
}

/// Where it is told, of which watch, and what.
type Told = (usize, usize, Result<News<Thing>, WatchError>);

/// The watches of a place, by what they see.
const DEPLOYMENTS: usize = 0;
const SETS: usize = 1;
const BUILDX_DEPLOYMENTS: usize = 2;
const BUILDX_SETS: usize = 3;
const PODS: usize = 4;
const BUILDX_PODS: usize = 5;

impl Follow {
    /// Follows the builders of the cluster's namespace and of `others`, or of all namespaces, with the
    /// nodes whose objects a label selector matches.
    pub fn new(cluster: &Cluster, scope: Scope, others: &[String], labels: &str) -> Self {
        let others = others.iter().map(|other| cluster.in_namespace(other));
        let clusters = std::iter::once(cluster.clone()).chain(others);
        let places = clusters.map(|cluster| Place {
            cluster,
            scope,
            kinds: <[Kind; 6]>::default(),
            buildx_pods: None,
            is_seen: true,
        });
        let mut follow = Self {
            places: places.collect(),
            told: SelectAll::new(),
        };
        let (ours, theirs) = (both(ALL_BUILDERS, labels), both(BUILDX_CANDIDATES, labels));
        for at in 0..follow.places.len() {
            follow.watch::<Deployment>(at, DEPLOYMENTS, &ours);
            follow.watch::<StatefulSet>(at, SETS, &ours);
            follow.watch::<Deployment>(at, BUILDX_DEPLOYMENTS, &theirs);
            follow.watch::<StatefulSet>(at, BUILDX_SETS, &theirs);
            follow.watch::<Pod>(at, PODS, ALL_BUILDERS);
            follow.places[at].kinds[BUILDX_PODS].is_known = true;
        }
        follow
    }

    fn watch<K: Object + Into<Thing>>(&mut self, at: usize, kind: usize, labels: &str) {
        self.told.push(self.stream::<K>(at, kind, labels));
    }

    fn stream<K: Object + Into<Thing>>(
        &self,
        at: usize,
        kind: usize,
        labels: &str,
    ) -> BoxStream<'static, Told> {
        let place = &self.places[at];
        let everywhere = place.scope == Scope::Everywhere;
        let news = place.cluster.follow::<K>(labels, everywhere);
        news.map(move |news| (at, kind, news.map(things))).boxed()
    }

    /// What there is to see next. The first are all builders; an error is the last.
    pub async fn next(&mut self) -> Result<Sight> {
        loop {
            let mut told = self.told.next().await;
            while let Some((at, kind, news)) = told {
                if let Some(sight) = self.take(at, kind, news)? {
                    return Ok(sight);
                }
                // What has come meanwhile is one change.
                told = self.told.next().now_or_never().flatten();
            }
            let mut seen = self.places.iter().filter(|place| place.is_seen);
            if seen.all(|place| place.kinds.iter().all(|kind| kind.is_known)) {
                return Ok(Sight::Builders(self.builders()));
            }
        }
    }

    fn take(
        &mut self,
        at: usize,
        kind: usize,
        news: Result<News<Thing>, WatchError>,
    ) -> Result<Option<Sight>> {
        match news {
            Ok(news) => self.places[at].kinds[kind].take(news),
            Err(WatchError::Unreachable(error)) => return Ok(Some(Sight::Unreachable(error))),
            // Only the first was asked for; the others are where builders were seen.
            Err(WatchError::Refused(error)) if at == 0 => return Err(error),
            Err(WatchError::Refused(error)) => {
                let place = &mut self.places[at];
                let was_seen = std::mem::replace(&mut place.is_seen, false);
                let namespace = place.cluster.namespace().to_owned();
                return Ok(was_seen.then(|| Sight::Unseen(namespace, error)));
            }
        }
        if matches!(kind, BUILDX_DEPLOYMENTS | BUILDX_SETS) {
            self.watch_buildx_pods(at);
        }
        Ok(None)
    }

    /// Watches the pods of those builders of buildx's that are there now.
    fn watch_buildx_pods(&mut self, at: usize) {
        let place = &self.places[at];
        let selector = manifest::buildx_pods(&place.of_buildx());
        let watched = place.buildx_pods.as_ref().map(|(selector, _)| selector);
        if watched == selector.as_ref() {
            return;
        }
        if let Some((_, handle)) = self.places[at].buildx_pods.take() {
            handle.abort();
        }
        let pods = &mut self.places[at].kinds[BUILDX_PODS];
        *pods = Kind::default();
        pods.is_known = selector.is_none();
        if let Some(selector) = selector {
            let (stream, handle) = abortable(self.stream::<Pod>(at, BUILDX_PODS, &selector));
            self.told.push(stream.boxed());
            self.places[at].buildx_pods = Some((selector, handle));
        }
    }

    fn builders(&self) -> Vec<Builder> {
        let seen = self.places.iter().filter(|place| place.is_seen);
        let builders = seen.flat_map(|place| {
            let ours = [DEPLOYMENTS, SETS].into_iter();
            let mut workloads: Vec<Workload> =
                ours.flat_map(|kind| place.workloads(kind)).collect();
            workloads.extend(place.of_buildx());
            let pods = [PODS, BUILDX_PODS].into_iter();
            let pods: Vec<Pod> = pods.flat_map(|kind| place.pods(kind)).collect();
            manifest::builders(&workloads, &pods)
        });
        builders.collect()
    }
}

impl Place {
    fn workloads(&self, kind: usize) -> impl Iterator<Item = Workload> {
        let objects = self.kinds[kind].objects.values();
        objects.filter_map(|thing| match thing {
            Thing::Workload(workload) => Some(workload.clone()),
            Thing::Pod(_) => None,
        })
    }

    fn pods(&self, kind: usize) -> impl Iterator<Item = Pod> {
        let objects = self.kinds[kind].objects.values();
        objects.filter_map(|thing| match thing {
            Thing::Pod(pod) => Some(pod.as_ref().clone()),
            Thing::Workload(_) => None,
        })
    }

    fn of_buildx(&self) -> Vec<Workload> {
        let candidates = [BUILDX_DEPLOYMENTS, BUILDX_SETS].into_iter();
        let candidates = candidates.flat_map(|kind| self.workloads(kind));
        candidates.filter(manifest::is_buildx).collect()
    }
}

impl Kind {
    fn take(&mut self, news: News<Thing>) {
        match news {
            News::All(things) => {
                self.objects = things
                    .into_iter()
                    .map(|thing| (thing.key(), thing))
                    .collect();
                self.is_known = true;
            }
            News::Here(thing) => _ = self.objects.insert(thing.key(), thing),
            News::Gone(thing) => _ = self.objects.remove(&thing.key()),
        }
    }
}

impl Thing {
    fn key(&self) -> (String, String) {
        let metadata = match self {
            Self::Workload(workload) => workload.metadata(),
            Self::Pod(pod) => &pod.metadata,
        };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        (text(&metadata.namespace), text(&metadata.name))
    }
}

impl From<Deployment> for Thing {
    fn from(deployment: Deployment) -> Self {
        Self::Workload(deployment.into())
    }
}

impl From<StatefulSet> for Thing {
    fn from(set: StatefulSet) -> Self {
        Self::Workload(set.into())
    }
}

impl From<Pod> for Thing {
    fn from(pod: Pod) -> Self {
        Self::Pod(Box::new(pod))
    }
}

fn things<K: Into<Thing>>(news: News<K>) -> News<Thing> {
    match news {
        News::All(all) => News::All(all.into_iter().map(Into::into).collect()),
        News::Here(object) => News::Here(object.into()),
        News::Gone(object) => News::Gone(object.into()),
    }
}

#[cfg(test)]
#[path = "follow_tests.rs"]
mod tests;
