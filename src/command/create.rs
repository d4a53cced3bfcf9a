//! `create`.

use std::io;
use std::time::Duration;

use crate::cli::{CreateArgs, KubeArgs};
use crate::cluster::{self, Cluster};
use crate::env::Env;
use crate::error::Result;
use crate::farm::{self, Judge, Removal, Scale, trial};
use crate::model::{BuilderName, Maker, NodeName};
use crate::plan;
use crate::render;

use super::Finish;
use super::change::{self, Wish, wish};
use super::files::Local;
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
    let wish = wish(&args.change);
    if wish == Wish::See(Judge::Client) {
        let namespace = cluster::namespace(&kube, env).await;
        let trials = trial::create_offline(&plan.node, namespace.as_deref())?;
        return change::show(&trials, &args.change);
    }
    let cluster = Cluster::find(&kube, env).await?;
    if wish != Wish::Change {
        let trials = trial::create(&cluster, &plan, wish.judge()).await?;
        return change::show(&trials, &args.change);
    }
    let (node, made) = farm::create(&cluster, &plan).await?;
    let builder = &plan.node.builder;
    if let Some(form) = args.change.output {
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
    if let Some(timeout) = plan.boot {
        // Who wants it up wants it up, even if somebody stopped it.
        farm::scale(&cluster, builder, Some(&node), Scale::Start).await?;
        wait::for_nodes(&cluster, builder, &[(node, Maker::Ours)], timeout, env).await?;
    }
    Ok(Finish::Done)
}

/// Removes one node of a builder.
async fn leave(
    args: &CreateArgs,
    builder: &BuilderName,
    node: &NodeName,
    kube: &KubeArgs,
    env: &Env,
) -> Result<Finish> {
    let cluster = Cluster::find(kube, env).await?;
    farm::can_leave(&cluster, builder, node).await?;
    let what = Removal {
        builder,
        node: Some(node),
        keep_state: false,
        wait: Some(PATIENCE),
    };
    let is_real = wish(&args.change) == Wish::Change;
    if !is_real || args.change.output.is_some() {
        let shown = change::show(&trial::remove(&cluster, what).await?, &args.change)?;
        if !is_real {
            return Ok(shown);
        }
    }
    Box::pin(farm::remove(&cluster, what)).await?;
    if args.change.output.is_none() {
        render::line(&format!("node/{node} deleted"), io::stdout().lock())?;
    }
    Ok(Finish::Done)
}
