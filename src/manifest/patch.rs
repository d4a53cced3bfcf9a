//! Patches of a pod template: every field of a pod that is no option of its own.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::{Map, Value};

use crate::error::Error;
use crate::plan::Patch;

use super::pod_spec::CONTAINER;

/// Lists whose entries have a name, and what it is: Kubernetes' own merge keys, of which each kind
/// of list has one.
const MERGE_KEYS: [(&str, &str); 11] = [
    ("containers", "name"),
    ("initContainers", "name"),
    ("volumes", "name"),
    ("env", "name"),
    ("imagePullSecrets", "name"),
    ("resourceClaims", "name"),
    ("volumeMounts", "mountPath"),
    ("volumeDevices", "devicePath"),
    ("ports", "containerPort"),
    ("hostAliases", "ip"),
    ("topologySpreadConstraints", "topologyKey"),
];
/// What a patch says about the whole map or entry that it stands in.
const DIRECTIVE: &str = "$patch";

/// Why a patch cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPatch {
    /// An operation of a JSON patch has no place.
    #[error("{0}")]
    Operation(String),
    /// What comes of it is no pod template.
    #[error("no pod template comes of it: {0}")]
    Template(String),
    /// A field that no pod template has.
    #[error("a pod template has no field {0}")]
    UnknownField(String),
    /// A directive that is not known.
    #[error("$patch is \"delete\" or \"replace\", not {0}")]
    Directive(Value),
    /// Something without which a builder is none.
    #[error("{0} is needed by the builder")]
    Needed(String),
}

impl From<InvalidPatch> for Error {
    fn from(invalid: InvalidPatch) -> Self {
        Self::usage("the patch of the pods cannot be applied")
            .because(invalid)
            .hint("see the pods that it is about: kubectl buildkit create --dry-run -o yaml")
    }
}

/// The template as `patches` make it, one after the other. It has to keep `labels` and the daemon.
pub(super) fn patched(
    template: PodTemplateSpec,
    patches: &[Patch],
    labels: &BTreeMap<String, String>,
) -> Result<PodTemplateSpec, InvalidPatch> {
    if patches.is_empty() {
        return Ok(template);
    }
    let template = all_applied(&template, patches)?;
    still_a_builder(&template, labels, CONTAINER)?;
    Ok(template)
}

fn all_applied(
    template: &PodTemplateSpec,
    patches: &[Patch],
) -> Result<PodTemplateSpec, InvalidPatch> {
    let unreadable = |error: serde_json::Error| InvalidPatch::Template(error.to_string());
    let mut value = serde_json::to_value(template).map_err(unreadable)?;
    for patch in patches {
        value = match patch {
            Patch::Strategic(changes) => merged(value, changes, "")?,
            Patch::Json(operations) => {
                json_patch::patch(&mut value, operations)
                    .map_err(|error| InvalidPatch::Operation(error.to_string()))?;
                value
            }
        };
    }
    let template: PodTemplateSpec = serde_json::from_value(value.clone())
        .map_err(|error| InvalidPatch::Template(error.to_string()))?;
    let kept = serde_json::to_value(&template).map_err(unreadable)?;
    match lost(&value, &kept, "") {
        Some(field) => Err(InvalidPatch::UnknownField(field)),
        None => Ok(template),
    }
}

