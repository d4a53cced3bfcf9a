//! `create`.

use std::io;
use std::time::Duration;

use crate::cli::{CreateArgs, KubeArgs};
use crate::cluster::{self, Cluster};
use crate::env::Env;
use crate::error::{Kind, Result};
use crate::farm::{self, Judge, Removal, Scale, trial};
use crate::memory::Memory;
use crate::model::{BuilderName, Maker, NodeName};
use crate::plan;
use crate::render;

use super::Finish;
use super::change::{self, Wish, wish};
use super::files::Local;
use super::place::{self, noted};
use super::wait;

/// How long the pods of a node that leaves are waited for.
const PATIENCE: Duration = Duration::from_mins(2);

/// Makes a node of a builder, says so, and waits for it if asked to.
pub(super) async fn run(args: &CreateArgs, kube: &KubeArgs, env: &Env) -> Result<Finish> {
    let plan = plan::Create::new(args, &Local(env))?;
    let kube = plan.place(kube)?;
    render::notes(&plan.notes, io::stderr().lock())?;
    if let (true, Some(node)) = (args.leave, &args.node) {
        return Box::pin(leave(args, &plan.node.builder, node, &kube, env)).await;
    }
    let output = change::output(&args.change, env)?;
    let wish = wish(&args.change);
    if wish == Wish::See(Judge::Client) {
        let namespace = cluster::namespace(&kube, env).await;
        let trials = trial::create_offline(&plan.node, namespace.as_deref())?;
        return change::show(&trials, &args.change, output.as_ref());
    }
    let (mut cluster, memory) = place::place(&kube, env).await?;
    let builder = &plan.node.builder;
    if plan.append {
        cluster = appended(&cluster, builder, &memory).await?;
    }
    if wish != Wish::Change {
        let trials = trial::create(&cluster, &plan, wish.judge()).await?;
        return change::show(&trials, &args.change, output.as_ref());
    }
    let (node, made) = farm::create(&cluster, &plan).await?;
    if let Some(form) = &output {
        let objects = trial::objects(&cluster, builder, Some(&node)).await?;
        change::objects(&objects, form)?;
    } else {
        let what = if plan.append {
            format!("node/{node}")
        } else {
            format!("builder/{builder}")
        };
        render::line(&format!("{what} {}", made.as_str()), io::stdout().lock())?;
    }
    memory.seen(cluster.namespace(), builder);
    if plan.choose {
        memory.choose(cluster.namespace(), builder)?;
    }
    if let Some(timeout) = plan.boot {
        // Who wants it up wants it up, even if somebody stopped it.
        farm::scale(&cluster, builder, Some(&node), Scale::Start).await?;
        wait::for_nodes(&cluster, builder, &[(node, Maker::Ours)], timeout, env).await?;
    }
    Ok(Finish::Done)
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
async fn leave(
    args: &CreateArgs,
    builder: &BuilderName,
    node: &NodeName,
    kube: &KubeArgs,
    env: &Env,
) -> Result<Finish> {
    let output = change::output(&args.change, env)?;
    let (cluster, _) = place::builder(Some(builder), kube, env).await?;
    farm::can_leave(&cluster, builder, node).await?;
    let what = Removal {
        builder,
        node: Some(node),
        keep_state: false,
        wait: Some(PATIENCE),
    };
    let is_real = wish(&args.change) == Wish::Change;
    if !is_real || output.is_some() {
        let trials = trial::remove(&cluster, what).await?;
        let shown = change::show(&trials, &args.change, output.as_ref())?;
        if !is_real {
            return Ok(shown);
        }
    }
    Box::pin(farm::remove(&cluster, what)).await?;
    if output.is_none() {
        render::line(&format!("node/{node} deleted"), io::stdout().lock())?;
    }
    Ok(Finish::Done)
}
