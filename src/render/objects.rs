//! Kubernetes objects, and how they differ.

use std::io::{self, Write};

use serde_json::{Value, json};
use similar::TextDiff;

use super::document::document;
use crate::cli::Document;

/// What the server keeps in an object for itself: in a difference it is only noise.
const SERVERS_OWN: [&str; 5] = [
    "managedFields",
    "resourceVersion",
    "generation",
    "uid",
    "creationTimestamp",
];
/// What is kept for the next update repeats the rest of the object in one long line.
const UNPATCHED: &str = "buildkit.kubectl/unpatched";
/// Lines of the same text around a difference.
const CONTEXT: usize = 3;

/// `kind.group/name`, as kubectl names an object.
pub fn object_name(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let kind = text(&object["kind"]).to_ascii_lowercase();
    let name = text(&object["metadata"]["name"]);
    match text(&object["apiVersion"]).split_once('/') {
        Some((group, _)) => format!("{kind}.{group}/{name}"),
        None => format!("{kind}/{name}"),
    }
}

/// Prints objects in a form that `kubectl apply` takes, or what a template makes of the list of them.
pub fn objects(objects: &[&Value], form: &Document, mut out: impl Write) -> io::Result<()> {
    match form {
        Document::Name => {
            for object in objects {
                writeln!(out, "{}", object_name(object))?;
            }
        }
        Document::Yaml => {
            for (index, object) in objects.iter().enumerate() {
                if index > 0 {
                    writeln!(out, "---")?;
                }
                write!(out, "{}", yaml(&without_fields(object))?)?;
            }
        }
        Document::Json | Document::JsonPath(_) | Document::Columns(_) => {
            let all: Vec<Value> = objects
                .iter()
                .map(|object| without_fields(object))
                .collect();
            let list = match all.as_slice() {
                [one] => one.clone(),
                all => json!({"apiVersion": "v1", "kind": "List", "items": all}),
            };
            document(&list, form, true, &mut out)?;
        }
    }
    out.flush()
}

/// Prints how objects differ from what they would be, as `diff -u` does; says whether they do.
/// What is in Secrets is not shown.
pub fn difference<'a>(
    pairs: impl Iterator<Item = (Option<&'a Value>, Option<&'a Value>)>,
    mut out: impl Write,
) -> io::Result<bool> {
    let mut differ = false;
    for (live, result) in pairs {
        let Some(name) = live.or(result).map(object_name) else {
            continue;
        };
        let before = live.map_or(Ok(String::new()), |live| shown(live, "before"))?;
        let after = result.map_or(Ok(String::new()), |result| {
            let same = live.is_some_and(|live| live["data"] == result["data"]);
            shown(result, if same { "before" } else { "after" })
        })?;
        if before == after {
            continue;
        }
        differ = true;
        let diff = TextDiff::from_lines(&before, &after);
        let mut unified = diff.unified_diff();
        let (from, to) = (format!("{name} (live)"), format!("{name} (changed)"));
        write!(
            out,
            "{}",
            unified.context_radius(CONTEXT).header(&from, &to)
        )?;
    }
    out.flush()?;
    Ok(differ)
}

fn yaml(value: &Value) -> io::Result<String> {
    serde_saphyr::to_string(value).map_err(io::Error::other)
}

/// As kubectl shows objects: who owns which field is asked for separately.
fn without_fields(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("managedFields");
    }
    object
}

fn shown(object: &Value, when: &str) -> io::Result<String> {
    let mut object = object.clone();
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.retain(|key, _| !SERVERS_OWN.contains(&key.as_str()));
        if let Some(annotations) = metadata
            .get_mut("annotations")
            .and_then(Value::as_object_mut)
        {
            annotations.remove(UNPATCHED);
        }
    }
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
    }
    if object["kind"] == "Secret"
        && let Some(data) = object["data"].as_object_mut()
    {
        for secret in data.values_mut() {
            *secret = format!("*** ({when})").into();
        }
    }
    yaml(&object)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(replicas: u8, version: &str) -> Value {
        json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "kube0", "resourceVersion": version, "managedFields": []},
            "spec": {"replicas": replicas}, "status": {"replicas": version}})
    }

    fn secret(data: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"},
            "data": {"tls.key": data}})
    }

    fn diff(live: Option<&Value>, result: Option<&Value>) -> (bool, String) {
        let mut out = Vec::new();
        let differ = difference([(live, result)].into_iter(), &mut out).unwrap();
        (differ, String::from_utf8(out).unwrap())
    }

    #[test]
    fn only_what_matters_differs() {
        let (one, same, other) = (deployment(1, "1"), deployment(1, "2"), deployment(3, "2"));
        assert_eq!(diff(Some(&one), Some(&same)), (false, String::new()));
        let (differ, text) = diff(Some(&one), Some(&other));
        assert!(differ);
        insta::assert_snapshot!(text);
    }

    #[test]
    fn secrets_are_not_shown() {
        let (one, other) = (secret("aaa"), secret("bbb"));
        assert_eq!(diff(Some(&one), Some(&one.clone())), (false, String::new()));
        for (live, result) in [
            (Some(&one), Some(&other)),
            (None, Some(&one)),
            (Some(&one), None),
        ] {
            let (differ, text) = diff(live, result);
            assert!(
                differ && !text.contains("aaa") && !text.contains("bbb"),
                "{text}"
            );
        }
    }

    #[test]
    fn forms() {
        let (one, other) = (deployment(1, "1"), secret("aaa"));
        let printed = |form| {
            let mut out = Vec::new();
            objects(&[&one, &other], form, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        insta::assert_snapshot!(
            [
                printed(&Document::Name),
                printed(&Document::Yaml),
                printed(&Document::Json)
            ]
            .join("=====\n")
        );
    }
}
