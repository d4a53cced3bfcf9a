//! `ls`.

use std::io;
use std::time::Instant;

use crate::cli::{KubeArgs, LsArgs};
use crate::cluster::Cluster;
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::farm::{self, Asked, Scope};
use crate::memory::Memory;
use crate::model::{Builder, BuilderName, OutputFormat};
use crate::plan;
use crate::render::{self, List};

use super::place::place;

/// Lists builders, and on standard error what is wrong with them.
pub(super) async fn run(args: &LsArgs, kube: &KubeArgs, env: &Env) -> Result<()> {
    let named = plan::builder_name(None, env)?;
    let (cluster, memory) = place(kube, env).await?;
    let start = Instant::now();
    let (mut builders, unseen) = list(args, &cluster, &memory).await?;
    let mut notes: Vec<String> = unseen.iter().map(not_seen).collect();
    // Names need no daemon's word.
    if args.output != OutputFormat::Name {
        let patience = farm::patience(start.elapsed(), &builders);
        let patience = args.timeout.unwrap_or(patience);
        let left = farm::ask(&cluster, &mut builders, Asked::OneOfEach, patience).await;
        notes.extend(not_asked(left));
    }
    let current = current(named.as_ref(), &builders, &cluster, &memory);
    let list = List {
        builders: &builders,
        namespace: (!args.all_namespaces).then(|| cluster.namespace()),
        current: current.as_ref().map(|(space, name)| (space.as_str(), name)),
        no_trunc: args.no_trunc,
        now: env::now(),
    };
    render::written(render::builders(&list, args.output, io::stdout().lock()))?;
    if matches!(args.output, OutputFormat::Table | OutputFormat::Wide) {
        render::written(render::troubles(&list, io::stderr().lock()))?;
    }
    render::notes(&notes, io::stderr().lock())
}

/// The builders, and the namespaces that could not be looked into.
async fn list(
    args: &LsArgs,
    cluster: &Cluster,
    memory: &Memory,
) -> Result<(Vec<Builder>, Vec<(String, Error)>)> {
    if args.all_namespaces {
        let all = farm::selected(cluster, Scope::Everywhere, &args.selector).await?;
        return Ok((all, Vec::new()));
    }
    let mut others = memory.namespaces();
    others.retain(|other| !cluster.namespace_is_given() && other != cluster.namespace());
    farm::spread(cluster, &others, &args.selector).await
}

fn not_seen((namespace, error): &(String, Error)) -> String {
    format!("builders of namespace {namespace:?} are not shown: {error}")
}

fn not_asked(left: usize) -> Option<String> {
    let daemons = match left {
        0 => return None,
        1 => "1 daemon was".to_owned(),
        many => format!("{many} daemons were"),
    };
    Some(format!(
        "{daemons} not asked for version and platforms, to save time; --timeout 30s gives all a chance"
    ))
}

/// The builder that is meant where none is named, and its namespace.
fn current(
    named: Option<&BuilderName>,
    builders: &[Builder],
    cluster: &Cluster,
    memory: &Memory,
) -> Option<(String, BuilderName)> {
    let Some(name) = named else {
        return farm::chosen(cluster, memory);
    };
    let mut places: Vec<&str> = builders
        .iter()
        .filter(|builder| builder.name == *name)
        .map(|builder| builder.namespace.as_str())
        .collect();
    let seen = memory.namespace_of(name);
    places.sort_by_key(|place| {
        let is_here = *place == cluster.namespace();
        (!is_here, seen.as_deref() != Some(*place))
    });
    Some(((*places.first()?).to_owned(), name.clone()))
}
