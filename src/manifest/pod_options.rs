//! A builder's options as Kubernetes spells them.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Container, EnvVar, LocalObjectReference, ResourceRequirements, SecurityContext,
    Toleration as KubernetesToleration,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as KubernetesQuantity;

use crate::model::{Quantity, Resource, Toleration};
use crate::plan::PodOptions;

/// Installs emulators on the cluster node before the daemon starts, which looks for them once.
pub(super) fn emulators(name: &str, image: &str, pod: &PodOptions) -> Container {
    Container {
        name: name.to_owned(),
        image: Some(image.to_owned()),
        args: Some(vec!["--install".to_owned(), "all".to_owned()]),
        // A pod asks for the most of its containers, so this costs nothing; a quota may want it.
        resources: resources(pod),
        security_context: Some(SecurityContext {
            privileged: Some(true),
            ..SecurityContext::default()
        }),
        ..Container::default()
    }
}

pub(super) fn quantity(quantity: &Quantity) -> KubernetesQuantity {
    KubernetesQuantity(quantity.to_string())
}

pub(super) fn reference(name: &str) -> LocalObjectReference {
    LocalObjectReference {
        name: name.to_owned(),
    }
}

pub(super) fn variable((name, value): (&String, &String)) -> EnvVar {
    EnvVar {
        name: name.clone(),
        value: Some(value.clone()),
        ..EnvVar::default()
    }
}

pub(super) fn toleration(toleration: &Toleration) -> KubernetesToleration {
    KubernetesToleration {
        key: toleration.key.clone(),
        operator: Some(toleration.operator.as_str().to_owned()),
        value: toleration.value.clone(),
        effect: toleration.effect.map(|effect| effect.as_str().to_owned()),
        toleration_seconds: toleration.seconds,
    }
}

pub(super) fn resources(pod: &PodOptions) -> Option<ResourceRequirements> {
    let amounts = |amounts: &BTreeMap<Resource, Quantity>| {
        let amounts = amounts
            .iter()
            .map(|(what, amount)| (what.as_str().to_owned(), quantity(amount)))
            .collect();
        some_map(&amounts)
    };
    let (requests, limits) = (amounts(&pod.requests), amounts(&pod.limits));
    (requests.is_some() || limits.is_some()).then(|| ResourceRequirements {
        requests,
        limits,
        ..ResourceRequirements::default()
    })
}

/// Kubernetes tells an empty map from none; here both are none.
pub(super) fn some_map<V: Clone>(map: &BTreeMap<String, V>) -> Option<BTreeMap<String, V>> {
    Some(map).filter(|map| !map.is_empty()).cloned()
}

pub(super) fn some_list<T>(list: impl Iterator<Item = T>) -> Option<Vec<T>> {
    Some(list.collect::<Vec<T>>()).filter(|list| !list.is_empty())
}
