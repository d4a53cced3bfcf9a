//! From workloads and pods back to builders.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Container, Pod, PodSpec};
use kube::ResourceExt;
use kube::api::ObjectMeta;

use crate::model::{Builder, BuilderName, Connection, Maker, Node, NodeName, Platform, Replica};

use super::arguments::{UNIX, listens};
use super::buildx::{builder_of, is_buildx};
use super::labels::{
    BUILDX_PLATFORMS, DEFAULT_LOAD, LOAD_BALANCE, MANAGED_BY, MANAGER, PART_OF, PLATFORMS, TIMEOUT,
};
use super::pod::state_in;
use super::pod_spec::CONTAINER;
use super::secret::client_secret_name;
use super::workload::Workload;

/// The builders that workloads and pods make up, by namespace and name. Objects that are neither
/// ours nor buildx's are left out.
///
/// A builder of ours is never joined with one of buildx's: where both would have the same name, each
/// node of buildx's is a builder of its own, with the node's name.
pub fn builders(workloads: &[Workload], pods: &[Pod]) -> Vec<Builder> {
    let mut builders = BTreeMap::new();
    for (name, workload) in workloads.iter().filter_map(ours) {
        add(&mut builders, (Maker::Ours, name), workload, pods);
    }
    let of_buildx: Vec<&Workload> = workloads.iter().filter(|w| is_buildx(w)).collect();
    for workload in &of_buildx {
        let Ok(node) = NodeName::existing(workload.name()) else {
            continue;
        };
        let namespace = namespace(workload);
        let near = of_buildx
            .iter()
            .filter(|w| w.metadata().namespace == workload.metadata().namespace);
        let name = builder_of(&node, &near.map(|w| w.name()).collect());
        let ours = (namespace, name, Maker::Ours);
        let name = if builders.contains_key(&ours) {
            BuilderName::from(&node)
        } else {
            ours.1
        };
        add(&mut builders, (Maker::Buildx, name), workload, pods);
    }
    builders
        .into_iter()
        .map(|((namespace, name, maker), mut nodes)| {
            nodes.sort_by(|a, b| a.name.cmp(&b.name));
            Builder {
                name,
                namespace,
                maker,
                nodes,
            }
        })
        .collect()
}

/// Nodes, by the namespace, name and maker of their builder.
type Nodes = BTreeMap<(String, BuilderName, Maker), Vec<Node>>;

fn add(builders: &mut Nodes, of: (Maker, BuilderName), workload: &Workload, pods: &[Pod]) {
    let (maker, name) = of;
    if let Some(node) = node(workload, pods) {
        let key = (namespace(workload), name, maker);
        builders.entry(key).or_default().push(node);
    }
}

fn namespace(workload: &Workload) -> String {
    workload.metadata().namespace.clone().unwrap_or_default()
}

/// A workload of ours, with the name of its builder.
fn ours(workload: &Workload) -> Option<(BuilderName, &Workload)> {
    let metadata = workload.metadata();
    let manager = metadata.labels.as_ref()?.get(MANAGED_BY)?;
    let name = builder_name(metadata).filter(|_| manager == MANAGER)?;
    Some((name, workload))
}

/// The builder that an object belongs to.
pub fn builder_name(metadata: &ObjectMeta) -> Option<BuilderName> {
    let name = metadata.labels.as_ref()?.get(PART_OF)?;
    BuilderName::existing(name).ok()
}

