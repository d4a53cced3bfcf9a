//! What the daemons of builders say of themselves.

use std::time::Duration;

use futures::{StreamExt, stream};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::cluster::Cluster;
use crate::error::Error;
use crate::farm::find::choose::choose;
use crate::model::{Builder, Daemon, Node, Replica};

use super::connect::connect;

/// How many daemons are asked at the same time.
const AT_ONCE: usize = 32;
/// How long all daemons together may take at least and at most.
const LEAST: Duration = Duration::from_secs(1);
const MOST: Duration = Duration::from_secs(5);

/// Which daemons are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// One of each node: they are all alike.
    OneOfEach,
    /// Every one.
    All,
}

/// How long the daemons of `builders` may take, where the API server took `listed` to list them: a
/// slow link is slow for both. Pods that only seem to be ready must not make a long list slow; a few
/// do not hold each other up, and have the time to say what is wrong with them.
pub fn patience(listed: Duration, builders: &[Builder]) -> Duration {
    let nodes = builders.iter().flat_map(|builder| &builder.nodes);
    let ready = nodes.filter(|node| node.pods.iter().any(Replica::is_ready));
    if ready.count() <= AT_ONCE {
        return MOST;
    }
    (listed * 2).clamp(LEAST, MOST)
}

/// A replica that is asked: its place in the list, and what it takes to reach it.
struct Question {
    asked: Asked,
    builder: usize,
    node: usize,
    pod: usize,
    cluster: Cluster,
    of: Node,
    replica: Replica,
}

/// What a daemon said.
struct Said {
    daemon: Daemon,
    last_activity: Option<Timestamp>,
    /// When the certificate of its clients ends.
    ends: Option<Timestamp>,
}

enum Answer {
    /// It said this.
    Said(Box<Said>),
    /// It said nothing; why.
    Silent(String),
    /// Others took all the time.
    NotAsked,
}

/// Asks ready daemons and writes down what they say, or why they say nothing. Says how many could
/// not even be asked before `patience` was over.
pub async fn ask(
    cluster: &Cluster,
    builders: &mut [Builder],
    asked: Asked,
    patience: Duration,
) -> usize {
    let deadline = Instant::now() + patience;
    let answers = stream::iter(questions(cluster, builders, asked))
        .map(|question| async move {
            let answer = answer(&question, deadline, patience).await;
            (question, answer)
        })
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    let mut left = 0;
    for (question, answer) in answers {
        let node = &mut builders[question.builder].nodes[question.node];
        match answer {
            Answer::NotAsked => left += 1,
            Answer::Silent(why) => node.pods[question.pod].trouble = Some(why),
            Answer::Said(said) => {
                node.certificate_ends = node.certificate_ends.or(said.ends);
                let pod = &mut node.pods[question.pod];
                pod.version = Some(said.daemon.version.clone());
                pod.last_activity = said.last_activity;
                node.daemon.get_or_insert(said.daemon);
            }
        }
    }
    for node in builders.iter_mut().flat_map(|builder| &mut builder.nodes) {
        if node.daemon.is_none() {
            node.trouble = node.pods.iter().find_map(|pod| pod.trouble.clone());
        }
    }
    left
}

fn questions(cluster: &Cluster, builders: &[Builder], asked: Asked) -> Vec<Question> {
    let mut questions = Vec::new();
    for (at_builder, builder) in builders.iter().enumerate() {
        let cluster = cluster.in_namespace(&builder.namespace);
        for (at_node, node) in builder.nodes.iter().enumerate() {
            let one = choose(node, "").map(|replica| &replica.name);
            for (at_pod, pod) in node.pods.iter().enumerate() {
                let is_meant = asked == Asked::All || Some(&pod.name) == one;
                if is_meant && pod.is_ready() {
                    questions.push(Question {
                        asked,
                        builder: at_builder,
                        node: at_node,
                        pod: at_pod,
                        cluster: cluster.clone(),
                        of: node.clone(),
                        replica: pod.clone(),
                    });
                }
            }
        }
    }
    questions
}

async fn answer(question: &Question, deadline: Instant, patience: Duration) -> Answer {
    if Instant::now() >= deadline {
        return Answer::NotAsked;
    }
    match tokio::time::timeout_at(deadline, say(question)).await {
        Ok(Ok(said)) => Answer::Said(Box::new(said)),
        Ok(Err(why)) => Answer::Silent(why),
        Err(_) => Answer::Silent(format!("no answer within {:.1} s", patience.as_secs_f32())),
    }
}

