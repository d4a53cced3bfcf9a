//! The shape of the code, held by a test: one direction, no cycles, small files and functions.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

#[path = "architecture/graph.rs"]
mod graph;
#[path = "architecture/source.rs"]
mod source;

use std::collections::BTreeSet;

use source::{Source, read_tree};

/// Lines of code that a file may have, tests and comments not counted.
const FILE_BUDGET: usize = 400;

/// Lines that a function may have, from its signature to its last brace.
const FUNCTION_BUDGET: usize = 60;

/// Layers that only decide: no waiting, no files, no clock, no environment.
const PURE: [&str; 5] = ["model", "cli", "plan", "manifest", "solve"];

fn sources() -> Vec<Source> {
    read_tree("src")
}

/// The layers in the order in which `lib.rs` declares them.
fn layers(sources: &[Source]) -> Vec<String> {
    let library = sources
        .iter()
        .find(|source| source.module.is_empty() && source.is_library());
    library.expect("src/lib.rs").declared_modules()
}

#[track_caller]
fn assert_none(problems: &[String], rule: &str) {
    assert!(problems.is_empty(), "{rule}:\n  {}", problems.join("\n  "));
}

#[test]
fn a_layer_uses_only_what_stands_above_it() {
    let sources = sources();
    let layers = layers(&sources);
    let rank = |name: &str| layers.iter().position(|layer| layer == name);
    let mut problems = Vec::new();
    for source in &sources {
        let Some(own) = source.layer().and_then(rank) else {
            continue;
        };
        for used in source.used_layers() {
            if rank(&used).is_some_and(|used| used > own) {
                problems.push(format!(
                    "{} uses {used}, which stands below it",
                    source.path
                ));
            }
        }
    }
    assert_none(&problems, "lib.rs gives the order");
}

#[test]
fn a_step_of_the_farm_uses_only_those_above_it() {
    let sources = sources();
    let farm = sources.iter().find(|source| source.module == ["farm"]);
    let steps = farm.expect("src/farm/mod.rs").declared_modules();
    let rank = |name: &String| steps.iter().position(|step| step == name);
    let mut problems = Vec::new();
    for source in sources.iter().filter(|source| !source.is_tests()) {
        let ("farm", Some(own)) = (
            source.layer().unwrap_or_default(),
            source.module.get(1).and_then(rank),
        ) else {
            continue;
        };
        for path in source.paths() {
            let absolute = graph::absolute(&path, &source.module).unwrap_or_default();
            let [layer, used, ..] = &absolute[..] else {
                continue;
            };
            // What farm/mod.rs only hands on has no rank: the step that it is from is to be named.
            if layer == "farm" && rank(used).is_none_or(|used| used > own) {
                problems.push(format!("{} uses {path}", source.path));
            }
        }
    }
    assert_none(&problems, "farm/mod.rs gives the order");
}

#[test]
fn no_file_is_in_an_import_cycle() {
    let cycles = graph::cycles(&sources());
    assert_none(
        &cycles,
        "files that need each other belong together, or share a third",
    );
}

#[test]
fn files_are_small() {
    let large = sources()
        .into_iter()
        .filter(|source| source.code_lines() > FILE_BUDGET);
    let problems: Vec<_> = large
        .map(|s| format!("{}: {}", s.path, s.code_lines()))
        .collect();
    assert_none(&problems, "a file has at most 400 lines of code");
}

#[test]
fn functions_are_small() {
    let mut problems = Vec::new();
    for source in sources().iter().chain(&read_tree("tests")) {
        for (name, lines) in source.functions() {
            if lines > FUNCTION_BUDGET {
                problems.push(format!("{}: {name} has {lines} lines", source.path));
            }
        }
    }
    assert_none(&problems, "a function has at most 60 lines");
}

#[test]
fn nothing_is_allowed_ignored_or_left_to_do() {
    let words = [
        "#[allow",
        "#![allow",
        "#[ignore",
        "todo!(",
        "unimplemented!(",
        "TODO",
        "FIXME",
    ];
    let mut problems = Vec::new();
    for source in sources().iter().chain(&read_tree("tests")) {
        if source.path.starts_with("tests/architecture") {
            continue;
        }
        for word in words.iter().filter(|word| source.text.contains(**word)) {
            problems.push(format!("{}: {word}", source.path));
        }
    }
    assert_none(
        &problems,
        "expect with a reason, run every test, finish the work",
    );
}

#[test]
fn deciding_layers_are_pure() {
    let banned = [
        "tokio",
        "std::fs",
        "std::env",
        "std::net",
        "std::process",
        "std::thread",
    ];
    let clocks = ["SystemTime::now", "Instant::now", "Timestamp::now"];
    let mut problems = Vec::new();
    for source in sources() {
        if !source.layer().is_some_and(|layer| PURE.contains(&layer)) {
            continue;
        }
        if source.has_async() {
            problems.push(format!("{} waits", source.path));
        }
        for path in source.paths() {
            let starts =
                |prefix: &&str| path == **prefix || path.starts_with(&format!("{prefix}::"));
            // Addresses are values; sockets are not.
            let address = path.starts_with("std::net::Ip") || path.starts_with("std::net::Socket");
            if (banned.iter().any(starts) && !address)
                || clocks.iter().any(|clock| path.ends_with(clock))
            {
                problems.push(format!("{} uses {path}", source.path));
            }
        }
    }
    assert_none(
        &problems,
        "model, cli, plan, manifest and solve only decide",
    );
}

#[test]
fn kubernetes_and_grpc_do_not_meet() {
    let apart = [
        ("cluster", "tonic"),
        ("cluster", "prost"),
        ("session", "kube"),
        ("session", "k8s_openapi"),
    ];
    let mut problems = Vec::new();
    for source in sources() {
        for (layer, library) in apart {
            if source.layer() == Some(layer) && source.names_crate(library) {
                problems.push(format!("{} names {library}", source.path));
            }
        }
    }
    assert_none(&problems, "a stream of bytes is all that they share");
}

#[test]
fn only_the_seam_names_an_operating_system() {
    let native = [
        "std::os",
        "rustix",
        "xattr",
        "hostname",
        "tokio::signal::unix",
    ];
    let mut problems = Vec::new();
    for source in sources() {
        let for_tests = source.is_tests()
            || source.path.contains("/tests/")
            || source.path.ends_with("/testing.rs");
        if source.layer() == Some("system") || for_tests {
            continue;
        }
        for path in source.paths() {
            let named = native.iter().any(|name| path.starts_with(name));
            if named || path.ends_with("UnixStream") {
                problems.push(format!("{} names {path}", source.path));
            }
        }
    }
    assert_none(&problems, "src/system has what differs between systems");
}

#[test]
fn every_test_file_is_compiled() {
    let suite = "tests/suite";
    let parts = source::modules_in(suite)
        .into_iter()
        .map(|part| format!("{suite}/{part}/mod.rs"));
    let roots = parts.chain([format!("{suite}/main.rs")]);
    for root in roots {
        let folder = root.rsplit_once('/').map_or(".", |(folder, _)| folder);
        let declared: BTreeSet<_> = source::declared_in(&root);
        let forgotten: Vec<_> = source::modules_in(folder)
            .difference(&declared)
            .cloned()
            .collect();
        assert_none(&forgotten, &format!("{root} declares each file beside it"));
    }
}
