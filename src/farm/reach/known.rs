//! What daemons said of themselves, for as long as their pods stay the same.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::cluster::Cluster;
use crate::model::{Builder, Daemon, Node, NodeName, Replica};

use super::ask::{Asked, ask};

/// The answers of daemons, by namespace and node.
#[derive(Debug, Default)]
pub struct Known(BTreeMap<(String, NodeName), Answer>);

/// What one said.
#[derive(Debug, Clone)]
struct Answer {
    pod: Pod,
    daemon: Option<Daemon>,
    version: Option<String>,
    trouble: Option<String>,
    certificate_ends: Option<Timestamp>,
}

/// The unique name of a pod, and how often its daemon was started again.
type Pod = (String, u32);

impl Known {
    /// Writes down what is known of daemons, and asks those of nodes whose pods changed.
    pub async fn fill(&mut self, cluster: &Cluster, builders: &mut [Builder], patience: Duration) {
        let mut strangers: Vec<Builder> = builders.to_vec();
        for builder in &mut strangers {
            let namespace = builder.namespace.clone();
            builder
                .nodes
                .retain(|node| self.is_to_be_asked(&namespace, node));
        }
        strangers.retain(|builder| !builder.nodes.is_empty());
        ask(cluster, &mut strangers, Asked::OneOfEach, patience).await;
        for builder in &strangers {
            for node in &builder.nodes {
                if let Some(answer) = Answer::of(node) {
                    let key = (builder.namespace.clone(), node.name.clone());
                    self.0.insert(key, answer);
                }
            }
        }
        for builder in builders {
            let namespace = &builder.namespace;
            for node in &mut builder.nodes {
                if let Some(answer) = self.0.get(&(namespace.clone(), node.name.clone())) {
                    answer.write(node);
                }
            }
        }
    }

    fn is_to_be_asked(&self, namespace: &str, node: &Node) -> bool {
        let known = self.0.get(&(namespace.to_owned(), node.name.clone()));
        let mut ready = node.pods.iter().filter(|pod| pod.is_ready());
        match known {
            Some(answer) => {
                ready.clone().next().is_some() && !ready.any(|pod| answer.pod == id(pod))
            }
            None => ready.next().is_some(),
        }
    }
}

impl Answer {
    /// What the pod of a node said that was asked.
    fn of(node: &Node) -> Option<Self> {
        let was_asked = |pod: &&Replica| pod.version.is_some() || pod.trouble.is_some();
        let pod = node.pods.iter().find(was_asked)?;
        Some(Self {
            pod: id(pod),
            daemon: node.daemon.clone(),
            version: pod.version.clone(),
            trouble: pod.trouble.clone(),
            certificate_ends: node.certificate_ends,
        })
    }

    /// Writes it to the node, if the pod is still there and takes builds.
    fn write(&self, node: &mut Node) {
        let mut pods = node.pods.iter_mut();
        let Some(pod) = pods.find(|pod| pod.is_ready() && self.pod == id(pod)) else {
            return;
        };
        pod.version.clone_from(&self.version);
        pod.trouble.clone_from(&self.trouble);
        node.daemon.clone_from(&self.daemon);
        node.certificate_ends = node.certificate_ends.or(self.certificate_ends);
        if node.daemon.is_none() {
            node.trouble.clone_from(&self.trouble);
        }
    }
}

fn id(pod: &Replica) -> Pod {
    (pod.uid.clone(), pod.restarts)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::cluster::fake;
    use crate::manifest::{self, Identity};
    use crate::model::ReplicaState;
    use crate::plan::Create;

    fn builder(pods: &[(&str, u32)]) -> Vec<Builder> {
        let identity = Identity::default();
        let plan = Create::by_default(None, Duration::ZERO).unwrap();
        let workload = manifest::workload(&plan.node, &identity).unwrap();
        let mut builders = manifest::builders(&[workload], &[]);
        let ready = |(name, restarts): &(&str, u32)| Replica {
            restarts: *restarts,
            ..Replica::new(*name, *name, ReplicaState::Ready)
        };
        builders[0].nodes[0].pods = pods.iter().map(ready).collect();
        builders
    }

    #[tokio::test]
    async fn a_daemon_is_asked_once_as_long_as_its_pod_stays() {
        let requests = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&requests);
        let cluster = fake::cluster(move |_| {
            seen.fetch_add(1, Ordering::Relaxed);
            async { fake::refusal(403, "Forbidden", "no", "secrets") }
        });
        let mut known = Known::default();
        let mut asked = async |pods: &[(&str, u32)]| {
            let mut there = builder(pods);
            let before = requests.load(Ordering::Relaxed);
            known
                .fill(&cluster, &mut there, Duration::from_secs(5))
                .await;
            let node = &there[0].nodes[0];
            let is_told = node.trouble.is_some();
            (requests.load(Ordering::Relaxed) > before, is_told)
        };
        assert_eq!(asked(&[]).await, (false, false));
        assert_eq!(asked(&[("a", 0)]).await, (true, true));
        assert_eq!(asked(&[("a", 0)]).await, (false, true));
        assert_eq!(asked(&[("a", 0), ("b", 0)]).await, (false, true));
        assert_eq!(asked(&[("a", 1)]).await, (true, true));
        assert_eq!(asked(&[("b", 0)]).await, (true, true));
        assert_eq!(asked(&[]).await, (false, false));
    }
}
