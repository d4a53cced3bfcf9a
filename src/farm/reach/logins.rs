//! Registry logins that the cluster keeps in Secrets.

use futures::future::try_join_all;
use k8s_openapi::api::core::v1::Secret;

use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::model::SecretName;
use crate::registry::Logins;

/// How Kubernetes calls Secrets with logins, and the key of the file in them.
const TYPE: &str = "kubernetes.io/dockerconfigjson";
const KEY: &str = ".dockerconfigjson";
/// The same for the file that docker wrote until 2015.
const OLD_TYPE: &str = "kubernetes.io/dockercfg";
const OLD_KEY: &str = ".dockercfg";

/// A name for one that is to be made: that of one which is there is taken.
const OTHER: &str = "NAME";

/// The type of Secrets that say nothing of theirs.
const NO_TYPE: &str = "Opaque";

/// Reads the logins in these Secrets, in their order.
pub async fn registry_logins(cluster: &Cluster, names: &[SecretName]) -> Result<Vec<Logins>> {
    let all = names.iter().map(async |name| {
        let logins = Box::pin(read(cluster, name)).await;
        logins.map_err(|error| error.at(format!("--registry-secret {name}")))
    });
    try_join_all(all).await
}

async fn read(cluster: &Cluster, name: &SecretName) -> Result<Logins> {
    let here = cluster.namespace();
    let namespace = name.namespace.as_deref().unwrap_or(here);
    let cluster = cluster.in_namespace(namespace);
    let SecretName { name, .. } = name;
    match cluster.get::<Secret>(name).await {
        Ok(Some(secret)) => logins(&secret, namespace, name),
        Ok(None) => Err(
            Error::usage(format!("no secret {name:?} in namespace {namespace:?}"))
                .hint(advice(namespace, name)),
        ),
        Err(error) if is_forbidden(&error) => Err(error.hint(format!(
            "ask for the right to read this one secret: kubectl create role {name}-reader \
             --verb=get --resource=secrets --resource-name={name} -n {namespace}; \
             to check it: kubectl auth can-i get secrets/{name} -n {namespace}"
        ))),
        Err(error) => Err(error),
    }
}

fn is_forbidden(error: &Error) -> bool {
    error.to_string().starts_with("forbidden: ")
}

/// How such a Secret is made, and which there are.
fn advice(namespace: &str, name: &str) -> String {
    format!(
        "kubectl create secret docker-registry {name} -n {namespace} --docker-server=REGISTRY \
         --docker-username=USER --docker-password=PASSWORD makes it; \
         kubectl get secrets -n {namespace} --field-selector type={TYPE} lists those there are"
    )
}

/// The logins in a Secret.
fn logins(secret: &Secret, namespace: &str, name: &str) -> Result<Logins> {
    let kind = secret.type_.as_deref().unwrap_or(NO_TYPE);
    let place = format!("secret {name:?} in namespace {namespace:?}");
    let (key, is_old) = match kind {
        TYPE => (KEY, false),
        OLD_TYPE => (OLD_KEY, true),
        other => {
            return Err(Error::usage(format!(
                "{place} is of the type {other}, which has no registry logins"
            ))
            .because(format!("it has to be {TYPE} or {OLD_TYPE}"))
            .hint(advice(namespace, OTHER)));
        }
    };
    let data = secret.data.as_ref().and_then(|data| data.get(key));
    let Some(text) = data else {
        return Err(Error::usage(format!("{place} has no {key}")).hint(advice(namespace, OTHER)));
    };
    let read = if is_old {
        Logins::from_legacy_config(&place, &text.0)
    } else {
        Logins::from_config(&place, &text.0)
    };
    let logins = read.map_err(|error| {
        Error::usage(format!("{key} of {place} is no docker config file"))
            .because(error)
            .hint(advice(namespace, OTHER))
    })?;
    if logins.is_empty() {
        return Err(Error::usage(format!("{place} has no logins")).hint(advice(namespace, OTHER)));
    }
    Ok(logins)
}

#[cfg(test)]
#[path = "logins_tests.rs"]
mod tests;
