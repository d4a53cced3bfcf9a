//! What runs a node's pods.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{Pod, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::ResourceExt;
use kube::api::ObjectMeta;

use crate::plan::is_ours;

use super::labels::CHECKSUM;

/// A node's Deployment or, if its pods keep volumes, its StatefulSet.
#[derive(Debug, Clone, PartialEq)]
pub enum Workload {
    /// Pods that are all alike.
    Deployment(Box<Deployment>),
    /// Pods with a volume each.
    StatefulSet(Box<StatefulSet>),
}

/// What a controller says about the pods that it makes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// The version of the workload that it speaks of.
    pub observed_generation: Option<i64>,
    /// Pods that are there.
    pub replicas: i32,
    /// Those of the newest kind.
    pub updated: i32,
    /// Those that are ready.
    pub ready: i32,
}

impl From<Deployment> for Workload {
    fn from(deployment: Deployment) -> Self {
        Self::Deployment(Box::new(deployment))
    }
}

impl From<StatefulSet> for Workload {
    fn from(set: StatefulSet) -> Self {
        Self::StatefulSet(Box::new(set))
    }
}

impl Workload {
    /// kubectl's word for its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Deployment(_) => "deployment",
            Self::StatefulSet(_) => "statefulset",
        }
    }

    /// Its metadata.
    pub const fn metadata(&self) -> &ObjectMeta {
        match self {
            Self::Deployment(deployment) => &deployment.metadata,
            Self::StatefulSet(set) => &set.metadata,
        }
    }

    /// Its name, which is its node's.
    pub fn name(&self) -> &str {
        self.metadata().name.as_deref().unwrap_or_default()
    }

    /// One of its annotations.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        let annotations = self.metadata().annotations.as_ref()?;
        annotations.get(key).map(String::as_str)
    }

    /// How many pods are wanted.
    pub fn replicas(&self) -> i32 {
        let replicas = match self {
            Self::Deployment(deployment) => deployment.spec.as_ref().and_then(|s| s.replicas),
            Self::StatefulSet(set) => set.spec.as_ref().and_then(|spec| spec.replicas),
        };
        replicas.unwrap_or(1)
    }

    /// What its pods are made from.
    pub fn template(&self) -> Option<&PodTemplateSpec> {
        match self {
            Self::Deployment(deployment) => deployment.spec.as_ref().map(|spec| &spec.template),
            Self::StatefulSet(set) => set.spec.as_ref().map(|spec| &spec.template),
        }
    }

    /// The labels by which it finds its pods; they never change.
    pub fn selector(&self) -> Option<&BTreeMap<String, String>> {
        let selector = match self {
            Self::Deployment(deployment) => &deployment.spec.as_ref()?.selector,
            Self::StatefulSet(set) => &set.spec.as_ref()?.selector,
        };
        selector.match_labels.as_ref()
    }

    /// Has it find its pods as `there` does, if both are of a kind: that never changes.
    #[must_use]
    pub fn with_selector_of(mut self, there: &Self) -> Self {
        match (&mut self, there) {
            (Self::Deployment(ours), Self::Deployment(there)) => {
                if let (Some(ours), Some(there)) = (&mut ours.spec, &there.spec) {
                    ours.selector = there.selector.clone();
                }
            }
            (Self::StatefulSet(ours), Self::StatefulSet(there)) => {
                if let (Some(ours), Some(there)) = (&mut ours.spec, &there.spec) {
                    ours.selector = there.selector.clone();
                }
            }
            _ => {}
        }
        self
    }

    /// A label by which it looks for its pods, and that those it makes would not have.
    pub fn missed_label(&self) -> Option<(&String, &String)> {
        let metadata = self.template()?.metadata.as_ref();
        let labels = metadata.and_then(|metadata| metadata.labels.as_ref());
        let has = |key| labels.and_then(|labels| labels.get(key));
        let mut wanted = self.selector()?.iter();
        wanted.find(|(key, value)| has(*key) != Some(*value))
    }

    /// The labels by which it finds its pods, except for ours.
    pub fn selector_of_others(&self) -> BTreeMap<String, String> {
        let labels = self.selector().into_iter().flatten();
        let others = labels.filter(|(key, _)| !is_ours(key));
        others
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    /// The same labels, as a selector of the API.
    pub fn selector_text(&self) -> String {
        let labels = self.selector().into_iter().flatten();
        let labels: Vec<String> = labels
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        labels.join(",")
    }

    /// Whether it finds the pod by its labels.
    pub fn selects(&self, pod: &Pod) -> bool {
        let labels = pod.labels();
        let wanted = self.selector().filter(|wanted| !wanted.is_empty());
        pod.metadata.namespace == self.metadata().namespace
            && wanted.is_some_and(|wanted| {
                let mut wanted = wanted.iter();
                wanted.all(|(key, value)| labels.get(key) == Some(value))
            })
    }

    /// The checksum of the certificates that its newest pods have.
    pub(super) fn certificates(&self) -> Option<&String> {
        let metadata = self.template()?.metadata.as_ref()?;
        metadata.annotations.as_ref()?.get(CHECKSUM)
    }

    /// The size and class of the claim `name` that each of its pods gets.
    pub(super) fn claim(&self, name: &str) -> Option<(&Quantity, Option<String>)> {
        let Self::StatefulSet(set) = self else {
            return None;
        };
        let claims = set.spec.as_ref()?.volume_claim_templates.as_deref()?;
        let claim = claims
            .iter()
            .find(|claim| claim.metadata.name.as_deref() == Some(name))?;
        let spec = claim.spec.as_ref()?;
        let size = spec.resources.as_ref()?.requests.as_ref()?.get("storage")?;
        Some((size, spec.storage_class_name.clone()))
    }

    /// What its controller says about its pods; none before it said anything.
    pub(super) fn counts(&self) -> Option<Counts> {
        let count = |number: Option<i32>| number.unwrap_or(0);
        match self {
            Self::Deployment(deployment) => deployment.status.as_ref().map(|status| Counts {
                observed_generation: status.observed_generation,
                replicas: count(status.replicas),
                updated: count(status.updated_replicas),
                ready: count(status.ready_replicas),
            }),
            Self::StatefulSet(set) => set.status.as_ref().map(|status| Counts {
                observed_generation: status.observed_generation,
                replicas: status.replicas,
                // Once all are of the newest kind the controller counts them as current.
                updated: if status.current_revision == status.update_revision {
                    status.replicas
                } else {
                    count(status.updated_replicas)
                },
                ready: count(status.ready_replicas),
            }),
        }
    }

    /// What a Deployment keeps of why the API server does not let pods be made: a quota, a Pod
    /// Security level. A StatefulSet does not keep it: there it is an event.
    pub(super) fn refusal(&self) -> Option<&str> {
        let Self::Deployment(deployment) = self else {
            return None;
        };
        let conditions = deployment.status.as_ref()?.conditions.as_deref()?;
        let failure = conditions
            .iter()
            .find(|c| c.type_ == "ReplicaFailure" && c.status == "True")?;
        Some(failure.message.as_deref().unwrap_or_default())
    }
}
