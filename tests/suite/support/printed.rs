//! What programs printed about a build, without what differs from run to run: times, digests that
//! hold a session's id, and how what happened at once was ordered and cut into messages.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// A plain log: each step with its output, its parts and its end; then the lines that belong to
/// no step.
pub(crate) fn plain(text: &str) -> String {
    let line_of = Regex::new(r"^#(\d+) (.*)$").unwrap();
    let output = Regex::new(r"^\d+\.\d+ (.*)$").unwrap();
    let end = Regex::new(r"^(DONE) \d+\.\ds$|^(CACHED|CANCELED|ERROR: .*)$").unwrap();
    let part = Regex::new(r"^(.*?)(?: \d+\.\ds)? done$").unwrap();
    let mut names: HashMap<String, String> = HashMap::new();
    let mut steps: BTreeMap<String, Step> = BTreeMap::new();
    let mut rest = Vec::new();
    for line in text.lines() {
        let Some(found) = line_of.captures(line).filter(|_| rest.is_empty()) else {
            if !line.is_empty() || !rest.is_empty() {
                rest.push(line);
            }
            continue;
        };
        let (number, said) = (found[1].to_owned(), &found[2]);
        if number == "0" {
            assert!(said.starts_with("building with "), "{line}");
            continue;
        }
        let name = names.entry(number).or_insert_with(|| said.to_owned());
        let step = steps.entry(shared(name)).or_default();
        if said == name || said == "..." {
            continue;
        }
        if let Some(found) = output.captures(said) {
            step.output.push(found[1].to_owned());
        } else if let Some(found) = end.captures(said) {
            let words = found.get(1).or_else(|| found.get(2)).unwrap();
            words.as_str().clone_into(&mut step.end);
        } else if let Some(found) = part.captures(said) {
            step.parts.insert(found[1].to_owned());
        }
        // A warning of a step that is over is printed or not by chance; all of them are in the end.
    }
    let mut text = String::new();
    for (name, step) in &steps {
        writeln!(text, "{name}: {step:?}").unwrap();
    }
    text + &aside(&rest)
}

#[derive(Debug, Default)]
struct Step {
    output: Vec<String>,
    parts: BTreeSet<String>,
    end: String,
}

/// The lines around the progress, without what each program says in its own words.
fn aside(lines: &[&str]) -> String {
    let own = Regex::new(r"^built in [0-9.]+s on .*").unwrap();
    let colour = Regex::new("\x1b\\[[0-9;]*m").unwrap();
    let seconds = Regex::new(r"^\d+\.\d+ ").unwrap();
    let mut text = String::new();
    for line in lines.iter().filter(|line| !own.is_match(line)) {
        let line = colour.replace_all(line, "");
        let line = seconds.replace(&line, "T ");
        let line = line.replace("use docker --debug to", "use --debug to");
        let line = line.replace("ERROR: failed to build: ", "error: ");
        text += &(line + "\n");
    }
    text
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message<'a> {
    #[serde(borrow, default)]
    vertexes: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    statuses: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    logs: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    warnings: Vec<&'a RawValue>,
}

/// A stream of JSON objects: each thing that was said, byte for byte, once; the output of each step
/// in one piece; then the lines that are no JSON.
pub(crate) fn raw_json(text: &str) -> String {
    let (json, rest): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with('{'));
    let messages: Vec<Message> = json
        .iter()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let names = names(&messages);
    let mut said = BTreeSet::new();
    let mut last = HashMap::new();
    let mut output: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for message in &messages {
        let parts = message.statuses.iter();
        // How often a part told how far it is depends on how fast it was.
        let parts = parts.filter(|part| part.get().contains("\"completed\""));
        for thing in parts.chain(&message.warnings) {
            said.insert(constant(thing.get(), &names));
        }
        for vertex in &message.vertexes {
            let text = constant(vertex.get(), &names);
            let value: Value = serde_json::from_str(vertex.get()).unwrap();
            let digest = value["digest"].to_string();
            // On its way to its end a step may be told of more or less often, and announced late.
            if vertex.get().contains("\"started\"") {
                last.insert(digest, text);
            } else {
                last.entry(digest).or_insert(text);
            }
        }
        for log in &message.logs {
            let value: Value = serde_json::from_str(log.get()).unwrap();
            let data = BASE64.decode(value["data"].as_str().unwrap()).unwrap();
            let shape = log.get().replace(value["data"].as_str().unwrap(), "DATA");
            let step = output.entry(constant(&shape, &names)).or_default();
            step.extend(data);
        }
    }
    said.extend(last.into_values());
    let mut text: String = said.into_iter().map(|thing| thing + "\n").collect();
    for (log, data) in output {
        writeln!(text, "{log}: {:?}", String::from_utf8_lossy(&data)).unwrap();
    }
    text + &aside(&rest)
}

/// The names of steps by their digests.
fn names(messages: &[Message]) -> HashMap<String, String> {
    let vertexes = messages.iter().flat_map(|message| &message.vertexes);
    let pair = |vertex: &&RawValue| {
        let value: Value = serde_json::from_str(vertex.get()).unwrap();
        let text = |key: &str| value[key].as_str().unwrap().to_owned();
        (text("digest"), text("name"))
    };
    vertexes.map(pair).collect()
}

/// `json` without times; digests of steps are their names.
fn constant(json: &str, names: &HashMap<String, String>) -> String {
    let time = Regex::new(r"\d{4}-\d\d-\d\dT[0-9:.]+Z").unwrap();
    let digest = Regex::new("sha256:[0-9a-f]{64}").unwrap();
    let graph = Regex::new(r#""definition":\{.*\},"language""#).unwrap();
    let group = Regex::new(r#"("progressGroup":\{"id":)"[^"]*""#).unwrap();
    let json = time.replace_all(json, "TIME");
    let json = group.replace(&json, "$1\"ID\"");
    let json = graph.replace(&json, |found: &regex::Captures<'_>| {
        let text = found[0].trim_start_matches("\"definition\":");
        let graph: Value = serde_json::from_str(text.trim_end_matches(",\"language\"")).unwrap();
        // Its parts are ordered by their digests.
        let metadata = graph["metadata"].as_object().unwrap().values();
        let mut parts: Vec<String> = metadata.map(Value::to_string).collect();
        parts.sort();
        format!("<graph: {}>", parts.join(","))
    });
    let name = |found: &regex::Captures<'_>| {
        let name = names.get(&found[0]);
        name.map_or_else(|| found[0].to_owned(), |name| format!("<{name}>"))
    };
    shared(&digest.replace_all(&json, name))
}

/// Builds at the same time share the step of a base image, which is called as one of them calls it.
fn shared(text: &str) -> String {
    let base = Regex::new(r"\[[^\[\]]*\d+/\d+\] FROM ").unwrap();
    base.replace_all(text, "FROM ").into_owned()
}