async fn say(question: &Question) -> Result<Said, String> {
    let connected = connect(&question.cluster, &question.of, &question.replica)
        .await
        .map_err(|error| one_line(&error))?;
    let client = &connected.client;
    let (daemon, last_activity) = match question.asked {
        Asked::OneOfEach => (client.daemon().await, None),
        // Old daemons keep no history.
        Asked::All => {
            let (daemon, last) = tokio::join!(client.daemon(), client.last_activity());
            (daemon, last.ok().flatten())
        }
    };
    Ok(Said {
        daemon: daemon.map_err(|error| error.to_string())?,
        last_activity,
        ends: connected.certificate_ends,
    })
}

fn one_line(error: &Error) -> String {
    let mut line = error.to_string();
    for cause in error.causes() {
        line.push_str(": ");
        line.push_str(&cause);
    }
    line
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, OnceLock};

    use serde_json::json;

    use super::*;
    use crate::cluster::fake;
    use crate::manifest::{self, Identity};
    use crate::model::ReplicaState;
    use crate::plan::Create;

    /// Builders with a node each, whose pods say that they are ready.
    fn builders(count: usize, pods: usize) -> Vec<Builder> {
        let identity = Identity::default();
        let workloads = (0..count).map(|number| {
            let name = format!("b{number}").parse().unwrap();
            let plan = Create::by_default(Some(&name), Duration::ZERO).unwrap();
            manifest::workload(&plan.node, &identity).unwrap()
        });
        let mut builders = manifest::builders(&workloads.collect::<Vec<_>>(), &[]);
        for node in builders.iter_mut().flat_map(|builder| &mut builder.nodes) {
            let name = |number| format!("{}-{number}", node.name);
            let replica = |number| Replica::new(name(number), name(number), ReplicaState::Ready);
            node.pods = (0..pods).map(replica).collect();
        }
        builders
    }

    /// A cluster that never answers; how many requests it has had.
    fn silent() -> (Cluster, Arc<AtomicUsize>) {
        let count = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&count);
        let cluster = fake::cluster(move |_| {
            seen.fetch_add(1, Ordering::Relaxed);
            std::future::pending()
        });
        (cluster, count)
    }

    #[tokio::test]
    async fn a_long_list_of_pods_that_do_not_answer_ends_in_time() {
        let (cluster, requests) = silent();
        let mut builders = builders(200, 5);
        let patience = Duration::from_millis(50);
        let left = ask(&cluster, &mut builders, Asked::OneOfEach, patience).await;
        assert_eq!(left, 200 - AT_ONCE);
        let troubled = builders.iter().filter(|b| b.nodes[0].trouble.is_some());
        assert_eq!(troubled.count(), AT_ONCE);
        assert!(requests.load(Ordering::Relaxed) <= 2 * AT_ONCE);
    }

    #[tokio::test]
    async fn each_pod_is_asked_only_where_that_is_wanted() {
        let refused = Arc::new(OnceLock::new());
        let seen = Arc::clone(&refused);
        let cluster = fake::cluster(move |request| {
            let _ = seen.set(request.uri().path().to_owned());
            async {
                (
                    403,
                    json!({"kind": "Status", "status": "Failure", "code": 403}),
                )
            }
        });
        for (asked, silent) in [(Asked::OneOfEach, 1), (Asked::All, 3)] {
            let mut builders = builders(1, 3);
            let left = ask(&cluster, &mut builders, asked, LEAST).await;
            let pods = builders[0].nodes[0].pods.iter();
            let troubled = pods.filter(|pod| pod.trouble.is_some()).count();
            assert_eq!((left, troubled), (0, silent));
        }
        assert!(refused.get().is_some());
    }

    #[test]
    fn a_slow_link_gives_daemons_more_time_but_not_for_ever() {
        let (few, many) = (builders(AT_ONCE, 1), builders(AT_ONCE + 1, 1));
        let seconds = Duration::from_secs;
        for (listed, for_many) in [
            (Duration::from_millis(20), LEAST),
            (seconds(2), seconds(4)),
            (seconds(9), MOST),
        ] {
            assert_eq!(patience(listed, &few), MOST);
            assert_eq!(patience(listed, &many), for_many);
        }
    }
}
