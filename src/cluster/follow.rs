//! Watches that tell each change by itself, of one namespace or of all.

use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use kube::api::Api;
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{self, DefaultBackoff, Event, watcher};

use super::watch::failed;
use super::{Cluster, Object, WatchError};

/// What a watch tells.
#[derive(Debug, Clone, PartialEq)]
pub enum News<K> {
    /// All that is there. It comes first, and again after a watch that was too old to go on.
    All(Vec<K>),
    /// An object that is new or has changed.
    Here(K),
    /// An object that is gone.
    Gone(K),
}

impl Cluster {
    /// Follows the objects that a label selector matches, in the cluster's namespace or everywhere. It
    /// goes on by itself after an error, unless that is a refusal. Objects come without the notes of
    /// who owns which field.
    pub fn follow<K: Object>(
        &self,
        labels: &str,
        everywhere: bool,
    ) -> BoxStream<'static, Result<News<K>, WatchError>> {
        let api = if everywhere {
            Api::all(self.client.clone())
        } else {
            self.api::<K>()
        };
        let place = self.place.clone();
        let config = watcher::Config::default().labels(labels);
        let events = watcher(api, config).backoff(DefaultBackoff::default());
        news(events)
            .filter_map(move |news| {
                let told = match news {
                    Ok(news) => Some(Ok(news)),
                    Err(error) => failed::<K>(&place, error).map(Err),
                };
                std::future::ready(told)
            })
            .boxed()
    }
}

fn news<K: Object>(
    events: impl Stream<Item = watcher::Result<Event<K>>> + Send + 'static,
) -> impl Stream<Item = watcher::Result<News<K>>> + Send {
    events
        .scan(Vec::new(), |coming, event| {
            std::future::ready(Some(event.map(|event| take(coming, event))))
        })
        .filter_map(|news| std::future::ready(news.transpose()))
}

fn take<K: Object>(coming: &mut Vec<K>, event: Event<K>) -> Option<News<K>> {
    match event {
        Event::Init => {
            coming.clear();
            None
        }
        Event::InitApply(object) => {
            coming.push(bare(object));
            None
        }
        Event::InitDone => Some(News::All(std::mem::take(coming))),
        Event::Apply(object) => Some(News::Here(bare(object))),
        Event::Delete(object) => Some(News::Gone(bare(object))),
    }
}

/// The object without what may be most of it and what nobody here reads.
fn bare<K: Object>(mut object: K) -> K {
    object.meta_mut().managed_fields = None;
    object
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use k8s_openapi::api::core::v1::Pod;

    use super::*;

    fn pod(name: &str) -> Pod {
        let mut pod = Pod::default();
        pod.metadata.name = Some(name.into());
        pod.metadata.managed_fields = Some(Vec::new());
        pod
    }

    #[tokio::test]
    async fn a_watch_that_begins_again_tells_all_at_once() {
        let events = vec![
            Event::Init,
            Event::InitApply(pod("a")),
            Event::InitDone,
            Event::Apply(pod("b")),
            Event::Delete(pod("a")),
            Event::Init,
            Event::InitApply(pod("b")),
            Event::InitDone,
        ];
        let told = news(stream::iter(events.into_iter().map(Ok))).map(Result::unwrap);
        let told: Vec<News<Pod>> = Box::pin(told.collect()).await;
        let bare = |name: &str| bare(pod(name));
        let expected = [
            News::All(vec![bare("a")]),
            News::Here(bare("b")),
            News::Gone(bare("a")),
            News::All(vec![bare("b")]),
        ];
        assert_eq!(told, expected);
    }
}
