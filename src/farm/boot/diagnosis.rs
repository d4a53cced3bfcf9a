//! From what keeps a node from coming up to words for people.

use k8s_openapi::api::core::v1::Node;

use crate::cluster::Cluster;
use crate::error::{Error, Kind};
use crate::manifest::{self, About, Advice, Problem, Why};

use super::scene::Scene;

/// Lines of a daemon's output that a message shows,
const LAST_WORDS: usize = 10;
/// out of so many.
const READ: i64 = 200;

/// A cause, and the one below it.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct Cause {
    text: String,
    #[source]
    deeper: Option<Box<Cause>>,
}

/// The error of a node that never comes up.
pub(super) async fn hopeless(cluster: &Cluster, scene: &Scene<'_>, why: &Why) -> Error {
    let advice = advise(cluster, scene, why).await;
    let builder = scene.what.builder;
    let headline = headline(why, &advice);
    let message = format!("builder {builder} cannot come up: {headline}");
    with_causes(cluster, Error::new(Kind::NotReady, message), why)
        .await
        .hint(advice.hint)
}

/// The error when time is over.
pub(super) async fn late(cluster: &Cluster, mut scene: Scene<'_>) -> Error {
    if let Some(error) = scene.unreachable.take() {
        return error;
    }
    let (builder, seconds) = (scene.what.builder, scene.what.timeout.as_secs_f32());
    let message = format!("builder {builder} is not ready after {seconds} s");
    if let Some(why) = &scene.why {
        let advice = advise(cluster, &scene, why).await;
        let message = format!("{message}: {}", headline(why, &advice));
        let error = Error::new(Kind::NotReady, message);
        return with_causes(cluster, error, why).await.hint(advice.hint);
    }
    let message = match scene.laggard() {
        Some((pod, step)) => format!("{message}: pod {pod}: {step}"),
        None => message,
    };
    let namespace = cluster.namespace();
    let pods = manifest::node_selector(scene.what.node, scene.what.maker);
    Error::new(Kind::NotReady, message).hint(format!(
        "wait longer with --timeout; see: kubectl describe pods -n {namespace} -l {pods}"
    ))
}

/// One line about a trouble that lasts.
pub(super) async fn warning(cluster: &Cluster, scene: &Scene<'_>, why: &Why) -> String {
    let advice = advise(cluster, scene, why).await;
    format!("{}; hint: {}", headline(why, &advice), advice.hint)
}

/// What is wrong with what, in one line.
fn headline(why: &Why, advice: &Advice) -> String {
    let reason = &why.trouble.reason;
    let place = match &why.pod {
        Some(pod) => format!("pod {pod}: {reason}"),
        None => format!("no pod can be made: {reason}"),
    };
    match &advice.summary {
        Some(summary) => format!("{place}: {summary}"),
        None => place,
    }
}

async fn advise(cluster: &Cluster, scene: &Scene<'_>, why: &Why) -> Advice {
    let problem = why.problem();
    let nodes: Option<Vec<Node>> = match problem {
        Problem::Unschedulable => cluster.nodes().await,
        _ => None,
    };
    let classes: Option<Vec<String>> = match problem {
        Problem::StorageClass(_) | Problem::NoStorageClass => {
            cluster.storage_classes().await.map(|classes| {
                let names = classes.into_iter().filter_map(|class| class.metadata.name);
                names.collect()
            })
        }
        _ => None,
    };
    let pod = why.pod.as_ref().and_then(|pod| scene.pods.get(pod));
    let about = About {
        builder: scene.what.builder,
        node: scene.what.node,
        namespace: cluster.namespace(),
        workload: scene.workload.as_ref(),
        pod,
        nodes: nodes.as_deref(),
        classes: classes.as_deref(),
    };
    manifest::advice(why, &about)
}

/// `error` with what Kubernetes says, and what the daemon said last if that is what it is about.
async fn with_causes(cluster: &Cluster, error: Error, why: &Why) -> Error {
    let words = last_words(cluster, why).await;
    let words = words.map(|words| {
        let text = format!("its last words:\n{words}");
        Cause { text, deeper: None }
    });
    let message = &why.trouble.message;
    if message.is_empty() {
        return match words {
            Some(words) => error.because(words),
            None => error,
        };
    }
    error.because(Cause {
        text: message.clone(),
        deeper: words.map(Box::new),
    })
}

async fn last_words(cluster: &Cluster, why: &Why) -> Option<String> {
    let speaks = matches!(
        why.problem(),
        Problem::Crash | Problem::OutOfMemory | Problem::Silent
    );
    let pod = why.pod.as_ref().filter(|_| speaks)?;
    let words = cluster.last_words(pod, why.container(), READ);
    let words = manifest::last_words(&words.await.ok()?, LAST_WORDS);
    Some(words).filter(|words| !words.trim().is_empty())
}
