//! Where two versions of an object differ.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

/// What the server keeps in an object for itself.
const SERVERS_OWN: [&str; 5] = [
    "metadata.managedFields",
    "metadata.resourceVersion",
    "metadata.generation",
    "metadata.uid",
    "status",
];

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field, for instance `spec.replicas`.
    pub path: String,
    /// What is there.
    pub is: Value,
    /// What would be there.
    pub wanted: Value,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, is, wanted } = self;
        write!(f, "{path} is {}, not {}", Shown(is), Shown(wanted))
    }
}

struct Shown<'a>(&'a Value);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Null => f.write_str("absent"),
            value => value.fmt(f),
        }
    }
}

/// The fields in which two versions of an object differ, apart from the server's own.
pub fn differences(is: &Value, wanted: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    collect(String::new(), is, wanted, &mut found);
    found
}

/// Whether pods are replaced: only when what they are made from changes.
pub fn rolls(differences: &[Difference]) -> bool {
    let mut paths = differences.iter().map(|difference| &difference.path);
    paths.any(|path| path.starts_with("spec.template"))
}

fn collect(path: String, is: &Value, wanted: &Value, found: &mut Vec<Difference>) {
    if is == wanted || SERVERS_OWN.contains(&path.as_str()) {
        return;
    }
    match (is, wanted) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
                let (is, wanted) = (a.get(key), b.get(key));
                collect(child(&path, key), or_null(is), or_null(wanted), found);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for index in 0..a.len().max(b.len()) {
                let (is, wanted) = (a.get(index), b.get(index));
                let name = element(is.or(wanted), index);
                collect(
                    format!("{path}[{name}]"),
                    or_null(is),
                    or_null(wanted),
                    found,
                );
            }
        }
        _ => found.push(Difference {
            path,
            is: is.clone(),
            wanted: wanted.clone(),
        }),
    }
}

fn or_null(value: Option<&Value>) -> &Value {
    value.unwrap_or(&Value::Null)
}

fn child(path: &str, key: &str) -> String {
    let key = if key.contains(['.', '/']) {
        format!("[{key}]")
    } else {
        format!(".{key}")
    };
    format!("{path}{key}").trim_start_matches('.').to_owned()
}

/// Elements with a name go by it, as in kubectl's own messages.
fn element(value: Option<&Value>, index: usize) -> String {
    value
        .and_then(|value| value.get("name")?.as_str().map(str::to_owned))
        .unwrap_or_else(|| index.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_named_and_the_servers_own_are_not() {
        let is = json!({
            "metadata": {"resourceVersion": "1", "annotations": {"a/b": "x"}},
            "spec": {"replicas": 1, "containers": [{"name": "c", "args": ["a", "b"]}]},
            "status": {"replicas": 1}
        });
        let wanted = json!({
            "metadata": {"resourceVersion": "2"},
            "spec": {"replicas": 2, "containers": [{"name": "c", "args": ["a", "c"]}]}
        });
        let lines: Vec<_> = differences(&is, &wanted)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            lines,
            [
                r#"metadata.annotations is {"a/b":"x"}, not absent"#,
                r#"spec.containers[c].args[1] is "b", not "c""#,
                "spec.replicas is 1, not 2",
            ]
        );
        assert!(differences(&is, &is).is_empty());
    }
}
