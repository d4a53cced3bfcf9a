//! The configuration of a node's daemons, on the cluster.

use k8s_openapi::api::core::v1::Secret;

use crate::cluster::{Cluster, Conflicts};
use crate::error::Result;
use crate::manifest;
use crate::model::NodeName;

/// What is there of a configuration, beside what a plan wants.
#[derive(Debug, Clone)]
pub(super) struct Config {
    /// The Secret that is there.
    pub(super) live: Option<Secret>,
    /// The Secret that is wanted.
    pub(super) wanted: Option<Secret>,
    /// Whether the workload mounts the one that is there, or may soon: else it is left over.
    pub(super) is_mounted: bool,
}

impl Config {
    /// Whether it is what the plan wants.
    pub(super) fn is_same(&self) -> bool {
        match (&self.live, &self.wanted) {
            (Some(live), Some(wanted)) => self.is_mounted && live.data == wanted.data,
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

    /// Writes what is wanted, before the pods that mount it are made. Says whether it is there: not
    /// so if somebody else changed it at the same time.
    pub(super) async fn write(&self, cluster: &Cluster, conflicts: Conflicts) -> Result<bool> {
        let (Some(wanted), false) = (&self.wanted, self.is_same()) else {
            return Ok(true);
        };
        let mut seen = self.live.as_ref();
        // Somebody may be about to delete what is left over, so it has to be another object.
        if let Some(left) = seen.filter(|_| !self.is_mounted) {
            cluster.delete_unchanged(left).await?;
            seen = None;
        }
        let seen = seen.map(|live| &live.metadata);
        let written = cluster.apply_over(wanted, seen, conflicts).await?;
        Ok(written.is_some())
    }

    /// Removes what is wanted no more, after the pods that mounted it.
    pub(super) async fn remove(&self, cluster: &Cluster) -> Result<()> {
        if let (Some(live), None) = (&self.live, &self.wanted) {
            cluster.delete_unchanged(live).await?;
        }
        Ok(())
    }
}

/// The Secret with the configuration of a node.
pub(super) async fn live(cluster: &Cluster, node: &NodeName) -> Result<Option<Secret>> {
    let name = manifest::config_secret_name(node);
    cluster.get::<Secret>(&name).await
}
