//! From workloads and pods back to builders.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Container, Pod};
use kube::ResourceExt;
use kube::api::ObjectMeta;

use crate::model::{Builder, BuilderName, Connection, Node, NodeName, Platform, Replica};

use super::labels::{INSTANCE, LOAD_BALANCE, PART_OF, PLATFORMS, TIMEOUT};
use super::pod_spec::{CONTAINER, TCP};
use super::secret::client_secret_name;
use super::state;
use super::workload::Workload;

/// The builders that workloads and pods make up, by namespace and name. Objects whose labels name
/// no builder are left out.
pub fn builders(workloads: &[Workload], pods: &[Pod]) -> Vec<Builder> {
    let mut builders: BTreeMap<(String, BuilderName), Vec<Node>> = BTreeMap::new();
    for workload in workloads {
        let metadata = workload.metadata();
        let namespace = metadata.namespace.clone().unwrap_or_default();
        let (Some(builder), Some(node)) = (builder_name(metadata), node(workload, pods)) else {
            continue;
        };
        builders.entry((namespace, builder)).or_default().push(node);
    }
    builders
        .into_iter()
        .map(|((namespace, name), mut nodes)| {
            nodes.sort_by(|a, b| a.name.cmp(&b.name));
            Builder {
                name,
                namespace,
                nodes,
            }
        })
        .collect()
}

/// The builder that an object belongs to.
pub fn builder_name(metadata: &ObjectMeta) -> Option<BuilderName> {
    metadata.labels.as_ref()?.get(PART_OF)?.parse().ok()
}

fn node(workload: &Workload, pods: &[Pod]) -> Option<Node> {
    let name: NodeName = workload.name().parse().ok()?;
    let container = daemon(workload);
    let namespace = &workload.metadata().namespace;
    let mine = pods.iter().filter(|pod| {
        pod.metadata.namespace == *namespace
            && pod.labels().get(INSTANCE).map(String::as_str) == Some(name.as_str())
    });
    let mut replicas: Vec<Replica> = mine.map(replica).collect();
    replicas.sort_by(|a, b| a.name.cmp(&b.name));
    let created = workload.metadata().creation_timestamp.as_ref();
    Some(Node {
        platforms: declared(workload),
        image: container.and_then(|c| c.image.clone()).unwrap_or_default(),
        replicas: u32::try_from(workload.replicas()).unwrap_or(0),
        connection: connection(&name, container),
        load_balance: workload
            .annotation(LOAD_BALANCE)
            .and_then(|how| how.parse().ok())
            .unwrap_or_default(),
        timeout: workload.annotation(TIMEOUT).and_then(seconds),
        pods: replicas,
        created: created.map(|time| time.0),
        certificate_ends: None,
        daemon: None,
        trouble: None,
        name,
    })
}

/// What an annotation says that counts seconds.
pub(super) fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
}

/// The container of the daemon.
pub(super) fn daemon(workload: &Workload) -> Option<&Container> {
    let spec = workload.template()?.spec.as_ref()?;
    let named = spec.containers.iter().find(|c| c.name == CONTAINER);
    named.or_else(|| spec.containers.first())
}

/// The arguments of the daemon.
pub fn arguments(workload: &Workload) -> Vec<String> {
    let arguments = daemon(workload).and_then(|daemon| daemon.args.clone());
    arguments.unwrap_or_default()
}

/// The platforms that the node's user declared.
pub(super) fn declared(workload: &Workload) -> Vec<Platform> {
    workload
        .annotation(PLATFORMS)
        .unwrap_or_default()
        .split(',')
        .filter_map(|platform| platform.parse().ok())
        .collect()
}

fn connection(node: &NodeName, container: Option<&Container>) -> Connection {
    let arguments = container.and_then(|container| container.args.as_deref());
    let port = arguments.unwrap_or_default().iter().find_map(|argument| {
        let (_, port) = argument.split_once(TCP)?;
        port.parse().ok()
    });
    match port {
        Some(port) => Connection::Tls {
            port,
            secret: client_secret_name(node),
        },
        None => Connection::Socket,
    }
}

fn replica(pod: &Pod) -> Replica {
    let spec = pod.spec.as_ref();
    Replica {
        cluster_node: spec.and_then(|spec| spec.node_name.clone()),
        restarts: restarts(pod),
        created: pod.creation_timestamp().map(|time| time.0),
        ..Replica::new(pod.name_any(), pod.uid().unwrap_or_default(), state(pod))
    }
}

