//! The recipes of examples/ci: they are YAML, and their commands make sense.

use crate::support::markdown::links;
use crate::support::recipe::{FOLDER, lines, names, parse, text};
use crate::support::typed::calls;

#[test]
fn every_recipe_calls_the_program_as_it_can_be_called() {
    let mut counts = Vec::new();
    for name in names() {
        let text = text(&name);
        let mut count = 0;
        for document in parse(&name, &text) {
            for line in lines(&document) {
                // Shells know more than quotes: only what calls the program is read.
                if line.contains("kubectl-buildkit ") || line.contains("kubectl buildkit ") {
                    count += calls(&line).unwrap_or_else(|error| panic!("{name}: {error}"));
                }
            }
        }
        // What its comments tell people to type.
        let comments = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix('#'));
        for line in comments.filter(|line| line.trim().starts_with("kubectl buildkit")) {
            calls(line).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        counts.push((name, count));
    }
    let roles_alone = |name: &str| name.starts_with("role-");
    let idle: Vec<_> = counts
        .iter()
        .filter(|(name, count)| *count == 0 && !roles_alone(name))
        .collect();
    assert!(idle.is_empty() && counts.len() >= 6, "{counts:?}");
}

#[test]
fn every_recipe_is_in_the_document() {
    let linked = links("docs/ci.md");
    for name in names().into_iter().chain(["Dockerfile".to_owned()]) {
        let link = format!("../{FOLDER}/{name}");
        assert!(linked.contains(&link), "docs/ci.md has no link to {link}");
    }
}
