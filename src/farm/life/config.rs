//! The configuration of a node's daemons, on the cluster.

use k8s_openapi::api::core::v1::Secret;

use crate::cluster::{Cluster, Conflicts, Written};
use crate::error::Result;
use crate::manifest;
use crate::plan::NodePlan;

/// What is there of a configuration, beside what a plan wants.
#[derive(Debug, Clone)]
pub(super) struct Config {
    /// The Secret that is there.
    pub(super) live: Option<Secret>,
    /// The Secret that is wanted.
    pub(super) wanted: Option<Secret>,
}

impl Config {
    /// Whether it is what the plan wants.
    pub(super) fn is_same(&self) -> bool {
        match (&self.live, &self.wanted) {
            (Some(live), Some(wanted)) => live.data == wanted.data,
            (live, wanted) => live.is_none() && wanted.is_none(),
        }
    }

    /// How they differ if both are there: names of settings and files, not what they are.
    pub(super) fn differences(&self) -> Vec<String> {
        match (&self.live, &self.wanted) {
            (Some(live), Some(wanted)) => manifest::config_differences(live, wanted),
            _ => Vec::new(),
        }
    }

    /// Writes what is wanted, before the pods that mount it are made.
    pub(super) async fn write(&self, cluster: &Cluster, conflicts: Conflicts) -> Result<()> {
        if let (Some(wanted), false) = (&self.wanted, self.is_same()) {
            cluster.apply(wanted, Written::Really, conflicts).await?;
        }
        Ok(())
    }

    /// Removes what is wanted no more, after the pods that mounted it.
    pub(super) async fn remove(&self, cluster: &Cluster) -> Result<()> {
        if let (Some(live), None) = (&self.live, &self.wanted) {
            cluster.delete(live).await?;
        }
        Ok(())
    }
}

/// The Secret with the configuration of the plan's node.
pub(super) async fn live(cluster: &Cluster, plan: &NodePlan) -> Result<Option<Secret>> {
    let name = manifest::config_secret_name(&plan.name);
    cluster.get::<Secret>(&name).await
}
