//! Whose logins a build uses.

use std::error::Error as _;

use crate::cli::KubeArgs;
use crate::cluster::Cluster;
use crate::env::Env;
use crate::error::Result;
use crate::event::Events;
use crate::farm::{self, Site};
use crate::plan;
use crate::registry::{ConfigError, Credentials, Logins};

/// The logins of the Secrets that the build names.
pub(super) async fn named(
    plan: &plan::Build,
    site: &Site,
    kube: &KubeArgs,
    env: &Env,
) -> Result<Vec<Logins>> {
    let names = &plan.registry_secrets;
    if names.is_empty() {
        return Ok(Vec::new());
    }
    match site {
        Site::Builder(cluster, _) => farm::registry_logins(cluster, names).await,
        // The daemon needs no cluster, but who names a Secret means one.
        Site::Daemon(_) => {
            let cluster = Cluster::find(kube, env).await?;
            farm::registry_logins(&cluster, names).await
        }
    }
}

/// The user's logins, behind those that the build names. Without them everything but private
/// registries works, as it does in docker.
pub(super) async fn credentials(named: Vec<Logins>, env: &Env, events: &Events) -> Credentials {
    let mut credentials = match Credentials::load(env) {
        Ok(credentials) => credentials,
        Err(error) => {
            events.warning(without(&error)).await;
            Credentials::default()
        }
    };
    if let Err(error) = credentials.read_variable(env) {
        events.warning(without(&error)).await;
    }
    credentials.prefer(named);
    credentials
}

/// That logins are missing, and why.
fn without(error: &ConfigError) -> String {
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    format!("building without these registry logins: {error}: {cause}")
}