fn node(workload: &Workload, pods: &[Pod]) -> Option<Node> {
    let name = NodeName::existing(workload.name()).ok()?;
    let container = daemon(workload);
    let mine = pods.iter().filter(|pod| workload.selects(pod));
    let mut replicas: Vec<Replica> = mine.map(|pod| replica(workload, pod)).collect();
    replicas.sort_by(|a, b| a.name.cmp(&b.name));
    let created = workload.metadata().creation_timestamp.as_ref();
    Some(Node {
        platforms: declared(workload),
        image: container.and_then(|c| c.image.clone()).unwrap_or_default(),
        replicas: u32::try_from(workload.replicas()).unwrap_or(0),
        connection: connection(&name, container),
        socket: socket(container),
        default_load: workload.annotation(DEFAULT_LOAD) == Some("true"),
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
    daemon_of(workload.template()?.spec.as_ref()?)
}

/// The container of the daemon, among those of a pod.
pub(super) fn daemon_of(spec: &PodSpec) -> Option<&Container> {
    let named = spec.containers.iter().find(|c| c.name == CONTAINER);
    named.or_else(|| spec.containers.first())
}

/// The arguments of the daemon.
pub fn daemon_arguments(workload: &Workload) -> &[String] {
    arguments(daemon(workload))
}

/// The platforms that the node's user declared.
pub(super) fn declared(workload: &Workload) -> Vec<Platform> {
    let declared = workload
        .annotation(PLATFORMS)
        .or_else(|| workload.annotation(BUILDX_PLATFORMS));
    declared
        .unwrap_or_default()
        .split(',')
        .filter_map(|platform| platform.parse().ok())
        .collect()
}

fn connection(node: &NodeName, container: Option<&Container>) -> Connection {
    match listens(arguments(container)) {
        Some((listen, port)) => Connection::Tls {
            listen,
            port,
            secret: client_secret_name(node),
        },
        None => Connection::Socket,
    }
}

/// The first socket among the arguments: `--addr ADDRESS` or `--addr=ADDRESS`.
fn socket(container: Option<&Container>) -> Option<String> {
    let mut addresses = arguments(container)
        .iter()
        .map(|argument| argument.strip_prefix("--addr=").unwrap_or(argument));
    let address = addresses.find(|address| address.starts_with(UNIX))?;
    Some(address.to_owned())
}

fn arguments(container: Option<&Container>) -> &[String] {
    let arguments = container.and_then(|container| container.args.as_deref());
    arguments.unwrap_or_default()
}

fn replica(workload: &Workload, pod: &Pod) -> Replica {
    let spec = pod.spec.as_ref();
    let state = state_in(workload, pod);
    let address = pod
        .status
        .as_ref()
        .and_then(|status| status.pod_ip.as_ref());
    Replica {
        address: address.and_then(|address| address.parse().ok()),
        cluster_node: spec.and_then(|spec| spec.node_name.clone()),
        restarts: restarts(pod),
        created: pod.creation_timestamp().map(|time| time.0),
        ..Replica::new(pod.name_any(), pod.uid().unwrap_or_default(), state)
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

    use super::super::buildx::tests::made_by_buildx;
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
        let mut builders = builders(&[workload(plan, &IDENTITY).unwrap()], &[]);
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
        let mut deployment = deployment(workload(&plan, &IDENTITY).unwrap());
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
                listen: crate::model::Listen::Loopback,
                port: 1234,
                secret: "b0-client".into()
            }
        );
        let socket = "unix:///run/buildkit/buildkitd.sock";
        assert_eq!(node.socket.as_deref(), Some(socket));
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
        let replica = replica(&made("b", &[]), &pod);
        assert_eq!(replica.cluster_node.as_deref(), Some("n1"));
        assert_eq!(replica.restarts, 3);
        assert_eq!(replica.created.unwrap().to_string(), "2026-01-02T03:04:05Z");
    }

    #[test]
    fn a_daemon_without_a_port_is_reached_by_its_socket() {
        let mut deployment = deployment(made("a", &[]));
        let template = &mut deployment.spec.as_mut().unwrap().template;
        template.spec.as_mut().unwrap().containers[0].args = None;
        let node = &builders(&[deployment.into()], &[])[0].nodes[0];
        assert_eq!(node.connection, Connection::Socket);
        assert_eq!(node.socket, None, "its image knows");
    }

    #[test]
    fn objects_without_labels_are_not_ours() {
        let mut deployment = deployment(made("a", &[]));
        deployment.metadata.labels = None;
        assert!(builders(&[deployment.into()], &[]).is_empty());
    }

    #[test]
    fn the_nodes_of_buildx_make_up_builders() {
        let workloads = [
            made_by_buildx("kube1"),
            made_by_buildx("kube0"),
            made_by_buildx("builder-arm"),
        ];
        let labels = json!({"app": "kube1", "team": "ci"});
        let pod: Pod = serde_json::from_value(json!({
            "metadata": {"name": "kube1-x", "namespace": "team", "labels": labels}}))
        .unwrap();
        let builders = builders(&workloads, &[pod]);
        let names: Vec<_> = builders.iter().map(|b| b.name.as_str()).collect();
        assert_eq!(names, ["builder-arm", "kube"]);
        assert!(builders.iter().all(|b| b.maker == Maker::Buildx));
        let nodes = &builders[1].nodes;
        let names: Vec<_> = nodes.iter().map(|node| node.name.as_str()).collect();
        assert_eq!(names, ["kube0", "kube1"]);
        assert_eq!((nodes[0].pods.len(), nodes[1].pods.len()), (0, 1));
        assert_eq!(nodes[0].connection, Connection::Socket);
        let platforms: Vec<_> = nodes[0].platforms.iter().map(ToString::to_string).collect();
        assert_eq!(platforms, ["linux/amd64", "linux/386"]);
    }

    #[test]
    fn a_builder_of_ours_is_not_joined_with_one_of_buildx() {
        let workloads = [
            made_by_buildx("kube1"),
            made("kube", &[]),
            made_by_buildx("kube2"),
        ];
        let builders = builders(&workloads, &[]);
        let there: Vec<_> = builders
            .iter()
            .map(|b| {
                (
                    b.name.as_str(),
                    b.maker,
                    b.nodes[0].name.as_str(),
                    b.nodes.len(),
                )
            })
            .collect();
        assert_eq!(
            there,
            [
                ("kube", Maker::Ours, "kube0", 1),
                ("kube1", Maker::Buildx, "kube1", 1),
                ("kube2", Maker::Buildx, "kube2", 1)
            ]
        );
    }
}
