//! What is asked of the world while a person waits for the tab key: kubeconfig, cluster, daemons, and
//! the hints of this machine. Nothing is written, nobody is asked for a password, and all of it
//! together has one deadline; what is not known by then is left out.

use std::future::Future;
use std::time::Duration;

use k8s_openapi::api::core::v1;
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout_at};

use crate::cli::KubeArgs;
use crate::cluster::{Cluster, KubeconfigNames, kubeconfig_names};
use crate::env::Env;
use crate::farm::{self, Asked};
use crate::memory::{Memory, Remembered};
use crate::model::{Builder, BuilderName};

/// How long all questions together may take. Who waits for the tab key waits for this, at most.
pub(super) const PATIENCE: Duration = Duration::from_millis(750);

/// Where answers come from.
pub(super) struct World {
    /// The environment of a program that nobody talks to.
    pub(super) env: Env,
    kube: KubeArgs,
    deadline: Instant,
    cluster: OnceCell<Option<Cluster>>,
}

/// Builders: those that the cluster has, or those that were seen before if it does not answer.
#[derive(Debug)]
pub(super) enum Known {
    /// These are there.
    There(Vec<Builder>),
    /// These were.
    Seen(Vec<Remembered>),
}

impl World {
    /// The world of `env`, with the cluster that `kube` names.
    pub(super) fn new(kube: KubeArgs, env: &Env) -> Self {
        let mut env = env.clone();
        // No credential plugin may talk to whoever only pressed a key.
        env.stdin_is_terminal = false;
        Self {
            env,
            kube,
            deadline: Instant::now() + PATIENCE,
            cluster: OnceCell::new(),
        }
    }

    /// The same with a cluster of a test.
    #[cfg(test)]
    pub(super) fn with(mut self, cluster: Cluster) -> Self {
        self.cluster = OnceCell::new_with(Some(Some(cluster)));
        self
    }

    async fn in_time<T>(&self, answer: impl Future<Output = T>) -> Option<T> {
        timeout_at(self.deadline, answer).await.ok()
    }

    /// The same with a deadline that is over.
    #[cfg(test)]
    fn too_late(mut self) -> Self {
        self.deadline = Instant::now();
        self
    }

    /// What the kubeconfig has names for.
    pub(super) fn kubeconfig(&self) -> KubeconfigNames {
        kubeconfig_names(&self.kube, &self.env)
    }

    async fn cluster(&self) -> Option<&Cluster> {
        let found = self.cluster.get_or_init(|| async {
            let cluster = self.in_time(Cluster::find(&self.kube, &self.env)).await;
            cluster?.ok()
        });
        found.await.as_ref()
    }

    fn memory(&self, cluster: &Cluster) -> Memory {
        Memory::of(cluster.server(), cluster.context(), &self.env)
    }

    /// The builders of the namespace, and of those in which this machine saw some.
    pub(super) async fn builders(&self) -> Known {
        let Some(cluster) = self.cluster().await else {
            return Known::There(Vec::new());
        };
        let memory = self.memory(cluster);
        let mut others = memory.namespaces();
        others.retain(|other| !cluster.namespace_is_given() && other != cluster.namespace());
        match self.in_time(farm::spread(cluster, &others, "")).await {
            Some(Ok((there, _))) => Known::There(there),
            _ => Known::Seen(memory.builders()),
        }
    }

    /// The builders that are meant by `named`; all of them if none is named, chosen or the only one.
    pub(super) async fn meant(&self, named: Option<&BuilderName>) -> Vec<Builder> {
        let Known::There(mut there) = self.builders().await else {
            return Vec::new();
        };
        let chosen = match (named, self.cluster().await) {
            (None, Some(cluster)) => farm::chosen(cluster, &self.memory(cluster)),
            _ => None,
        };
        if let Some(name) = named {
            there.retain(|builder| builder.name == *name);
        } else if let Some((namespace, name)) = chosen {
            there.retain(|builder| builder.namespace == namespace && builder.name == name);
        }
        there
    }

