//! Which file needs which, and whether any need each other.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::Source;

type Module = Vec<String>;

/// The cycles between files, each as one line.
pub(crate) fn cycles(sources: &[Source]) -> Vec<String> {
    let sources: Vec<&Source> = sources
        .iter()
        .filter(|source| !source.module.is_empty())
        .collect();
    let known: BTreeSet<Module> = sources.iter().map(|source| source.module.clone()).collect();
    let exports: BTreeMap<Module, BTreeMap<String, Module>> = sources
        .iter()
        .map(|source| (source.module.clone(), exports(source, &known)))
        .collect();
    let edges: BTreeMap<Module, BTreeSet<Module>> = sources
        .iter()
        .filter(|source| !source.is_tests())
        .map(|source| (source.module.clone(), needs(source, &known, &exports)))
        .collect();
    let mut found = BTreeSet::new();
    for start in edges.keys() {
        if let Some(path) = way_back(start, &edges) {
            let mut names: Vec<String> = path.iter().map(|module| module.join("::")).collect();
            names.sort();
            found.insert(names.join(", "));
        }
    }
    found.into_iter().collect()
}

/// The names that a module hands on from its children, with the child that each comes from.
fn exports(source: &Source, known: &BTreeSet<Module>) -> BTreeMap<String, Module> {
    let mut exports = BTreeMap::new();
    for path in source.paths() {
        let names: Vec<&str> = path.split("::").collect();
        let [child, .., name] = names[..] else {
            continue;
        };
        let mut module = source.module.clone();
        module.push(child.trim_start_matches("self::").to_owned());
        if known.contains(&module) {
            exports.insert(name.to_owned(), module);
        }
    }
    exports
}

/// The files that a file needs. A name that a folder only hands on counts for the file it is from.
fn needs(
    source: &Source,
    known: &BTreeSet<Module>,
    exports: &BTreeMap<Module, BTreeMap<String, Module>>,
) -> BTreeSet<Module> {
    let mut needs = BTreeSet::new();
    for path in source.paths() {
        let Some(absolute) = absolute(&path, &source.module) else {
            continue;
        };
        let mut depth = absolute.len();
        while depth > 0 && !known.contains(&absolute[..depth]) {
            depth -= 1;
        }
        let mut module = absolute[..depth].to_vec();
        if let Some(from) = absolute
            .get(depth)
            .and_then(|name| exports.get(&module)?.get(name))
        {
            module.clone_from(from);
        }
        if module != source.module && !module.is_empty() {
            needs.insert(module);
        }
    }
    // A folder's own file declares and hands on its children: that is no need.
    needs.retain(|module| {
        !module.starts_with(&source.module) || module.len() <= source.module.len()
    });
    needs
}

/// The path from the root of the crate, if it is one of ours.
pub(crate) fn absolute(path: &str, module: &[String]) -> Option<Module> {
    let mut names: Vec<String> = path.split("::").map(str::to_owned).collect();
    let mut base = match names.first()?.as_str() {
        "crate" => Vec::new(),
        "super" | "self" => module.to_vec(),
        _ => return None,
    };
    while names
        .first()
        .is_some_and(|name| matches!(name.as_str(), "crate" | "self" | "super"))
    {
        if names.remove(0) == "super" {
            base.pop();
        }
    }
    Some([base, names].concat())
}

/// A way from `start` back to it.
fn way_back(start: &Module, edges: &BTreeMap<Module, BTreeSet<Module>>) -> Option<Vec<Module>> {
    let mut seen = BTreeSet::new();
    let mut ways = vec![vec![start.clone()]];
    while let Some(way) = ways.pop() {
        for next in way
            .last()
            .and_then(|last| edges.get(last))
            .into_iter()
            .flatten()
        {
            if next == start {
                return Some(way);
            }
            if seen.insert(next.clone()) {
                ways.push([way.clone(), vec![next.clone()]].concat());
            }
        }
    }
    None
}
