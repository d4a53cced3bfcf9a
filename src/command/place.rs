//! Where a command works: the cluster, and what this machine remembers of its builders.

use std::io;

use crate::cli::KubeArgs;
use crate::cluster::Cluster;
use crate::env::Env;
use crate::error::Result;
use crate::farm::{self, Found};
use crate::memory::Memory;
use crate::model::BuilderName;
use crate::plan;
use crate::render;

/// Finds the cluster; nothing is sent to it yet.
pub(super) async fn place(kube: &KubeArgs, env: &Env) -> Result<(Cluster, Memory)> {
    let cluster = Cluster::find(kube, env).await?;
    let memory = Memory::of(cluster.server(), cluster.context(), env);
    if let Some(trouble) = memory.trouble() {
        let note = format!("where builders were seen is not known: {trouble}");
        render::notes(&[note], io::stderr().lock())?;
    }
    Ok((cluster, memory))
}

/// Says where the builder is if that is not where its user may expect it, and remembers it.
pub(super) fn noted(found: &Found, memory: &Memory) -> Result<()> {
    found.remember(memory);
    let notes: Vec<String> = found.note().into_iter().collect();
    render::notes(&notes, io::stderr().lock())
}

/// Finds the builder that is meant: `given`, else what `BUILDX_BUILDER` or `use` says, else the only
/// one. The cluster is in its namespace.
pub(super) async fn builder(
    given: Option<&BuilderName>,
    kube: &KubeArgs,
    env: &Env,
) -> Result<(Cluster, BuilderName)> {
    let name = plan::builder_name(given, env)?;
    let (cluster, memory) = place(kube, env).await?;
    let found = farm::find(&cluster, name.as_ref(), &memory).await?;
    noted(&found, &memory)?;
    Ok((found.cluster, found.builder.name))
}
