//! Recipes for continuous integration: the files of examples/ci.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::markdown::commands;

pub(crate) const FOLDER: &str = "examples/ci";

/// The names of all recipes in YAML.
pub(crate) fn names() -> Vec<String> {
    let files = fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let is_yaml = |path: &PathBuf| {
        path.extension()
            .is_some_and(|extension| extension == "yaml")
    };
    let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let mut names: Vec<String> = files.filter(is_yaml).map(name).collect();
    names.sort();
    names
}

pub(crate) fn text(name: &str) -> String {
    fs::read_to_string(format!("{FOLDER}/{name}")).unwrap()
}

/// The documents of a YAML file.
pub(crate) fn parse(name: &str, text: &str) -> Vec<Value> {
    let parts = text.split("\n---\n");
    let parse =
        |part| serde_saphyr::from_str(part).unwrap_or_else(|error| panic!("{name}: {error}"));
    parts.map(parse).collect()
}

/// What a recipe runs, as lines of a shell: its texts, and `command` with its `args`.
pub(crate) fn lines(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => {
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            commands(&lines)
        }
        Value::Array(values) => values.iter().flat_map(lines).collect(),
        Value::Object(fields) => {
            let words = |key: &str| {
                fields
                    .get(key)
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
            };
            let words: Vec<&str> = words("command")
                .chain(words("args"))
                .map(|word| word.as_str().unwrap())
                .collect();
            let others = fields
                .iter()
                .filter(|(key, _)| *key != "command" && *key != "args");
            let mut all: Vec<String> = others.flat_map(|(_, value)| lines(value)).collect();
            if !words.is_empty() {
                all.push(shell_words::join(words));
            }
            all
        }
        _ => Vec::new(),
    }
}
