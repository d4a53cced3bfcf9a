//! `rm`.

use std::io;

use futures::future::join_all;

use crate::cli::{KubeArgs, RmArgs};
use crate::cluster::Cluster;
use crate::env::Env;
use crate::error::{Error, Kind, Result};
use crate::farm::{self, Found, Removal, Scope, Trial, Whereabouts, trial};
use crate::memory::Memory;
use crate::model::{BuilderName, Node, NodeStatus};
use crate::render;

use super::Finish;
use super::change::{self, Wish, wish};
use super::place::{noted, place};

/// Removes builders; those that are not there are named at the end.
pub(super) async fn run(args: &RmArgs, kube: &KubeArgs, env: &Env) -> Result<Finish> {
    let output = change::output(&args.change, env)?;
    let (cluster, memory) = place(kube, env).await?;
    let inactive = inactive(args, &cluster).await?;
    let names = once(args.names.iter().chain(&inactive));
    let removal = |builder| Removal {
        builder,
        node: None,
        keep_state: args.keep_state,
        wait: args.wait.then_some(args.timeout),
    };
    let homes = join_all(
        names
            .iter()
            .map(|name| home(&cluster, removal(name), &memory)),
    );
    let homes: Vec<_> = names.iter().copied().zip(homes.await).collect();
    let is_real = wish(&args.change) == Wish::Change;
    if !is_real || output.is_some() {
        let there = homes
            .iter()
            .filter_map(|(name, home)| Some((home.as_ref().ok()?, *name)));
        let there = there.map(|(home, name)| (home, removal(name)));
        let shown = change::show(&trials(there).await?, &args.change, output.as_ref())?;
        if !is_real {
            let missing = homes.into_iter().filter_map(|(_, home)| home.err());
            return missing.into_iter().next().map_or(Ok(shown), Err);
        }
    }
    let removals = homes.into_iter().map(|(name, home)| async move {
        let home = home?;
        Box::pin(farm::remove(&home, removal(name))).await?;
        Ok(home)
    });
    let results: Vec<Result<Cluster>> = join_all(removals).await;

    let mut missing = Vec::new();
    let mut failure = None;
    for (name, result) in names.iter().zip(results) {
        match result {
            Ok(home) => {
                memory.gone(home.namespace(), name);
                if output.is_none() {
                    render::line(&format!("builder/{name} deleted"), io::stdout().lock())?;
                }
            }
            Err(error) if error.kind() == Kind::NotFound => missing.push((*name, error)),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    match (failure, missing.as_slice()) {
        (Some(error), _) => Err(error),
        (None, []) => Ok(Finish::Done),
        (None, missing) => Err(unknown(&cluster, missing).await),
    }
}

/// The cluster in the namespace that holds the builder, or what is left of it.
async fn home(cluster: &Cluster, what: Removal<'_>, memory: &Memory) -> Result<Cluster> {
    let found = farm::find(cluster, Some(what.builder), memory).await;
    if let Ok(found) = &found
        && found.whereabouts != Whereabouts::Searched
    {
        noted(found, memory)?;
        return Ok(found.cluster.clone());
    }
    // What a run that failed half way left is no builder any more. It counts more than a builder
    // of that name in a namespace where nobody expects it.
    for place in farm::haunts(cluster, what.builder, memory) {
        if !trial::remove(&place, what).await?.is_empty() {
            return Ok(place);
        }
    }
    Err(elsewhere(&found?))
}

/// Who removes something must know where it is: in a namespace that this machine never used the
/// builder may be somebody else's.
fn elsewhere(found: &Found) -> Error {
    let name = &found.builder.name;
    let namespace = found.cluster.namespace();
    Error::usage(format!(
        "no builder {name} here, but one in namespace {namespace:?}"
    ))
    .hint(format!(
        "if that is meant: kubectl buildkit rm {name} -n {namespace}"
    ))
}

/// What would be removed.
async fn trials(removals: impl Iterator<Item = (&Cluster, Removal<'_>)>) -> Result<Vec<Trial>> {
    let mut all = Vec::new();
    for (home, what) in removals {
        all.extend(trial::remove(home, what).await?);
    }
    Ok(all)
}

/// With `--all-inactive`, the builders of which no node takes builds or is about to.
async fn inactive(args: &RmArgs, cluster: &Cluster) -> Result<Vec<BuilderName>> {
    if !args.all_inactive {
        return Ok(Vec::new());
    }
    let is_active =
        |node: &Node| matches!(node.status(), NodeStatus::Running | NodeStatus::Starting);
    let mut there = farm::builders(cluster, Scope::Namespace).await?;
    there.retain(|builder| !builder.nodes.iter().any(is_active));
    if there.is_empty() {
        let namespace = cluster.namespace();
        let note = format!("no builder in namespace {namespace:?} is inactive");
        render::notes(&[note], io::stderr().lock())?;
    }
    Ok(there.into_iter().map(|builder| builder.name).collect())
}

fn once<'a>(names: impl Iterator<Item = &'a BuilderName>) -> Vec<&'a BuilderName> {
    let mut result: Vec<&BuilderName> = Vec::new();
    for name in names {
        if !result.contains(&name) {
            result.push(name);
        }
    }
    result
}

/// All that are missing in one error, beside what is still there.
async fn unknown(cluster: &Cluster, missing: &[(&BuilderName, Error)]) -> Error {
    let names: Vec<&BuilderName> = missing.iter().map(|(name, _)| *name).collect();
    let causes = missing.first().map(|(_, error)| error.causes());
    let cause = causes.unwrap_or_default().join("\n");
    let error = match farm::builders(cluster, Scope::Namespace).await {
        Ok(there) => farm::unknown_builder(cluster, &names, &there),
        Err(error) => return Error::new(Kind::NotFound, "no such builder").because(error),
    };
    if cause.is_empty() {
        return error;
    }
    error.because(cause)
}
