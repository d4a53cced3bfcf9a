//! The configuration of a node's daemons, on the cluster.

use k8s_openapi::api::core::v1::Secret;

use crate::cluster::{Cluster, Conflicts, Written};
use crate::error::Result;
use crate::manifest;
use crate::plan::NodePlan;

use super::owner::refuse_foreign;

/// What is there of the configuration that a plan wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Config {
    /// All of it, or none is wanted.
    Same,
    /// None of it.
    Missing,
    /// Another one, and in which settings.
    Other(Vec<String>),
}

impl Config {
    pub(super) async fn find(cluster: &Cluster, plan: &NodePlan) -> Result<Self> {
        let Some(wanted) = manifest::config_secret(plan) else {
            return Ok(Self::Same);
        };
        let name = manifest::config_secret_name(&plan.name);
        let Some(there) = cluster.get::<Secret>(&name).await? else {
            return Ok(Self::Missing);
        };
        refuse_foreign(&there.metadata, "secret", plan)?;
        let differences = manifest::config_differences(&there, &wanted);
        Ok(if differences.is_empty() {
            Self::Same
        } else {
            Self::Other(differences)
        })
    }

    /// Makes it what the plan wants.
    pub(super) async fn mend(&self, cluster: &Cluster, plan: &NodePlan) -> Result<()> {
        if let (Some(secret), false) = (manifest::config_secret(plan), *self == Self::Same) {
            cluster
                .apply(&secret, Written::Really, Conflicts::Respect)
                .await?;
        }
        Ok(())
    }
}
