//! `update`.

use std::io;

use crate::cli::{KubeArgs, UpdateArgs};
use crate::cluster::{Cluster, Conflicts};
use crate::env::Env;
use crate::error::Result;
use crate::farm::{self, Made, Updated};
use crate::model::Maker;
use crate::plan::{self, placed};
use crate::render;

use super::wait;

/// Changes the settings of a builder, says which of its pods are replaced, and waits for them if
/// asked to.
pub(super) async fn run(args: &UpdateArgs, kube: &KubeArgs, env: &Env) -> Result<()> {
    let plan = plan::Update::new(args)?;
    let kube = placed(kube, plan.namespace.as_deref())?;
    render::notes(&plan.notes, io::stderr().lock())?;
    let cluster = Cluster::find(&kube, env).await?;
    let conflicts = if args.force_conflicts {
        Conflicts::Force
    } else {
        Conflicts::Respect
    };
    let updated = farm::update(&cluster, &plan, conflicts).await?;
    for node in &updated {
        render::line(&line(node), io::stdout().lock())?;
    }
    let nodes = updated.into_iter().map(|one| (one.node, Maker::Ours));
    let nodes: Vec<_> = nodes.collect();
    match plan.boot {
        Some(timeout) => wait::for_nodes(&cluster, &plan.builder, &nodes, timeout, env).await,
        None => Ok(()),
    }
}

fn line(updated: &Updated) -> String {
    let Updated { node, made, rolls } = updated;
    let pods = match (made, rolls) {
        (Made::Unchanged, _) => "",
        (_, true) => ": its pods are replaced, running builds go on until they are done",
        (_, false) => ": its pods stay",
    };
    format!("node/{node} {}{pods}", made.as_str())
}
