//! Defaults in the environment: ours, and those that other tools made common.

use std::collections::BTreeMap;

use super::file;
use super::source::{Entry, Source};
use crate::cli::settable::{PREFIX, Settable, Settables, variable};
use crate::env::Env;
use crate::memory;
use crate::model::nearest;

/// Variables of other tools that stand for a flag. What reads them is elsewhere; here they count more
/// than the file.
const THEIRS: [(&str, Option<&str>, &str); 6] = [
    ("BUILDX_BUILDER", None, "builder"),
    ("BUILDKIT_HOST", Some("build"), "buildkit-host"),
    ("BUILDKIT_PROGRESS", Some("build"), "progress"),
    ("DOCKER_DEFAULT_PLATFORM", Some("build"), "platform"),
    (
        "BUILDX_NO_DEFAULT_ATTESTATIONS",
        Some("build"),
        "provenance",
    ),
    ("KUBECONFIG", None, "kubeconfig"),
];

/// What our variables say, and a note for each of them that is likely misspelt. Others that mean nothing
/// may be somebody else's, such as the version that a script installs.
pub(super) fn ours(env: &Env, settables: &Settables) -> (Vec<Entry>, Vec<String>) {
    let names: BTreeMap<String, &str> = settables.keys().map(|key| (variable(key), key)).collect();
    let (mut entries, mut notes) = (Vec::new(), Vec::new());
    for (name, value) in env.vars(PREFIX) {
        if let Some(key) = names.get(name) {
            let flags = settables.meant(key).unwrap_or_default();
            entries.push(Entry {
                key: (*key).to_owned(),
                values: values(value, flags.iter().any(|flag| flag.repeats())),
                source: Source::Variable(name.to_owned()),
            });
        } else if ![file::VARIABLE, memory::VARIABLE].contains(&name) {
            notes.extend(misspelt(name, &names));
        }
    }
    (entries, notes)
}

/// The values of a variable. A flag that may be repeated has one in each line; what commas mean is the
/// flag's own matter.
fn values(text: &str, repeats: bool) -> Vec<String> {
    if !repeats {
        return vec![text.to_owned()];
    }
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

fn misspelt(name: &str, names: &BTreeMap<String, &str>) -> Option<String> {
    let all = names.keys().map(String::as_str);
    let all = all.chain([file::VARIABLE, memory::VARIABLE]);
    // All begin in the same way, which is no likeness.
    let tails: Vec<&str> = all.map(|name| &name[PREFIX.len()..]).collect();
    let tail = nearest(&name[PREFIX.len()..], &tails)?;
    Some(format!(
        "${name} means nothing; did you mean ${PREFIX}{tail}?"
    ))
}

/// The variable of another tool that is set and stands for a flag.
pub(super) fn theirs(env: &Env, flag: &Settable) -> Option<Entry> {
    let stands_for = |(_, command, name): &&(&str, Option<&str>, &str)| {
        *name == flag.flag() && (command.is_none() || *command == flag.command())
    };
    let found = THEIRS.iter().filter(stands_for);
    let mut set = found.filter_map(|(name, _, key)| Some((name, key, env.var(name)?)));
    let (name, key, value) = set.next()?;
    Some(Entry {
        key: (*key).to_owned(),
        values: vec![value.to_owned()],
        source: Source::Theirs((*name).to_owned()),
    })
}
