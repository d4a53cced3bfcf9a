//! Makes builders that docker buildx made ours.

use std::path::Path;

use k8s_openapi::api::core::v1::ConfigMap;

use crate::cluster::{Cluster, Written};
use crate::error::{Error, Kind, Result};
use crate::farm::find::workload;
use crate::manifest::{self, BUILDX_CONFIG, MountedFiles, Workload};
use crate::model::{BuilderName, NodeName};
use crate::plan::{DaemonConfig, Mode, NodePlan, Update};

use super::buildx;
use super::gone::delete_all;
use super::node;
use super::scale;
use super::targets::unreadable;
use super::version::gone;

/// How often something is tried again that somebody else changes at the same time.
const TRIES: usize = 5;
/// How long Kubernetes lets a pod go on where nothing else is said.
const GRACE_SECONDS: i64 = 30;

/// The settings of a node that buildx made; beside them what its user should know.
pub(super) async fn before(
    cluster: &Cluster,
    there: &Workload,
    update: &Update,
) -> Result<(NodePlan, Vec<String>)> {
    refuse_volumes(there)?;
    let (config, mut notes) = if update.replaces_config() {
        (None, Vec::new())
    } else {
        config(cluster, there, &update.builder).await?
    };
    let plan = manifest::plan_with(there, config, update.builder.clone());
    let plan = plan.ok_or_else(|| unreadable(there))?;
    if let Some(config) = &plan.daemon.config {
        let checked = config.check(plan.mode);
        checked.map_err(|error| unusable(there, &update.builder, &error))?;
        if plan.mode == Mode::Rootless {
            notes.push(format!(
                "node {} is rootless, where buildx's daemons do not read their configuration: it will \
                 count from now on",
                plan.name
            ));
        }
    }
    Ok((plan, notes))
}

fn refuse_volumes(there: &Workload) -> Result<()> {
    let Workload::StatefulSet(_) = there else {
        return Ok(());
    };
    let name = there.name();
    Err(Error::usage(format!(
        "docker buildx made node {name} with volumes: it cannot become one of ours"
    ))
    .because("the volumes of a StatefulSet never change, and ours have other names")
    .hint(
        "make another builder (kubectl buildkit create NAME --storage SIZE), then remove this one \
         with kubectl buildkit rm",
    ))
}

/// The configuration of the daemon, if it has one.
async fn config(
    cluster: &Cluster,
    there: &Workload,
    builder: &BuilderName,
) -> Result<(Option<DaemonConfig>, Vec<String>)> {
    let mut maps = Vec::new();
    for (_, name) in manifest::mounted_config_maps(there) {
        let map = cluster.get::<ConfigMap>(&name).await?;
        let gone = || Error::new(Kind::NotReady, format!("configmap {name:?} is gone"));
        maps.push(map.ok_or_else(|| unusable(there, builder, &gone()))?);
    }
    let files = MountedFiles::new(there, &maps);
    if !files.has_config() {
        return Ok((None, Vec::new()));
    }
    let read = DaemonConfig::at(Path::new(BUILDX_CONFIG), &files);
    let (config, notes) = read.map_err(|error| unusable(there, builder, &error))?;
    Ok((Some(config), notes))
}

fn unusable(there: &Workload, builder: &BuilderName, error: &Error) -> Error {
    let name = there.name();
    let mut lines = vec![error.to_string()];
    lines.extend(error.causes());
    Error::usage(format!(
        "the configuration of node {name} cannot be taken over"
    ))
    .because(lines.join("\n"))
    .hint(format!(
        "give another, kubectl buildkit update {builder} --buildkitd-config FILE, or go without: \
         kubectl buildkit update {builder} --unset buildkitd-config"
    ))
}

/// What an apply will make of a node that buildx made, once that is claimed.
pub(super) async fn result(
    cluster: &Cluster,
    there: &Workload,
    ours: &Workload,
) -> Result<Workload> {
    let patch = manifest::adoption(&node::json(there)?, &node::json(ours)?);
    scale::write(cluster, there, &patch, Written::DryRun).await
}

/// What becomes of a node that buildx made, for its user.
pub(super) async fn notes(
    cluster: &Cluster,
    plan: &NodePlan,
    there: &Workload,
) -> Result<Vec<String>> {
    let pair = node::made()?;
    let ours = node::wanted(plan, &pair.daemon, Some(there))?;
    let result = result(cluster, there, &ours).await?;
    let differences = manifest::differences(&node::json(there)?, &node::json(&result)?);
    let (kind, name) = (there.kind(), there.name());
    let mut notes = vec![format!("{kind} {name} {}", manifest::summary(&differences))];
    let maps = manifest::buildx_config_maps(there);
    if !maps.is_empty() {
        notes.push(format!("configmaps {} go", maps.join(", ")));
    }
    if there.replicas() > 0 && manifest::rolls(&differences) {
        notes.push(format!(
            "pods of {name} are replaced, with their caches; builds in them have {} s to end",
            grace(there)
        ));
    }
    Ok(notes)
}

fn grace(there: &Workload) -> i64 {
    let spec = there.template().and_then(|template| template.spec.as_ref());
    let seconds = spec.and_then(|spec| spec.termination_grace_period_seconds);
    seconds.unwrap_or(GRACE_SECONDS)
}

/// Notes on a node for which builder it is, and makes its fields ours. It stays what buildx made
/// until it is applied, so that a run that was killed is found and completed.
pub(super) async fn claim(cluster: &Cluster, node: &NodeName, builder: &BuilderName) -> Result<()> {
    let mut refused: Option<(Option<String>, Error)> = None;
    for _ in 0..TRIES {
        let Some(there) = workload::get(cluster, node.as_str()).await? else {
            break;
        };
        let version = there.metadata().resource_version.clone();
        match refused {
            // Nobody changed it meanwhile, so that was not why.
            Some((before, error)) if before == version => return Err(error),
            _ => {}
        }
        let Some(patch) = manifest::claim(&there, builder) else {
            return Ok(());
        };
        match scale::write(cluster, &there, &patch, Written::Really).await {
            Ok(_) => return Ok(()),
            Err(error) => refused = Some((version, error)),
        }
    }
    Err(match refused {
        Some((_, error)) => error,
        None => gone(node),
    })
}

/// Removes what an adopted node needs no more, and then the note.
pub(super) async fn finish(cluster: &Cluster, written: &Workload) -> Result<()> {
    if manifest::adopted_by(written).is_none() {
        return Ok(());
    }
    let maps = buildx::config_maps(cluster, written).await?;
    delete_all(cluster, &maps).await?;
    scale::write(cluster, written, &manifest::adopted(), Written::Really)
        .await
        .map(drop)
}

#[cfg(test)]
#[path = "adopt_tests.rs"]
mod tests;
