//! `scale`, `stop` and `start`.

use std::io;

use crate::cli::{KubeArgs, PowerArgs};
use crate::env::Env;
use crate::error::Result;
use crate::farm::{self, Found, Scale, Scaled};
use crate::plan;
use crate::render;

use super::place::{noted, place};
use super::wait;

/// Changes how many pods a builder has, and waits for them if asked to.
pub(super) async fn run(args: &PowerArgs, scale: Scale, kube: &KubeArgs, env: &Env) -> Result<()> {
    let name = plan::builder_name(args.name.as_ref(), env)?;
    let (cluster, memory) = place(kube, env).await?;
    let found = farm::find(&cluster, name.as_ref(), &memory).await?;
    noted(&found, &memory)?;
    let Found {
        cluster, builder, ..
    } = found;
    let builder = builder.name;
    let scaled = farm::scale(&cluster, &builder, args.node.as_ref(), scale).await?;
    for node in &scaled {
        render::line(&line(node, scale), io::stdout().lock())?;
    }
    if !args.wait {
        return Ok(());
    }
    let nodes: Vec<_> = scaled.into_iter().map(|scaled| scaled.node).collect();
    wait::for_nodes(&cluster, &builder, &nodes, args.timeout, env).await
}

fn line(scaled: &Scaled, scale: Scale) -> String {
    let Scaled { node, from, to } = scaled;
    if from == to {
        return format!("node/{node} unchanged");
    }
    match scale {
        Scale::Stop => format!("node/{node} stopped"),
        Scale::Start => format!("node/{node} started: {to} pods"),
        Scale::To(_) => format!("node/{node} scaled: {from} to {to} pods"),
    }
}
