//! `update`.

use std::io;

use crate::cli::{KubeArgs, UpdateArgs};
use crate::env::Env;
use crate::error::Result;
use crate::farm::{self, Made, Updated, trial};
use crate::model::Maker;
use crate::plan::{self, placed};
use crate::render;

use super::Finish;
use super::change::{self, Wish, wish};
use super::files::Local;
use super::place::builder;
use super::wait;

/// Changes the settings of a builder, says which of its pods are replaced, and waits for them if
/// asked to.
pub(super) async fn run(args: &UpdateArgs, kube: &KubeArgs, env: &Env) -> Result<Finish> {
    let output = change::output(&args.change, env)?;
    let mut plan = plan::Update::new(args, &Local(env))?;
    let kube = placed(kube, plan.namespace.as_deref())?;
    render::notes(&plan.notes, io::stderr().lock())?;
    let given = args.named();
    let (cluster, builder) = builder(given, &kube, env).await?;
    plan.builder = builder;
    let conflicts = args.force_conflicts.into();
    let wish = wish(&args.change);
    let changes = Box::pin(farm::changes(&cluster, &plan)).await?;
    render::notes(&changes.notes, io::stderr().lock())?;
    if wish != Wish::Change {
        let trials = trial::update(&cluster, &changes, wish.judge()).await?;
        return change::show(&trials, &args.change, output.as_ref());
    }
    let updated = Box::pin(farm::update(&cluster, &plan, changes, conflicts)).await?;
    if let Some(form) = &output {
        let objects = trial::objects(&cluster, &plan.builder, plan.node.as_ref()).await?;
        change::objects(&objects, form)?;
    } else {
        for node in &updated {
            render::line(&line(node), io::stdout().lock())?;
        }
    }
    let nodes = updated.into_iter().map(|one| (one.node, Maker::Ours));
    let nodes: Vec<_> = nodes.collect();
    if let Some(timeout) = plan.boot {
        wait::for_nodes(&cluster, &plan.builder, &nodes, timeout, env).await?;
    }
    Ok(Finish::Done)
}

fn line(updated: &Updated) -> String {
    let Updated { node, made, rolls } = updated;
    let pods = match (made, rolls) {
        (Made::Unchanged | Made::Adopted, _) => "",
        (_, true) => ": its pods are replaced, running builds go on until they are done",
        (_, false) => ": its pods stay",
    };
    format!("node/{node} {}{pods}", made.as_str())
}
