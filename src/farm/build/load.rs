//! Which replica has the least to do.

use std::time::Duration;

use futures::future::join_all;

use crate::cluster::Cluster;
use crate::farm::find::choose::preferred;
use crate::farm::reach::connect::connect;
use crate::model::{Node, Replica};

/// How long a daemon may take to say how many builds it runs: one that is too busy to answer has
/// enough to do.
const PATIENCE: Duration = Duration::from_secs(3);

/// The ready replica that runs the fewest builds, by its own word; of several the one that `key`
/// belongs to. None if no daemon answers.
pub(super) async fn least_loaded<'a>(
    cluster: &Cluster,
    node: &'a Node,
    key: &str,
) -> Option<&'a Replica> {
    let ready = node.pods.iter().filter(|pod| pod.is_ready());
    let questions = ready.map(|pod| async move {
        let asked = tokio::time::timeout(PATIENCE, running(cluster, node, pod)).await;
        Some((pod, asked.ok()??))
    });
    let answers: Vec<(&Replica, usize)> = join_all(questions).await.into_iter().flatten().collect();
    fewest(&answers, key)
}

async fn running(cluster: &Cluster, node: &Node, pod: &Replica) -> Option<usize> {
    let connected = connect(cluster, node, pod).await.ok()?;
    connected.client.running_builds().await.ok()
}

fn fewest<'a>(answers: &[(&'a Replica, usize)], key: &str) -> Option<&'a Replica> {
    let least = answers.iter().map(|(_, builds)| *builds).min()?;
    let idle = answers.iter().filter(|(_, builds)| *builds == least);
    preferred(idle.map(|(pod, _)| *pod), key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ReplicaState;

    #[test]
    fn the_fewest_builds_decide_and_then_the_key() {
        let pods = ["a", "b", "c"].map(|name| Replica {
            name: name.to_owned(),
            uid: name.to_owned(),
            state: ReplicaState::Ready,
            address: None,
            cluster_node: None,
            restarts: 0,
            created: None,
            version: None,
            last_activity: None,
            trouble: None,
        });
        let answers = |builds: [usize; 3]| pods.iter().zip(builds).collect::<Vec<_>>();
        let name = |builds, key: &str| fewest(&answers(builds), key).unwrap().name.clone();
        assert_eq!(name([2, 1, 2], "key"), "b");
        let of_two: Vec<String> = (0..50).map(|n| name([0, 3, 0], &n.to_string())).collect();
        for pod in ["a", "c"] {
            assert!(of_two.iter().any(|name| name == pod), "{of_two:?}");
        }
        assert_eq!(name([0, 0, 0], "key"), name([5, 5, 5], "key"));
        assert!(fewest(&[], "key").is_none());
    }
}
