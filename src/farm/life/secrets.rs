//! The two Secrets with which a node's daemon and its clients know each other.

use k8s_openapi::api::core::v1::Secret;

use crate::cluster::{Cluster, Conflicts};
use crate::error::Result;
use crate::manifest::{self, Credentials};
use crate::plan::NodePlan;

use super::certificates;
use super::owner::refuse_foreign;
use super::version::undisturbed;

/// How often somebody else's Secrets are looked at until both are there: two seconds or three.
const LOOKS: usize = 8;

/// What is there of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Secrets {
    daemon: Option<Secret>,
    client: Option<Secret>,
}

impl Secrets {
    /// Reads both; those of others are refused.
    pub(super) async fn read(cluster: &Cluster, plan: &NodePlan) -> Result<Self> {
        let daemon = manifest::daemon_secret_name(&plan.name);
        let client = manifest::client_secret_name(&plan.name);
        let (daemon, client) = tokio::try_join!(
            cluster.get::<Secret>(&daemon),
            cluster.get::<Secret>(&client)
        )?;
        for secret in [&daemon, &client].into_iter().flatten() {
            refuse_foreign(&secret.metadata, "secret", plan)?;
        }
        Ok(Self { daemon, client })
    }

    /// The certificates, if both sides are there and accept each other.
    pub(super) fn credentials(&self) -> Option<Credentials> {
        let daemon = manifest::credentials(self.daemon.clone()?)?;
        let client = manifest::credentials(self.client.clone()?)?;
        certificates::belong_together(&daemon, &client).then_some(Credentials { daemon, client })
    }

    fn is_half(&self) -> bool {
        (self.daemon.is_some() || self.client.is_some()) && self.credentials().is_none()
    }
}

/// Writes `credentials` over the Secrets that were `seen`. If somebody else writes theirs at the same
/// time, those count: who writes the daemon's first also writes the client's.
pub(super) async fn write(
    cluster: &Cluster,
    plan: &NodePlan,
    seen: &Secrets,
    credentials: &Credentials,
) -> Result<Credentials> {
    let mut seen = seen.clone();
    // Half of a pair may be a whole one in a moment. If not, its writer was killed.
    if seen.is_half() {
        seen = settled(cluster, plan).await?;
        if let Some(theirs) = seen.credentials() {
            return Ok(theirs);
        }
    }
    undisturbed(cluster, &plan.name, async || {
        if write_over(cluster, plan, &seen, credentials).await? {
            return Ok(Some(credentials.clone()));
        }
        seen = settled(cluster, plan).await?;
        Ok(seen.credentials())
    })
    .await
}

/// Says whether nobody else was faster.
async fn write_over(
    cluster: &Cluster,
    plan: &NodePlan,
    seen: &Secrets,
    credentials: &Credentials,
) -> Result<bool> {
    let seen = [&seen.daemon, &seen.client];
    let wanted = manifest::secrets(plan, credentials);
    for (secret, seen) in wanted.iter().zip(seen) {
        let seen = seen.as_ref().map(|secret| &secret.metadata);
        // Half a pair is no use to anybody, whoever owns its fields.
        let written = cluster.apply_over(secret, seen, Conflicts::Force).await?;
        if written.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What is there when both are, or after a while.
async fn settled(cluster: &Cluster, plan: &NodePlan) -> Result<Secrets> {
    for pause in cluster.pauses().take(LOOKS) {
        let secrets = Secrets::read(cluster, plan).await?;
        if secrets.credentials().is_some() {
            return Ok(secrets);
        }
        tokio::time::sleep(pause).await;
    }
    Secrets::read(cluster, plan).await
}