/// How often the daemon was started again.
fn restarts(pod: &Pod) -> u32 {
    let status = pod.status.as_ref();
    let containers = status.and_then(|status| status.container_statuses.as_deref());
    let counts = containers.unwrap_or_default().iter();
    let most = counts.map(|container| container.restart_count).max();
    most.and_then(|count| u32::try_from(count).ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::json;

    use super::super::labels::labels;
    use super::super::{Identity, workload};
    use super::*;
    use crate::model::LoadBalance;
    use crate::plan::{Create, NodePlan};

    const IDENTITY: Identity = Identity {
        authority: Vec::new(),
        certificate: Vec::new(),
        key: Vec::new(),
    };

    /// The node that a plan's objects make up.
    fn read_back(plan: &NodePlan) -> Node {
        let mut builders = builders(&[workload(plan, &IDENTITY)], &[]);
        builders.remove(0).nodes.remove(0)
    }

    fn plan(builder: Option<&str>) -> NodePlan {
        let builder = builder.map(|name| name.parse().unwrap());
        Create::by_default(builder.as_ref(), Duration::ZERO)
            .unwrap()
            .node
    }

    fn made(builder: &str, platforms: &[&str]) -> Workload {
        let mut plan = plan(Some(builder));
        plan.platforms = platforms.iter().map(|p| p.parse().unwrap()).collect();
        let mut deployment = deployment(workload(&plan, &IDENTITY));
        deployment.metadata.namespace = Some("team".into());
        deployment.into()
    }

    fn deployment(workload: Workload) -> Deployment {
        match workload {
            Workload::Deployment(deployment) => *deployment,
            Workload::StatefulSet(set) => panic!("{set:?}"),
        }
    }

    fn pod(namespace: &str, builder: &str, name: &str) -> Pod {
        let builder: BuilderName = builder.parse().unwrap();
        serde_json::from_value(json!({
            "metadata": {
                "name": name, "namespace": namespace, "uid": name,
                "labels": labels(&builder, &builder.node(0))
            },
            "status": {"conditions": [{"type": "Ready", "status": "True"}]}
        }))
        .unwrap()
    }

    #[test]
    fn what_was_planned_is_read_back() {
        let workloads = [made("b", &["linux/arm64", "linux/amd64"]), made("a", &[])];
        let pods = [
            pod("team", "b", "b0-2"),
            pod("team", "b", "b0-1"),
            pod("other", "b", "b0-3"),
        ];
        let builders = builders(&workloads, &pods);
        let names: Vec<_> = builders.iter().map(|b| b.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(builders[1].namespace, "team");
        let node = &builders[1].nodes[0];
        assert_eq!(node.name.as_str(), "b0");
        let pods: Vec<_> = node.pods.iter().map(|pod| pod.name.as_str()).collect();
        assert_eq!(pods, ["b0-1", "b0-2"]);
        let platforms: Vec<_> = node.platforms.iter().map(ToString::to_string).collect();
        assert_eq!(platforms, ["linux/arm64", "linux/amd64"]);
        assert_eq!(
            node.connection,
            Connection::Tls {
                port: 1234,
                secret: "b0-client".into()
            }
        );
    }

    #[test]
    fn what_concerns_the_client_is_read_back() {
        let mut plan = plan(None);
        plan.load_balance = LoadBalance::Random;
        plan.timeout = Some(Duration::from_millis(90_500));
        let node = read_back(&plan);
        assert_eq!(node.load_balance, plan.load_balance);
        assert_eq!(node.timeout, plan.timeout);
        let node = &builders(&[made("a", &[])], &[])[0].nodes[0];
        assert_eq!(
            (node.load_balance, node.timeout),
            (LoadBalance::Sticky, None)
        );
    }

    #[test]
    fn what_kubernetes_says_of_a_pod() {
        let mut pod = pod("team", "b", "b0-1");
        pod.spec =
            Some(serde_json::from_value(json!({"containers": [], "nodeName": "n1"})).unwrap());
        pod.metadata.creation_timestamp =
            serde_json::from_value(json!("2026-01-02T03:04:05Z")).unwrap();
        let status = json!({"containerStatuses": [{"name": "buildkitd", "restartCount": 3,
            "image": "", "imageID": "", "ready": true}]});
        pod.status = Some(serde_json::from_value(status).unwrap());
        let replica = replica(&pod);
        assert_eq!(replica.cluster_node.as_deref(), Some("n1"));
        assert_eq!(replica.restarts, 3);
        assert_eq!(replica.created.unwrap().to_string(), "2026-01-02T03:04:05Z");
    }

    #[test]
    fn a_daemon_without_a_port_is_reached_by_its_socket() {
        let mut deployment = deployment(made("a", &[]));
        let template = &mut deployment.spec.as_mut().unwrap().template;
        template.spec.as_mut().unwrap().containers[0].args = None;
        let builders = builders(&[deployment.into()], &[]);
        assert_eq!(builders[0].nodes[0].connection, Connection::Socket);
    }

    #[test]
    fn objects_without_labels_are_not_ours() {
        let mut deployment = deployment(made("a", &[]));
        deployment.metadata.labels = None;
        assert!(builders(&[deployment.into()], &[]).is_empty());
    }
}