/// The first field of `value` that is not in `kept`: nothing knows it.
fn lost(value: &Value, kept: &Value, path: &str) -> Option<String> {
    match (value, kept) {
        (Value::Object(fields), Value::Object(kept)) => fields.iter().find_map(|(key, value)| {
            let path = format!("{path}.{key}").trim_start_matches('.').to_owned();
            match kept.get(key) {
                Some(kept) => lost(value, kept, &path),
                None => (!is_nothing(value)).then_some(path),
            }
        }),
        (Value::Array(items), Value::Array(kept)) => {
            let mut pairs = items.iter().zip(kept).enumerate();
            pairs.find_map(|(index, (item, kept))| lost(item, kept, &format!("{path}[{index}]")))
        }
        _ => None,
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn merged(value: Value, patch: &Value, field: &str) -> Result<Value, InvalidPatch> {
    match (value, patch) {
        (Value::Object(fields), Value::Object(changes)) => merged_map(fields, changes),
        (_, Value::Object(changes)) => merged_map(Map::new(), changes),
        (Value::Array(items), Value::Array(changes)) => match merge_key(field) {
            Some(key) => merged_list(items, changes, key),
            None => Ok(patch.clone()),
        },
        _ => Ok(patch.clone()),
    }
}

fn merge_key(field: &str) -> Option<&'static str> {
    MERGE_KEYS
        .into_iter()
        .find_map(|(list, key)| (list == field).then_some(key))
}

fn merged_map(
    mut fields: Map<String, Value>,
    changes: &Map<String, Value>,
) -> Result<Value, InvalidPatch> {
    match changes.get(DIRECTIVE) {
        None => {}
        Some(Value::String(word)) if word == "replace" => fields.clear(),
        Some(Value::String(word)) if word == "delete" => return Ok(Value::Null),
        Some(other) => return Err(InvalidPatch::Directive(other.clone())),
    }
    for (key, change) in changes.iter().filter(|(key, _)| *key != DIRECTIVE) {
        let before = fields.remove(key).unwrap_or(Value::Null);
        let after = merged(before, change, key)?;
        if !after.is_null() {
            fields.insert(key.clone(), after);
        }
    }
    Ok(Value::Object(fields))
}

/// Entries that are there are changed, others are added.
fn merged_list(mut items: Vec<Value>, changes: &[Value], key: &str) -> Result<Value, InvalidPatch> {
    for change in changes {
        let there = items
            .iter()
            .position(|item| !item[key].is_null() && item[key] == change[key]);
        let before = there.map_or(Value::Null, |index| items[index].clone());
        let after = merged(before, change, "")?;
        match there {
            Some(index) if after.is_null() => drop(items.remove(index)),
            Some(index) => items[index] = after,
            None if after.is_null() => {}
            None => items.push(after),
        }
    }
    Ok(Value::Array(items))
}

/// Whether what `labels` and the daemon's container promise is still there.
fn still_a_builder(
    template: &PodTemplateSpec,
    labels: &BTreeMap<String, String>,
    container: &str,
) -> Result<(), InvalidPatch> {
    let metadata = template.metadata.as_ref();
    let there = metadata.and_then(|metadata| metadata.labels.as_ref());
    for (key, value) in labels {
        if there.and_then(|there| there.get(key)) != Some(value) {
            return Err(InvalidPatch::Needed(format!("label {key}={value}")));
        }
    }
    let containers = template
        .spec
        .as_ref()
        .map(|spec| spec.containers.as_slice());
    let is_there = containers.is_some_and(|all| all.iter().any(|one| one.name == container));
    if is_there {
        return Ok(());
    }
    Err(InvalidPatch::Needed(format!("container {container}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn template() -> PodTemplateSpec {
        serde_json::from_value(json!({
            "metadata": {"labels": {"a": "b"}},
            "spec": {
                "containers": [{
                    "name": "buildkitd", "args": ["--debug"],
                    "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
                }],
                "tolerations": [{"key": "spot"}],
                "volumes": [{"name": "state", "emptyDir": {}}],
            }
        }))
        .unwrap()
    }

    fn after(patch: &str) -> Result<Value, String> {
        let patch: Patch = patch.parse().map_err(|error| format!("{error}"))?;
        let patched = all_applied(&template(), &[patch]).map_err(|error| error.to_string())?;
        Ok(serde_json::to_value(patched).unwrap())
    }

    #[test]
    fn a_strategic_patch_merges_by_name() {
        let patched = after(
            "spec:\n  hostNetwork: true\n  tolerations: [{key: other}]\n  volumes:\n  \
             - {name: state, $patch: delete}\n  - {name: cache, emptyDir: {}}\n  containers:\n  \
             - name: buildkitd\n    args: null\n    env:\n    - {name: B, value: '3'}\n    \
             - {name: C, value: '4'}\n  - name: sidecar\n    image: x\n",
        )
        .unwrap();
        assert_eq!(
            patched,
            json!({
                "metadata": {"labels": {"a": "b"}},
                "spec": {
                    "hostNetwork": true,
                    "containers": [
                        {"name": "buildkitd", "env": [
                            {"name": "A", "value": "1"},
                            {"name": "B", "value": "3"},
                            {"name": "C", "value": "4"}]},
                        {"name": "sidecar", "image": "x"},
                    ],
                    "tolerations": [{"key": "other"}],
                    "volumes": [{"name": "cache", "emptyDir": {}}],
                }
            })
        );
    }

    #[test]
    fn a_json_patch_goes_by_place() {
        let patched = after(
            r#"[{"op": "add", "path": "/spec/containers/0/args/-", "value": "x"},
                {"op": "remove", "path": "/spec/tolerations"}]"#,
        )
        .unwrap();
        assert_eq!(
            patched["spec"]["containers"][0]["args"],
            json!(["--debug", "x"])
        );
        assert_eq!(patched["spec"]["tolerations"], Value::Null);
    }

    #[test]
    fn what_no_pod_has_is_named() {
        for (patch, problem) in [
            (
                r#"{"spec": {"hostNetwrok": true}}"#,
                "a pod template has no field spec.hostNetwrok",
            ),
            (
                r#"{"spec": {"containers": [{"name": "buildkitd", "arg": ["x"]}]}}"#,
                "a pod template has no field spec.containers[0].arg",
            ),
            (
                r#"{"spec": {"hostNetwork": "yes"}}"#,
                "no pod template comes of it: invalid type: string \"yes\", expected a boolean",
            ),
            (
                r#"{"spec": {"volumes": [{"name": "state", "$patch": "merge"}]}}"#,
                "$patch is \"delete\" or \"replace\", not \"merge\"",
            ),
        ] {
            assert_eq!(after(patch).unwrap_err(), problem, "{patch}");
        }
        let nowhere = r#"[{"op": "remove", "path": "/spec/nothing"}]"#;
        assert!(after(nowhere).unwrap_err().contains("operation '/0'"));
    }

    #[test]
    fn a_builder_stays_one() {
        let labels = BTreeMap::from([("a".to_owned(), "b".to_owned())]);
        let check = |patch: &str| {
            let patched = all_applied(&template(), &[patch.parse().unwrap()]).unwrap();
            still_a_builder(&patched, &labels, "buildkitd")
        };
        assert_eq!(check(r#"{"spec": {"hostNetwork": true}}"#), Ok(()));
        for (patch, needed) in [
            (r#"{"metadata": {"labels": {"a": "c"}}}"#, "label a=b"),
            (
                r#"{"spec": {"containers": [{"name": "buildkitd", "$patch": "delete"}]}}"#,
                "container buildkitd",
            ),
        ] {
            assert_eq!(check(patch), Err(InvalidPatch::Needed(needed.to_owned())));
        }
    }
}
