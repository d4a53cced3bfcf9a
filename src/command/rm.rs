//! `rm`.

use std::io;

use futures::future::join_all;

use crate::cli::{KubeArgs, RmArgs};
use crate::cluster::Cluster;
use crate::env::Env;
use crate::error::{Error, Kind, Result};
use crate::farm::{self, Removal, Scope, trial};
use crate::model::BuilderName;
use crate::render;

use super::Finish;
use super::change::{self, Wish, wish};

/// Removes builders; those that are not there are named at the end.
pub(super) async fn run(args: &RmArgs, kube: &KubeArgs, env: &Env) -> Result<Finish> {
    let cluster = Cluster::find(kube, env).await?;
    let wait = args.wait.then_some(args.timeout);
    let names = once(&args.names);
    let removal = |builder| Removal {
        builder,
        node: None,
        keep_state: args.keep_state,
        wait,
    };
    let is_real = wish(&args.change) == Wish::Change;
    if !is_real || args.change.output.is_some() {
        let shown = show(args, &cluster, names.iter().copied().map(removal)).await?;
        if !is_real {
            return Ok(shown);
        }
    }
    let removals = names
        .iter()
        .map(|builder| farm::remove(&cluster, removal(builder)));
    let results = join_all(removals).await;

    let mut missing = Vec::new();
    let mut failure = None;
    for (name, result) in names.iter().zip(results) {
        match result {
            Ok(true) if args.change.output.is_some() => {}
            Ok(true) => render::line(&format!("builder/{name} deleted"), io::stdout().lock())?,
            Ok(false) => missing.push(*name),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    match (failure, missing.as_slice()) {
        (Some(error), _) => Err(error),
        (None, []) => Ok(Finish::Done),
        (None, missing) => Err(unknown(&cluster, missing).await),
    }
}

/// Shows what would be removed.
async fn show(
    args: &RmArgs,
    cluster: &Cluster,
    removals: impl Iterator<Item = Removal<'_>>,
) -> Result<Finish> {
    let mut all = Vec::new();
    for what in removals {
        let trials = trial::remove(cluster, what).await?;
        if trials.is_empty() {
            return Err(unknown(cluster, &[what.builder]).await);
        }
        all.extend(trials);
    }
    change::show(&all, &args.change)
}

fn once(names: &[BuilderName]) -> Vec<&BuilderName> {
    let mut result: Vec<&BuilderName> = Vec::new();
    for name in names {
        if !result.contains(&name) {
            result.push(name);
        }
    }
    result
}

async fn unknown(cluster: &Cluster, missing: &[&BuilderName]) -> Error {
    match farm::builders(cluster, Scope::Namespace).await {
        Ok(there) => farm::unknown_builder(cluster, missing, &there),
        Err(error) => Error::new(Kind::NotFound, "no such builder").because(error),
    }
}
