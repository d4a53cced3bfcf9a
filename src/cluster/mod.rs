//! The Kubernetes wire: find the cluster, apply, list, watch, forward, exec. Knows nothing of BuildKit.

mod channels;
mod client;
mod config;
mod exec;
mod failure;
mod follow;
mod forward;
mod kubeconfig;
mod objects;
mod open;
mod pages;
mod pods;
mod proxy;
mod spdy;
mod surroundings;
mod tunnel;
mod version;
mod watch;
mod websocket;

use std::fmt;
use std::future::Future;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

pub use config::{DEFAULT_NAMESPACE, Origin};
pub use follow::News;
pub use kubeconfig::{KubeconfigNames, kubeconfig_names};
pub use objects::{Conflicts, Object, Written};
pub use open::OpenError;
pub use tunnel::{Fate, Tunnel};
pub use watch::{Snapshot, Told, WatchError};

use crate::cli::KubeArgs;
use crate::env::Env;
use crate::error::{Error, Kind, Result};

use failure::{Place, Request};

/// The variable that every pod has.
const IN_A_POD: &str = "KUBERNETES_SERVICE_HOST";
/// How long an answer of the API server may take where the user sets no limit.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the first pause before another try is; each one doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// How often a change is tried that others disturb.
pub const TRIES: usize = 20;
/// What stands for "no limit" on the command line: long enough for anything.
const UNLIMITED: Duration = Duration::from_hours(24 * 365);

/// The namespace that requests would be about, if that is known without asking a cluster.
pub async fn namespace(args: &KubeArgs, env: &Env) -> Option<String> {
    match config::resolve(args, env).await {
        Ok(target) => Some(target.config.default_namespace),
        Err(_) => args.namespace.clone(),
    }
}

/// The kube context that is meant, and its namespace as far as the kubeconfig names one; none if there
/// is no context, or no kubeconfig that can be read.
pub fn context(args: &KubeArgs, env: &Env) -> Option<(String, Option<String>)> {
    config::context(args, env)
}

/// A cluster that requests can be sent to, and the namespace that they are about.
#[derive(Clone)]
pub struct Cluster {
    client: kube::Client,
    place: Place,
    /// Whether somebody said which namespace; else it is the kube context's.
    namespace_is_given: bool,
    /// Whether this runs in a pod.
    is_inside: bool,
    timeout: Duration,
    first_pause: Duration,
}

impl Cluster {
    /// Finds the cluster as kubectl does, and gets credentials. Nothing is sent to it yet.
    pub async fn find(args: &KubeArgs, env: &Env) -> Result<Self> {
        let target = config::resolve(args, env).await?;
        let place = Place {
            origin: target.origin,
            server: target
                .config
                .cluster_url
                .to_string()
                .trim_end_matches('/')
                .to_owned(),
            namespace: target.config.default_namespace.clone(),
            plugin: target
                .config
                .auth_info
                .exec
                .as_ref()
                .and_then(|exec| exec.command.clone()),
        };
        let config = target.config;
        // A credential plugin may run here, and kube waits for it with a blocked thread.
        let client = tokio::task::spawn_blocking(move || client::client(config))
            .await
            .map_err(|error| Error::new(Kind::Cluster, "no client").because(error))?
            .map_err(|error| place.no_access(error))?;
        let timeout = match args.request_timeout {
            None => REQUEST_TIMEOUT,
            Some(limit) if limit.is_zero() => UNLIMITED,
            Some(limit) => limit,
        };
        Ok(Self {
            client,
            place,
            namespace_is_given: args.namespace.is_some(),
            is_inside: env.var(IN_A_POD).is_some(),
            timeout,
            first_pause: FIRST_PAUSE,
        })
    }

    /// Pauses between the tries of a change that others disturb. Each is longer and partly by chance,
    /// so that two who disturb each other do not go on with it.
    pub fn pauses(&self) -> impl Iterator<Item = Duration> + use<> {
        ExponentialBuilder::default()
            .with_min_delay(self.first_pause / 8)
            .with_max_delay(self.first_pause * 2)
            .with_max_times(TRIES)
            .with_jitter()
            .build()
    }

    /// The namespace that all requests are about.
    pub fn namespace(&self) -> &str {
        &self.place.namespace
    }

    /// Whether the namespace was asked for; else it is only where the kube context happens to be.
    pub const fn namespace_is_given(&self) -> bool {
        self.namespace_is_given
    }

    /// Whether this runs in a pod, most likely of this cluster.
    pub const fn is_inside(&self) -> bool {
        self.is_inside
    }

    /// The address of the API server.
    pub fn server(&self) -> &str {
        &self.place.server
    }

    /// The kube context; empty if the cluster was found without one.
    pub fn context(&self) -> &str {
        match &self.place.origin {
            Origin::Context(name) => name,
            Origin::Flags | Origin::InCluster => "",
        }
    }

    /// The same cluster, for another namespace.
    #[must_use]
    pub fn in_namespace(&self, namespace: &str) -> Self {
        let mut other = self.clone();
        other.namespace_is_given = true;
        namespace.clone_into(&mut other.place.namespace);
        other
    }

    /// Waits for an answer, but not for ever.
    async fn ask<T>(
        &self,
        request: &Request,
        answer: impl Future<Output = kube::Result<T>>,
    ) -> Result<T> {
        let Ok(answer) = tokio::time::timeout(self.timeout, answer).await else {
            let seconds = self.timeout.as_secs_f32();
            return Err(self
                .place
                .unreachable(format!("no answer within {seconds} s")));
        };
        answer.map_err(|error| self.place.failure(request, error))
    }
}

impl fmt::Display for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.origin.fmt(f)
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod fake;
