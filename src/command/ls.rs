//! `ls`.

use std::io;
use std::time::Instant;

use crate::cli::{Document, KubeArgs, LsArgs, Shape};
use crate::cluster::Cluster;
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::farm::{self, Asked, Scope};
use crate::memory::Memory;
use crate::model::{Builder, BuilderName};
use crate::plan;
use crate::render::{self, List};

use super::form::shape;
use super::place::place;

/// Lists builders, and on standard error what is wrong with them.
pub(super) async fn run(args: &LsArgs, kube: &KubeArgs, env: &Env) -> Result<()> {
    let shape = shape(&args.output, env)?;
    let named = plan::builder_name(args.builder.as_ref(), env)?;
    let (cluster, memory) = place(kube, env).await?;
    let start = Instant::now();
    let (mut builders, unseen) = list(args, &cluster, &memory).await?;
    let mut notes: Vec<String> = unseen.iter().map(not_seen).collect();
    // Names need no daemon's word.
    if shape != Shape::Document(Document::Name) {
        let patience = farm::patience(start.elapsed(), &builders);
        let patience = args.timeout.unwrap_or(patience);
        let left = farm::ask(&cluster, &mut builders, Asked::OneOfEach, patience).await;
        notes.extend(not_asked(left));
    }
    let current = current(named.as_ref(), &builders, &cluster, &memory);
    let list = List {
        current: current.as_ref().map(|(space, name)| (space.as_str(), name)),
        ..listed(args, &builders, &cluster)
    };
    render::written(render::builders(&list, &shape, io::stdout().lock()))?;
    if !matches!(shape, Shape::Document(_)) {
        render::written(render::troubles(&list, io::stderr().lock()))?;
    }
    render::notes(&notes, io::stderr().lock())
}

/// Builders as the flags want them shown.
pub(super) fn listed<'a>(args: &LsArgs, builders: &'a [Builder], cluster: &'a Cluster) -> List<'a> {
    List {
        builders,
        namespace: (!args.all_namespaces).then(|| cluster.namespace()),
        current: None,
        no_trunc: args.table.no_trunc,
        has_header: !args.table.no_headers,
        width: env::output_columns(),
        now: env::now(),
    }
}

/// The namespaces in which this machine saw builders before, where none is asked for.
pub(super) fn others(cluster: &Cluster, memory: &Memory) -> Vec<String> {
    let mut others = memory.namespaces();
    others.retain(|other| !cluster.namespace_is_given() && other != cluster.namespace());
    others
}

/// The builders, and the namespaces that could not be looked into.
async fn list(
    args: &LsArgs,
    cluster: &Cluster,
    memory: &Memory,
) -> Result<(Vec<Builder>, Vec<(String, Error)>)> {
    let selector = args.selector.to_string();
    if args.all_namespaces {
        let all = farm::selected(cluster, Scope::Everywhere, &selector).await?;
        return Ok((all, Vec::new()));
    }
    let mut others = others(cluster, memory);
    let (there, unseen) = farm::spread(cluster, &others, &selector).await?;
    if args.selector.is_empty() {
        others.retain(|other| unseen.iter().all(|(namespace, _)| namespace != other));
        forget_missing(&others, &there, memory);
    }
    Ok((there, unseen))
}

/// Forgets builders that are no longer where they were seen.
fn forget_missing(namespaces: &[String], there: &[Builder], memory: &Memory) {
    for seen in memory.builders() {
        let is_there = there
            .iter()
            .any(|builder| builder.namespace == seen.namespace && builder.name == seen.name);
        if namespaces.contains(&seen.namespace) && !is_there {
            memory.missed(&seen.namespace, &seen.name);
        }
    }
}

pub(super) fn not_seen((namespace, error): &(String, Error)) -> String {
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
pub(super) fn current(
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::fake;
    use crate::manifest::{self, Identity};
    use crate::plan::Create;
    use std::time::Duration;

    fn builder(place: &str) -> Builder {
        let (namespace, name) = place.split_once('/').unwrap();
        let plan = Create::by_default(Some(&name.parse().unwrap()), Duration::ZERO).unwrap();
        let identity = Identity::default();
        let workload = manifest::workload(&plan.node, &identity).unwrap();
        let mut builder = manifest::builders(&[workload], &[]).remove(0);
        namespace.clone_into(&mut builder.namespace);
        builder
    }

    #[tokio::test]
    async fn the_star_is_where_a_build_would_go() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().to_str().unwrap();
        let env = Env::from_variables([("KUBECTL_BUILDKIT_STATE", state)]);
        let memory = || Memory::of("https://fake", "fake", &env);
        let cluster = fake::cluster(|_| std::future::pending());
        let there = ["other/a", "seen/a", "team/b", "seen/b"].map(builder);
        let star = |named: Option<&str>| {
            let named = named.map(|name| name.parse().unwrap());
            let current = current(named.as_ref(), &there, &cluster, &memory());
            current.map(|(namespace, name)| format!("{namespace}/{name}"))
        };
        assert_eq!(star(None), None);
        assert_eq!(star(Some("b")).as_deref(), Some("team/b"));
        assert_eq!(star(Some("c")), None);
        memory().seen("seen", &"a".parse().unwrap());
        assert_eq!(star(Some("a")).as_deref(), Some("seen/a"));
        memory().choose("seen", &"b".parse().unwrap()).unwrap();
        assert_eq!(star(None).as_deref(), Some("seen/b"));
        assert_eq!(star(Some("b")).as_deref(), Some("team/b"));
    }

    #[test]
    fn what_is_no_longer_there_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().to_str().unwrap();
        let env = Env::from_variables([("KUBECTL_BUILDKIT_STATE", state)]);
        let memory = || Memory::of("https://fake", "fake", &env);
        for place in ["seen/a", "seen/b", "closed/c"] {
            let (namespace, name) = place.split_once('/').unwrap();
            memory().seen(namespace, &name.parse().unwrap());
        }
        forget_missing(&["seen".to_owned()], &[builder("seen/a")], &memory());
        let left = memory().builders();
        let left: Vec<&str> = left.iter().map(|seen| seen.name.as_str()).collect();
        assert_eq!(left, ["c", "a"]);
    }
}
