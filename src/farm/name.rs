//! What to say about a builder that is not there.

use crate::cluster::Cluster;
use crate::error::{Error, Kind};
use crate::model::{Builder, BuilderName};

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
    error.hint(format!("there are: {}", others.join(", ")))
}

fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_by_key(|other| (distance(name, other), *other));
    names
}

/// How many characters must be added, removed or replaced to make the one of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, b) in b.iter().enumerate() {
            let replaced = corner + usize::from(a != *b);
            corner = row[j + 1];
            row[j + 1] = replaced.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
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
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
