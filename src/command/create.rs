//! `create`.

use std::io;
use std::time::Duration;

use crate::cli::{CreateArgs, KubeArgs};
use crate::cluster::Cluster;
use crate::env::Env;
use crate::error::Result;
use crate::farm;
use crate::model::{Maker, NodeName};
use crate::plan;
use crate::render;

use super::wait;

/// How long the pods of a node that leaves are waited for.
const PATIENCE: Duration = Duration::from_mins(2);

/// Makes a node of a builder, says so, and waits for it if asked to.
pub(super) async fn run(args: &CreateArgs, kube: &KubeArgs, env: &Env) -> Result<()> {
    let plan = plan::Create::new(args)?;
    let kube = plan.place(kube)?;
    render::notes(&plan.notes, io::stderr().lock())?;
    let cluster = Cluster::find(&kube, env).await?;
    if let (true, Some(node)) = (args.leave, &args.node) {
        return Box::pin(leave(&cluster, &plan, node)).await;
    }
    let (node, made) = farm::create(&cluster, &plan).await?;
    let what = if plan.append {
        format!("node/{node}")
    } else {
        format!("builder/{}", plan.node.builder)
    };
    let line = format!("{what} {}", made.as_str());
    render::line(&line, io::stdout().lock())?;
    match plan.boot {
        Some(timeout) => {
            let nodes = [(node, Maker::Ours)];
            wait::for_nodes(&cluster, &plan.node.builder, &nodes, timeout, env).await
        }
        None => Ok(()),
    }
}

/// Removes one node of a builder.
async fn leave(cluster: &Cluster, plan: &plan::Create, node: &NodeName) -> Result<()> {
    farm::leave(cluster, &plan.node.builder, node, PATIENCE).await?;
    render::line(&format!("node/{node} deleted"), io::stdout().lock())
}
