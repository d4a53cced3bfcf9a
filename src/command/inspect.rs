//! `inspect`.

use std::io;
use std::time::Duration;

use crate::cli::{InspectArgs, KubeArgs};
use crate::env::{self, Env};
use crate::error::Result;
use crate::farm::{self, Found, Scale};
use crate::plan::{self, BOOT_TIMEOUT};
use crate::render::{self, Inspected};

use super::form::shape;
use super::place::{noted, place};
use super::wait;

/// How long the daemons may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Shows one builder, which is started and awaited first if that is wanted.
pub(super) async fn run(args: &InspectArgs, kube: &KubeArgs, env: &Env) -> Result<()> {
    let shape = shape(&args.output, env)?;
    let given = args.name.as_ref().or(args.builder.as_ref());
    let name = plan::builder_name(given, env)?;
    let (cluster, memory) = place(kube, env).await?;
    let mut found = farm::find(&cluster, name.as_ref(), &memory).await?;
    noted(&found, &memory)?;
    let mut patience = args.timeout.unwrap_or(PATIENCE);
    if args.bootstrap {
        Box::pin(boot(&found, args.timeout, env)).await?;
        found = farm::find(&found.cluster, Some(&found.builder.name), &memory).await?;
        patience = PATIENCE;
    }
    let inspection = farm::inspect(&found.cluster, found.builder, patience).await?;
    let builder = &inspection.builder;
    let chosen = farm::chosen(&found.cluster, &memory);
    let inspected = Inspected {
        inspection: &inspection,
        context: cluster.context(),
        current: chosen.is_some_and(|(space, name)| {
            (space.as_str(), &name) == (builder.namespace.as_str(), &builder.name)
        }),
        width: env::output_columns(),
        now: env::now(),
    };
    let shown = render::inspected(&inspected, &shape, io::stdout().lock());
    render::written(shown)
}

/// Starts the builder if it is stopped, and waits for all pods that it is to have.
async fn boot(found: &Found, timeout: Option<Duration>, env: &Env) -> Result<()> {
    let Found {
        cluster, builder, ..
    } = found;
    if builder.nodes.iter().any(|node| node.replicas == 0) {
        farm::scale(cluster, &builder.name, None, Scale::Start).await?;
    }
    let of_nodes = builder.nodes.iter().filter_map(|node| node.timeout).max();
    let timeout = timeout.or(of_nodes).unwrap_or(BOOT_TIMEOUT);
    let nodes = builder.nodes.iter();
    let nodes: Vec<_> = nodes
        .map(|node| (node.name.clone(), builder.maker))
        .collect();
    wait::for_nodes(cluster, &builder.name, &nodes, timeout, env).await
}
