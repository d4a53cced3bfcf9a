//! `scale`, `stop` and `start`.

use std::io;

use crate::cli::{KubeArgs, PowerArgs};
use crate::env::Env;
use crate::error::Result;
use crate::farm::{self, Scale, Scaled, trial};
use crate::render;

use super::Finish;
use super::change::{self, Wish, wish};
use super::place::builder;
use super::wait;

/// Changes how many pods a builder has, and waits for them if asked to.
pub(super) async fn run(args: &PowerArgs, to: Scale, kube: &KubeArgs, env: &Env) -> Result<Finish> {
    let output = change::output(&args.change, env)?;
    let (cluster, builder) = builder(args.named(), kube, env).await?;
    let node = args.node.as_ref();
    let wish = wish(&args.change);
    if wish != Wish::Change {
        let trials = trial::scale(&cluster, &builder, node, to, wish.judge()).await?;
        return change::show(&trials, &args.change, output.as_ref());
    }
    let scaled = farm::scale(&cluster, &builder, node, to).await?;
    if let Some(form) = &output {
        change::objects(&trial::objects(&cluster, &builder, node).await?, form)?;
    } else {
        for node in &scaled {
            render::line(&line(node, to), io::stdout().lock())?;
        }
    }
    if args.wait {
        let nodes = scaled.into_iter().map(|scaled| (scaled.node, scaled.maker));
        let nodes: Vec<_> = nodes.collect();
        wait::for_nodes(&cluster, &builder, &nodes, args.timeout, env).await?;
    }
    Ok(Finish::Done)
}

fn line(scaled: &Scaled, scale: Scale) -> String {
    let Scaled { node, from, to, .. } = scaled;
    if from == to {
        return format!("node/{node} unchanged");
    }
    let pods = if *to == 1 { "pod" } else { "pods" };
    match scale {
        Scale::Stop => format!("node/{node} stopped"),
        Scale::Start => format!("node/{node} started: {to} {pods}"),
        Scale::To(_) => format!("node/{node} scaled: {to} {pods} instead of {from}"),
    }
}
