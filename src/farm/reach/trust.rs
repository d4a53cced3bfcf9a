//! What registries have to prove to this machine: the same as to a node's daemons.

use k8s_openapi::api::core::v1::Secret;

use crate::cluster::Cluster;
use crate::manifest;
use crate::model::NodeName;
use crate::registry::TrustOf;

/// The configuration of a node's daemons. Who may not read it has registries whose certificate this
/// machine knows.
pub(in crate::farm) async fn config(cluster: &Cluster, node: &NodeName) -> Secret {
    let name = manifest::config_secret_name(node);
    match cluster.get::<Secret>(&name).await {
        Ok(Some(config)) => config,
        Ok(None) | Err(_) => Secret::default(),
    }
}

/// What registries have to prove. The configuration is read only if one is spoken to.
pub(in crate::farm) fn trust_of(cluster: &Cluster, node: &NodeName) -> TrustOf {
    let (cluster, node) = (cluster.clone(), node.clone());
    TrustOf::new(move |host| {
        let (cluster, node) = (cluster.clone(), node.clone());
        Box::pin(async move { manifest::trust(&config(&cluster, &node).await, &host) })
    })
}