    /// Asks the daemons of `builders` for their platforms, as far as there is time.
    pub(super) async fn ask(&self, builders: &mut [Builder]) {
        if let Some(cluster) = self.cluster().await {
            let left = self.deadline.saturating_duration_since(Instant::now());
            farm::ask(cluster, builders, Asked::OneOfEach, left).await;
        }
    }

    /// The cluster's nodes.
    pub(super) async fn nodes(&self) -> Vec<v1::Node> {
        self.some().await
    }

    /// Objects of a kind without namespace.
    pub(super) async fn some<K>(&self) -> Vec<K>
    where
        K: kube::Resource<DynamicType = (), Scope = k8s_openapi::ClusterResourceScope>,
        K: Clone + std::fmt::Debug + serde::de::DeserializeOwned,
    {
        let Some(cluster) = self.cluster().await else {
            return Vec::new();
        };
        self.in_time(cluster.some()).await.unwrap_or_default()
    }

    /// The service accounts of the namespace.
    pub(super) async fn service_accounts(&self) -> Vec<v1::ServiceAccount> {
        let Some(cluster) = self.cluster().await else {
            return Vec::new();
        };
        let list = self.in_time(cluster.list("")).await;
        list.and_then(Result::ok).unwrap_or_default()
    }

    /// The Secrets of a namespace that have logins for registries; of the usual one if none is named.
    pub(super) async fn registry_secrets(&self, namespace: Option<&str>) -> Vec<String> {
        let Some(cluster) = self.cluster().await else {
            return Vec::new();
        };
        let other = namespace.map(|namespace| cluster.in_namespace(namespace));
        let cluster = other.as_ref().unwrap_or(cluster);
        let names = async {
            let (new, old) = tokio::join!(
                cluster.secret_names("kubernetes.io/dockerconfigjson"),
                cluster.secret_names("kubernetes.io/dockercfg"),
            );
            [new, old].concat()
        };
        self.in_time(names).await.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use k8s_openapi::api::storage::v1::StorageClass;

    use super::*;
    use crate::cluster::fake;
    use crate::manifest::{self, Identity};
    use crate::model::{Replica, ReplicaState};
    use crate::plan::Create;

    /// A builder whose daemon could be asked.
    fn builder() -> Builder {
        let plan = Create::by_default(None, Duration::ZERO).unwrap();
        let workload = manifest::workload(&plan.node, &Identity::default()).unwrap();
        let mut builder = manifest::builders(&[workload], &[]).remove(0);
        builder.nodes[0].pods = vec![Replica::new("a", "a", ReplicaState::Ready)];
        builder
    }

    #[test]
    fn the_documented_limit_is_kept() {
        assert!(PATIENCE < Duration::from_secs(1));
    }

    /// Nothing here answers or has a limit of its own: a question without the deadline never ends.
    #[tokio::test]
    async fn every_question_has_the_deadline() {
        let folder = tempfile::tempdir().unwrap();
        let env =
            Env::from_variables([("KUBECTL_BUILDKIT_STATE", folder.path().to_str().unwrap())]);
        let silent = fake::cluster(|_| pending::<(u16, serde_json::Value)>()).patient();
        let world = World::new(KubeArgs::default(), &env)
            .with(silent)
            .too_late();
        let name = "demo".parse().unwrap();
        let mut builders = [builder()];
        let asked = async {
            assert!(matches!(world.builders().await, Known::Seen(_)));
            assert!(world.meant(Some(&name)).await.is_empty());
            assert!(world.meant(None).await.is_empty());
            world.ask(&mut builders).await;
            assert!(world.nodes().await.is_empty());
            assert!(world.some::<StorageClass>().await.is_empty());
            assert!(world.service_accounts().await.is_empty());
            assert!(world.registry_secrets(None).await.is_empty());
            assert!(world.registry_secrets(Some("other")).await.is_empty());
        };
        let enough = Duration::from_mins(1);
        tokio::time::timeout(enough, asked)
            .await
            .expect("the deadline");
        assert!(builders[0].nodes[0].daemon.is_none());
    }
}
