//! Watches: what is there, again after every change.

use std::collections::BTreeMap;

use futures::{Stream, StreamExt};
use kube::ResourceExt;
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{self, DefaultBackoff, Event, watcher};

use crate::error::Error;

use super::failure::Place;
use super::objects::request;
use super::{Cluster, Object};

/// All objects that a watch sees, by name.
pub type Snapshot<K> = BTreeMap<String, K>;

/// Why a watch has nothing to show. It goes on by itself as long as somebody listens.
#[derive(Debug)]
pub enum WatchError {
    /// It will not get better: the request is refused.
    Refused(Error),
    /// The API server cannot be reached just now.
    Unreachable(Error),
}

impl WatchError {
    /// The failure for people.
    pub fn into_error(self) -> Error {
        match self {
            Self::Refused(error) | Self::Unreachable(error) => error,
        }
    }
}

impl Cluster {
    /// Watches the objects that a label selector matches.
    pub fn watch_labels<K: Object>(
        &self,
        labels: &str,
    ) -> impl Stream<Item = Result<Snapshot<K>, WatchError>> + Send + use<K> {
        self.watch(watcher::Config::default().labels(labels))
    }

    /// Watches the objects that a field selector matches.
    pub fn watch_fields<K: Object>(
        &self,
        fields: &str,
    ) -> impl Stream<Item = Result<Snapshot<K>, WatchError>> + Send + use<K> {
        self.watch(watcher::Config::default().fields(fields))
    }

    fn watch<K: Object>(
        &self,
        config: watcher::Config,
    ) -> impl Stream<Item = Result<Snapshot<K>, WatchError>> + Send + use<K> {
        let place = self.place.clone();
        let events = watcher(self.api::<K>(), config).backoff(DefaultBackoff::default());
        events
            .scan(View::default(), |view, event| {
                let shown = event.map(|event| view.take(event));
                std::future::ready(Some(shown))
            })
            .filter_map(move |shown| {
                let shown = match shown {
                    Ok(snapshot) => snapshot.map(Ok),
                    Err(error) => failed::<K>(&place, error).map(Err),
                };
                std::future::ready(shown)
            })
            .boxed()
    }

    /// Each object of the namespace, whenever it comes or changes. Ends if the watch is refused.
    pub(super) fn watch_changes<K: Object>(&self) -> impl Stream<Item = Told<K>> + Send + use<K> {
        watcher(self.api::<K>(), watcher::Config::default())
            .backoff(DefaultBackoff::default())
            .take_while(|event| {
                let refused = match event {
                    Err(
                        watcher::Error::InitialListFailed(error)
                        | watcher::Error::WatchStartFailed(error),
                    ) => is_refused(error),
                    _ => false,
                };
                std::future::ready(!refused)
            })
            .filter_map(|event| {
                let told = |object, is_old| Some(Told { object, is_old });
                let told = match event {
                    Ok(Event::Apply(object)) => told(object, false),
                    Ok(Event::InitApply(object)) => told(object, true),
                    _ => None,
                };
                std::future::ready(told)
            })
            .boxed()
    }
}

/// An object that a watch tells of.
#[derive(Debug, Clone)]
pub struct Told<K> {
    /// The object.
    pub object: K,
    /// Whether it was there before the watch.
    pub is_old: bool,
}

fn is_refused(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if matches!(status.code, 400..=428))
}

/// What went wrong for people, unless a watch heals it by listing again.
pub(super) fn failed<K: Object>(place: &Place, error: watcher::Error) -> Option<WatchError> {
    let error = cause(error)?;
    let refused = is_refused(&error);
    let error = place.failure(&request::<K>("watch", None), error);
    Some(if refused {
        WatchError::Refused(error)
    } else {
        WatchError::Unreachable(error)
    })
}

/// The cause, unless it is one that a watch heals by listing again.
fn cause(error: watcher::Error) -> Option<kube::Error> {
    match error {
        watcher::Error::InitialListFailed(error)
        | watcher::Error::WatchStartFailed(error)
        | watcher::Error::WatchFailed(error) => Some(error),
        watcher::Error::WatchError(status) if status.code == 410 => None,
        watcher::Error::WatchError(status) => Some(kube::Error::Api(status)),
        watcher::Error::NoResourceVersion => None,
    }
}

/// What a watch has told so far. While it lists anew, the old view stays.
struct View<K> {
    shown: Snapshot<K>,
    coming: Snapshot<K>,
}

impl<K> Default for View<K> {
    fn default() -> Self {
        Self {
            shown: Snapshot::new(),
            coming: Snapshot::new(),
        }
    }
}

impl<K: Object> View<K> {
    /// The new view, if the event changes it.
    fn take(&mut self, event: Event<K>) -> Option<Snapshot<K>> {
        match event {
            Event::Init => {
                self.coming.clear();
                return None;
            }
            Event::InitApply(object) => {
                self.coming.insert(object.name_any(), object);
                return None;
            }
            Event::InitDone => self.shown = std::mem::take(&mut self.coming),
            Event::Apply(object) => {
                self.shown.insert(object.name_any(), object);
            }
            Event::Delete(object) => {
                self.shown.remove(&object.name_any());
            }
        }
        Some(self.shown.clone())
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Pod;

    use super::super::fake::{cluster, refusal};
    use super::*;

    fn pod(name: &str) -> Pod {
        let mut pod = Pod::default();
        pod.metadata.name = Some(name.into());
        pod
    }

    #[test]
    fn a_new_list_replaces_the_old_view_at_once() {
        let mut view = View::default();
        assert!(view.take(Event::InitApply(pod("a"))).is_none());
        assert_eq!(view.take(Event::InitDone).unwrap().len(), 1);
        assert_eq!(view.take(Event::Apply(pod("b"))).unwrap().len(), 2);
        assert!(view.take(Event::Init).is_none());
        assert!(view.take(Event::InitApply(pod("c"))).is_none());
        let names: Vec<_> = view.take(Event::InitDone).unwrap().into_keys().collect();
        assert_eq!(names, ["c"]);
        assert!(view.take(Event::Delete(pod("c"))).unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_refusal_is_told_from_an_outage() {
        let message = r#"pods is forbidden: User "u" cannot list resource "pods""#;
        for (code, reason) in [(403, "Forbidden"), (500, "InternalError")] {
            let cluster = cluster(move |_| async move { refusal(code, reason, message, "pods") });
            let first = Box::pin(cluster.watch_labels::<Pod>("a=b")).next().await;
            let refused = matches!(first, Some(Err(WatchError::Refused(_))));
            assert_eq!(refused, code == 403);
        }
    }
}
