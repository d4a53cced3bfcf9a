//! What to say about a builder that is not there.

use strsim::osa_distance;

use crate::cluster::Cluster;
use crate::error::{Error, Kind};
use crate::model::{self, Builder, BuilderName};

/// No builders have these names; those that are there are named, the most similar first.
pub fn unknown_builder(cluster: &Cluster, names: &[&BuilderName], there: &[Builder]) -> Error {
    let namespace = cluster.namespace();
    let all: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    let error = Error::new(
        Kind::NotFound,
        format!("no builder {} in namespace {namespace:?}", all.join(", ")),
    );
    let first = all.first().copied().unwrap_or_default();
    let others = nearest(first, there.iter().map(|builder| builder.name.as_str()));
    if others.is_empty() {
        return error.hint(format!(
            "there are none; to make one: kubectl buildkit create {first} -n {namespace}"
        ));
    }
    let meant = model::nearest(first, &others).map(|meant| format!("did you mean {meant}? "));
    let meant = meant.unwrap_or_default();
    error.hint(format!("{meant}there are: {}", others.join(", ")))
}

fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_by_key(|other| (osa_distance(name, other), *other));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_similar_comes_first() {
        let names = ["alpha", "demo", "demo2", "dome"];
        assert_eq!(
            nearest("demo1", names.into_iter()),
            ["demo", "demo2", "dome", "alpha"]
        );
    }
}
