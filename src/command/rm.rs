//! `rm`.

use std::io;

use futures::future::join_all;

use crate::cli::{KubeArgs, RmArgs};
use crate::cluster::Cluster;
use crate::env::Env;
use crate::error::{Error, Kind, Result};
use crate::farm::{self, Found, Removal, Scope, Whereabouts};
use crate::memory::Memory;
use crate::model::BuilderName;
use crate::render;

use super::place::{noted, place};

/// Removes builders; those that are not there are named at the end.
pub(super) async fn run(args: &RmArgs, kube: &KubeArgs, env: &Env) -> Result<()> {
    let (cluster, memory) = place(kube, env).await?;
    let names = once(&args.names);
    let removals = names
        .iter()
        .map(|builder| remove(args, &cluster, builder, &memory));
    let results = join_all(removals).await;

    let mut missing = Vec::new();
    let mut failure = None;
    for (name, result) in names.iter().zip(results) {
        match result {
            Ok(namespace) => {
                memory.gone(&namespace, name);
                render::line(&format!("builder/{name} deleted"), io::stdout().lock())?;
            }
            Err(error) if error.kind() == Kind::NotFound => missing.push((*name, error)),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    match (failure, missing.as_slice()) {
        (Some(error), _) => Err(error),
        (None, []) => Ok(()),
        (None, missing) => Err(unknown(&cluster, missing).await),
    }
}

/// Removes one builder; the namespace in which it was.
async fn remove(
    args: &RmArgs,
    cluster: &Cluster,
    builder: &BuilderName,
    memory: &Memory,
) -> Result<String> {
    let what = Removal {
        builder,
        node: None,
        keep_state: args.keep_state,
        wait: args.wait.then_some(args.timeout),
    };
    let found = farm::find(cluster, Some(builder), memory).await;
    if let Ok(found) = &found
        && found.whereabouts != Whereabouts::Searched
    {
        return remove_found(found, what, memory).await;
    }
    // What a run that failed half way left is no builder any more. It counts more than a builder
    // of that name in a namespace where nobody expects it.
    for place in farm::haunts(cluster, builder, memory) {
        if Box::pin(farm::remove(&place, what)).await? {
            return Ok(place.namespace().to_owned());
        }
    }
    remove_found(&found?, what, memory).await
}

async fn remove_found(found: &Found, what: Removal<'_>, memory: &Memory) -> Result<String> {
    noted(found, memory)?;
    Box::pin(farm::remove(&found.cluster, what)).await?;
    Ok(found.builder.namespace.clone())
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
