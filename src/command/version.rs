//! `version`.

use std::io;
use std::time::Duration;

use crate::cli::{KubeArgs, Shape, VersionArgs};
use crate::cluster::Cluster;
use crate::env::Env;
use crate::error::{Error, Kind, Result};
use crate::farm::{self, Asked, Scope};
use crate::model::{Builder, KubernetesVersion, Platform};
use crate::plan;
use crate::render::{self, Versions};

use super::form::shape;

/// The version of this program.
const VERSION: &str = concat!("v", env!("CARGO_PKG_VERSION"));
/// The commit, from whoever builds a release: read out of a work tree it would differ between two
/// builds of the same sources.
const COMMIT: Option<&str> = option_env!("KUBECTL_BUILDKIT_COMMIT");
/// How long the API server, and after it the daemons, may take where the user sets no limit.
const PATIENCE: Duration = Duration::from_secs(5);

/// Shows the versions of this program, of Kubernetes, and of the builders of the namespace.
///
/// That of this program is shown whatever fails.
pub(super) async fn run(args: &VersionArgs, kube: &KubeArgs, env: &Env) -> Result<()> {
    let shape = shape(&args.output, env)?;
    if args.client {
        return show(None, None, &shape, env);
    }
    let asked = Box::pin(ask(kube, env)).await;
    let (cluster, server) = match asked {
        Ok(asked) => asked,
        Err(error) => {
            show(None, None, &shape, env)?;
            return Err(error);
        }
    };
    let (builders, notes) = builders(&cluster, kube).await;
    show(Some(&server), builders.as_deref(), &shape, env)?;
    render::notes(&notes, io::stderr().lock())?;
    let skew = plan::skew(Some(&server), builders.as_deref().unwrap_or_default());
    render::warnings(&skew, io::stderr().lock())
}

async fn ask(kube: &KubeArgs, env: &Env) -> Result<(Cluster, KubernetesVersion)> {
    let limit = kube.request_timeout.filter(|limit| !limit.is_zero());
    let limit = limit.unwrap_or(PATIENCE);
    let asking = async {
        let cluster = Cluster::find(kube, env).await?;
        let version = cluster.version().await?;
        Ok((cluster, version))
    };
    match tokio::time::timeout(limit, asking).await {
        Ok(asked) => asked,
        Err(_) => Err(Error::new(
            Kind::Cluster,
            format!(
                "the cluster did not say its version within {} s",
                limit.as_secs_f32()
            ),
        )
        .hint("only that of this program: kubectl buildkit version --client")),
    }
}

/// The builders, with what their daemons say. Who may not list them learns all the rest.
async fn builders(cluster: &Cluster, kube: &KubeArgs) -> (Option<Vec<Builder>>, Vec<String>) {
    let limit = kube.request_timeout.filter(|limit| !limit.is_zero());
    let limit = limit.unwrap_or(PATIENCE);
    let listing = farm::builders(cluster, Scope::Namespace);
    let mut builders = match tokio::time::timeout(limit, listing).await {
        Ok(Ok(builders)) => builders,
        Ok(Err(error)) => return (None, vec![format!("builders are not shown: {error}")]),
        Err(_) => {
            let note = "builders are not shown: listing them takes too long";
            return (None, vec![note.to_owned()]);
        }
    };
    farm::ask(cluster, &mut builders, Asked::OneOfEach, limit).await;
    let mut notes = Vec::new();
    for node in builders.iter().flat_map(|builder| &builder.nodes) {
        if let Some(trouble) = &node.trouble {
            notes.push(format!("node {} was not asked: {trouble}", node.name));
        }
    }
    (Some(builders), notes)
}

fn show(
    server: Option<&KubernetesVersion>,
    builders: Option<&[Builder]>,
    shape: &Shape,
    env: &Env,
) -> Result<()> {
    let platform = Platform::new(env.system, env.architecture, "").to_string();
    let versions = Versions {
        client: VERSION,
        commit: COMMIT.filter(|commit| !commit.is_empty()),
        platform: &platform,
        server,
        builders,
    };
    render::written(render::versions(&versions, shape, io::stdout().lock()))
}
