//! `create`.

use std::io;
use std::time::Duration;

use crate::cli::{CreateArgs, KubeArgs};
use crate::cluster::Cluster;
use crate::env::Env;
use crate::error::{Kind, Result};
use crate::farm;
use crate::memory::Memory;
use crate::model::{BuilderName, NodeName};
use crate::plan;
use crate::render;

use super::place::{noted, place};
use super::wait;

/// How long the pods of a node that leaves are waited for.
const PATIENCE: Duration = Duration::from_mins(2);

/// Makes a node of a builder, says so, and waits for it if asked to.
pub(super) async fn run(args: &CreateArgs, kube: &KubeArgs, env: &Env) -> Result<()> {
    let plan = plan::Create::new(args)?;
    let kube = plan.place(kube)?;
    render::notes(&plan.notes, io::stderr().lock())?;
    let (cluster, memory) = place(&kube, env).await?;
    let builder = &plan.node.builder;
    if let (true, Some(node)) = (args.leave, &args.node) {
        let found = farm::find(&cluster, Some(builder), &memory).await?;
        noted(&found, &memory)?;
        return Box::pin(leave(&found.cluster, &plan, node)).await;
    }
    let cluster = if plan.append {
        appended(&cluster, builder, &memory).await?
    } else {
        cluster
    };
    let (node, made) = farm::create(&cluster, &plan).await?;
    let what = if plan.append {
        format!("node/{node}")
    } else {
        format!("builder/{builder}")
    };
    let line = format!("{what} {}", made.as_str());
    render::line(&line, io::stdout().lock())?;
    memory.seen(cluster.namespace(), builder);
    if plan.choose {
        memory.choose(cluster.namespace(), builder)?;
    }
    match plan.boot {
        Some(timeout) => wait::for_nodes(&cluster, builder, &[node], timeout, env).await,
        None => Ok(()),
    }
}

/// Where the builder is that a node is added to. If it is nowhere, the creation says so.
async fn appended(cluster: &Cluster, builder: &BuilderName, memory: &Memory) -> Result<Cluster> {
    match farm::find(cluster, Some(builder), memory).await {
        Ok(found) => {
            noted(&found, memory)?;
            Ok(found.cluster)
        }
        Err(error) if error.kind() == Kind::NotFound => Ok(cluster.clone()),
        Err(error) => Err(error),
    }
}

/// Removes one node of a builder.
async fn leave(cluster: &Cluster, plan: &plan::Create, node: &NodeName) -> Result<()> {
    farm::leave(cluster, &plan.node.builder, node, PATIENCE).await?;
    render::line(&format!("node/{node} deleted"), io::stdout().lock())
}
