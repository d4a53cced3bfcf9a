//! Where is it? A builder is looked for in the namespace that was asked for and in no other. If
//! none was: in that of the kube context, where this machine saw it last, and then everywhere.

pub(super) mod choose;
pub(super) mod follow;
pub(super) mod name;
pub(super) mod survey;
pub(super) mod workload;

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;

use crate::cluster::Cluster;
use crate::error::{Error, Kind, Result};
use crate::memory::Memory;
use crate::model::{Builder, BuilderName};

use self::choose::{NoBuilder, choose_builder};
use self::name::unknown_builder;
use self::survey::builders;
use self::workload::Scope;

/// A builder, and where it is.
#[derive(Debug, Clone)]
pub struct Found {
    /// The cluster, in the builder's namespace.
    pub cluster: Cluster,
    /// The builder as the cluster's objects show it.
    pub builder: Builder,
    /// How its namespace came about.
    pub whereabouts: Whereabouts,
}

/// How the namespace of a builder came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whereabouts {
    /// It was asked for, or it is the kube context's.
    Expected,
    /// The builder was chosen there with `use`.
    Chosen,
    /// This machine saw the builder there last.
    Remembered,
    /// All namespaces were searched.
    Searched,
}

/// What a search came to.
pub(super) enum Search {
    /// It is there.
    Found(Box<Found>),
    /// It is not.
    Missing(Missing),
}

/// A builder that was not found.
#[derive(Debug)]
pub(super) struct Missing {
    /// Its name; none if any would have done.
    name: Option<BuilderName>,
    /// Whether `use` chose it.
    is_chosen: bool,
    /// The builders of the namespace in which it was expected.
    here: Vec<Builder>,
    elsewhere: Elsewhere,
}

/// What is known of the other namespaces.
#[derive(Debug)]
enum Elsewhere {
    /// They do not matter.
    NotSearched,
    /// It is in none of them.
    Searched,
    /// They could not be searched.
    Unseen(Error),
}

/// The builder `name`; if none is named, the one that `use` chose, else the only one of the
/// namespace or the one with the default name.
pub async fn find(cluster: &Cluster, name: Option<&BuilderName>, memory: &Memory) -> Result<Found> {
    match search(cluster, name, memory).await? {
        Search::Found(found) => Ok(*found),
        Search::Missing(missing) => Err(missing.error(cluster)),
    }
}

/// The builder that `use` chose, if that counts: a namespace that was asked for counts more.
pub fn chosen(cluster: &Cluster, memory: &Memory) -> Option<(String, BuilderName)> {
    let chosen = memory.chosen()?;
    let counts = !cluster.namespace_is_given() || cluster.namespace() == chosen.namespace;
    counts.then_some((chosen.namespace, chosen.name))
}

/// The namespaces, as clusters, in which what is left of a builder may be: the expected one, and
/// where it was seen last.
pub fn haunts(cluster: &Cluster, name: &BuilderName, memory: &Memory) -> Vec<Cluster> {
    let seen = memory.namespace_of(name);
    let seen = seen.filter(|seen| !cluster.namespace_is_given() && seen != cluster.namespace());
    let seen = seen.map(|seen| cluster.in_namespace(&seen));
    std::iter::once(cluster.clone()).chain(seen).collect()
}

pub(super) async fn search(
    cluster: &Cluster,
    name: Option<&BuilderName>,
    memory: &Memory,
) -> Result<Search> {
    let chosen = match name {
        Some(_) => None,
        None => chosen(cluster, memory),
    };
    let (chosen, name) = match (chosen, name) {
        (Some((namespace, name)), _) => (Some(namespace), name),
        (None, Some(name)) => (None, name.clone()),
        (None, None) => return any(cluster).await,
    };
    let places = places(cluster, &name, chosen.clone(), memory);
    let lists = join_all(places.iter().map(|(cluster, _)| list(cluster))).await;
    let mut here = Ok(Vec::new());
    for ((place, whereabouts), list) in places.into_iter().zip(lists) {
        if let Ok(there) = &list
            && let Some(builder) = choose::find(there, &name)
        {
            return Ok(found(place, builder, whereabouts));
        }
        if list.is_ok() {
            memory.missed(place.namespace(), &name);
        }
        if place.namespace() == cluster.namespace() {
            here = list;
        }
    }
    let mut missing = Missing {
        name: Some(name),
        is_chosen: chosen.is_some(),
        // Who may not look here may not look everywhere.
        here: here?,
        elsewhere: Elsewhere::NotSearched,
    };
    if cluster.namespace_is_given() {
        return Ok(Search::Missing(missing));
    }
    match everywhere(cluster, &missing).await {
        Ok(Some(builder)) => {
            let cluster = cluster.in_namespace(&builder.namespace);
            return Ok(found(cluster, builder, Whereabouts::Searched));
        }
        Ok(None) => missing.elsewhere = Elsewhere::Searched,
        Err(error) if error.kind() == Kind::Usage => return Err(error),
        Err(error) => missing.elsewhere = Elsewhere::Unseen(error),
    }
    Ok(Search::Missing(missing))
}

