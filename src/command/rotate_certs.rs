//! `rotate-certs`.

use std::io;

use crate::cli::{KubeArgs, RotateCertsArgs};
use crate::env::Env;
use crate::error::Result;
use crate::farm::{self, trial};
use crate::model::Maker;
use crate::render;

use super::Finish;
use super::change::{self, Wish, wish};
use super::place::builder;
use super::wait;

/// Gives a builder new certificates, and waits for its pods if asked to.
pub(super) async fn run(args: &RotateCertsArgs, kube: &KubeArgs, env: &Env) -> Result<Finish> {
    let conflicts = args.force_conflicts.into();
    let args = &args.power;
    let output = change::output(&args.change, env)?;
    let (cluster, builder) = builder(args.named(), kube, env).await?;
    let node = args.node.as_ref();
    let wish = wish(&args.change);
    if wish != Wish::Change {
        let trials = Box::pin(trial::rotate(&cluster, &builder, node, wish.judge())).await?;
        return change::show(&trials, &args.change, output.as_ref());
    }
    let nodes = farm::rotate(&cluster, &builder, node, conflicts).await?;
    if let Some(form) = &output {
        change::objects(&trial::objects(&cluster, &builder, node).await?, form)?;
    } else {
        for node in &nodes {
            let line = format!("node/{node} has new certificates: its pods are replaced");
            render::line(&line, io::stdout().lock())?;
        }
    }
    if args.wait {
        let nodes: Vec<_> = nodes.into_iter().map(|node| (node, Maker::Ours)).collect();
        wait::for_nodes(&cluster, &builder, &nodes, args.timeout, env).await?;
    }
    Ok(Finish::Done)
}
