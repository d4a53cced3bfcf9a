//! `update`.

use std::io;

use crate::cli::{KubeArgs, UpdateArgs};
use crate::cluster::Conflicts;
use crate::env::Env;
use crate::error::Result;
use crate::farm::{self, Made, Updated};
use crate::plan::{self, placed};
use crate::render;

use super::place::{noted, place};
use super::wait;

/// Changes the settings of a builder, says which of its pods are replaced, and waits for them if
/// asked to.
pub(super) async fn run(args: &UpdateArgs, kube: &KubeArgs, env: &Env) -> Result<()> {
    let mut plan = plan::Update::new(args)?;
    let kube = placed(kube, plan.namespace.as_deref())?;
    render::notes(&plan.notes, io::stderr().lock())?;
    let given = args.name.as_ref().or(args.name_flag.as_ref());
    let name = plan::builder_name(given, env)?;
    let (cluster, memory) = place(&kube, env).await?;
    let found = farm::find(&cluster, name.as_ref(), &memory).await?;
    noted(&found, &memory)?;
    let cluster = found.cluster;
    plan.builder = found.builder.name;
    let conflicts = if args.force_conflicts {
        Conflicts::Force
    } else {
        Conflicts::Respect
    };
    let updated = farm::update(&cluster, &plan, conflicts).await?;
    for node in &updated {
        render::line(&line(node), io::stdout().lock())?;
    }
    let nodes: Vec<_> = updated.into_iter().map(|updated| updated.node).collect();
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