async fn list(cluster: &Cluster) -> Result<Vec<Builder>> {
    builders(cluster, Scope::Namespace).await
}

fn found(cluster: Cluster, builder: Builder, whereabouts: Whereabouts) -> Search {
    Search::Found(Box::new(Found {
        cluster,
        builder,
        whereabouts,
    }))
}

/// Where to look before everywhere, each namespace once. They are asked at the same time: a
/// builder that lives elsewhere must not cost each build a round trip more.
fn places(
    cluster: &Cluster,
    name: &BuilderName,
    chosen: Option<String>,
    memory: &Memory,
) -> Vec<(Cluster, Whereabouts)> {
    let asked = cluster.namespace_is_given();
    let seen = memory.namespace_of(name).filter(|_| !asked);
    let all = [
        (chosen.filter(|_| !asked), Whereabouts::Chosen),
        (Some(cluster.namespace().to_owned()), Whereabouts::Expected),
        (seen, Whereabouts::Remembered),
    ];
    let mut known = BTreeSet::new();
    let mut places = Vec::new();
    for (namespace, whereabouts) in all {
        if let Some(namespace) = namespace.filter(|namespace| known.insert(namespace.clone())) {
            places.push((cluster.in_namespace(&namespace), whereabouts));
        }
    }
    places
}

/// Any builder of the namespace, if no other can be meant.
async fn any(cluster: &Cluster) -> Result<Search> {
    let here = list(cluster).await?;
    match choose_builder(&here) {
        Ok(builder) => {
            let builder = builder.clone();
            Ok(found(cluster.clone(), builder, Whereabouts::Expected))
        }
        Err(NoBuilder::Several(names)) => Err(several(cluster, &names)),
        Err(NoBuilder::Missing) => Ok(Search::Missing(Missing {
            name: None,
            is_chosen: false,
            here,
            elsewhere: Elsewhere::NotSearched,
        })),
    }
}

/// The only builder of that name in any namespace.
async fn everywhere(cluster: &Cluster, missing: &Missing) -> Result<Option<Builder>> {
    let Some(name) = &missing.name else {
        return Ok(None);
    };
    let mut places: BTreeMap<String, Vec<Builder>> = BTreeMap::new();
    for builder in builders(cluster, Scope::Everywhere).await? {
        let place = places.entry(builder.namespace.clone()).or_default();
        place.push(builder);
    }
    let there = places.values();
    let mut all: Vec<Builder> = there
        .filter_map(|there| choose::find(there, name))
        .collect();
    match all.as_slice() {
        [] | [_] => Ok(all.pop()),
        [first, ..] => {
            let namespaces: Vec<&str> = all.iter().map(|b| b.namespace.as_str()).collect();
            Err(Error::usage(format!(
                "there are several builders {name}: in the namespaces {}",
                namespaces.join(", ")
            ))
            .hint(format!("say which, for instance: -n {}", first.namespace)))
        }
    }
}

fn several(cluster: &Cluster, names: &[BuilderName]) -> Error {
    let names: Vec<&str> = names.iter().map(BuilderName::as_str).collect();
    Error::usage(format!(
        "several builders in namespace {:?}: {}",
        cluster.namespace(),
        names.join(", ")
    ))
    .hint("name one, with --builder or BUILDX_BUILDER, or choose one: kubectl buildkit use NAME")
}

impl Found {
    /// Remembers where it is.
    pub fn remember(&self, memory: &Memory) {
        memory.seen(&self.builder.namespace, &self.builder.name);
    }

    /// What to tell the user, who may have expected it elsewhere.
    pub fn note(&self) -> Option<String> {
        let Builder {
            name, namespace, ..
        } = &self.builder;
        matches!(
            self.whereabouts,
            Whereabouts::Remembered | Whereabouts::Searched
        )
        .then(|| format!("builder {name} is in namespace {namespace:?}"))
    }
}

impl Missing {
    /// Whether nothing speaks against making it: nobody counted on it, and nothing else is there.
    pub(super) fn may_be_made(&self) -> bool {
        self.here.is_empty() && !self.is_chosen
    }

    /// The error that says where it is not.
    pub(super) fn error(&self, cluster: &Cluster) -> Error {
        let namespace = cluster.namespace();
        let Some(name) = &self.name else {
            return Error::new(
                Kind::NotFound,
                format!("no builder in namespace {namespace:?}"),
            )
            .hint(format!("make one: kubectl buildkit create -n {namespace}"));
        };
        if self.is_chosen {
            return Error::new(
                Kind::NotFound,
                format!("builder {name}, which was chosen with `use`, is not there any more"),
            )
            .hint(
                "choose another: kubectl buildkit use NAME; or none: kubectl buildkit use --unset",
            );
        }
        let error = unknown_builder(cluster, &[name], &self.here);
        match &self.elsewhere {
            Elsewhere::NotSearched => error,
            Elsewhere::Searched => error.because("nor in any other namespace"),
            Elsewhere::Unseen(cause) => error.because(format!(
                "other namespaces cannot be searched: {cause}\nname its namespace with -n if it is in one"
            )),
        }
    }
}

#[cfg(test)]
#[path = "find_tests.rs"]
mod tests;
