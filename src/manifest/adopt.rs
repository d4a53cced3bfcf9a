//! Taking over a node that docker buildx made: who owns its fields, and what will be another.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry;
use serde_json::{Map, Value, json};

use crate::model::BuilderName;
use crate::plan::Files;

use super::buildx::{buildx_config_maps, mounted_config_maps};
use super::diff::Difference;
use super::labels::{ADOPTED_BY, LEFT_OVER, MANAGER, STOPPED_FROM};
use super::workload::Workload;

/// Where buildx mounts the daemon's configuration.
pub const BUILDX_CONFIG: &str = "/etc/buildkit/buildkitd.toml";
/// Annotations of a Deployment that its controller writes.
const CONTROLLERS_OWN: &str = "deployment.kubernetes.io/";
/// Part of the fields of a manager that stands for a map or entry itself.
const ITSELF: &str = ".";

/// The patch that notes for whom the node is adopted, and makes all that others set without an apply
/// ours: else an apply would leave it there. None if that is done.
pub fn claim(workload: &Workload, builder: &BuilderName) -> Option<Value> {
    let metadata = workload.metadata();
    let entries = metadata.managed_fields.as_deref().unwrap_or_default();
    let (taken, mut kept): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| is_taken(entry));
    if taken.is_empty() && workload.annotation(ADOPTED_BY) == Some(builder.as_str()) {
        return None;
    }
    let mut fields = json!({});
    kept.retain(|entry| {
        let is_ours = is_ours(entry);
        if is_ours {
            unite(&mut fields, entry);
        }
        !is_ours
    });
    for entry in &taken {
        unite(&mut fields, entry);
    }
    let mut managed: Vec<Value> = kept.iter().map(|entry| json!(entry)).collect();
    if fields != json!({}) {
        managed.push(json!({
            "manager": MANAGER, "operation": "Apply", "apiVersion": "apps/v1",
            "fieldsType": "FieldsV1", "fieldsV1": fields,
        }));
    }
    Some(json!({"metadata": {
        // Who changes it at the same time wins.
        "resourceVersion": metadata.resource_version,
        "managedFields": managed,
        "annotations": {
            ADOPTED_BY: builder.as_str(),
            LEFT_OVER: buildx_config_maps(workload).join(","),
        },
    }}))
}

/// What we wrote without an apply stays so: a note of `stop`, for instance, is to outlive applies.
fn is_taken(entry: &ManagedFieldsEntry) -> bool {
    let is = |field: &Option<String>, text: &str| field.as_deref() == Some(text);
    is(&entry.operation, "Update")
        && is(&entry.api_version, "apps/v1")
        && !is(&entry.manager, MANAGER)
        && entry.subresource.as_deref().unwrap_or_default().is_empty()
}

fn is_ours(entry: &ManagedFieldsEntry) -> bool {
    let is = |field: &Option<String>, text: &str| field.as_deref() == Some(text);
    is(&entry.operation, "Apply")
        && is(&entry.manager, MANAGER)
        && entry.subresource.as_deref().unwrap_or_default().is_empty()
}

fn unite(fields: &mut Value, entry: &ManagedFieldsEntry) {
    if let Some(more) = &entry.fields_v1 {
        add(fields, &more.0);
    }
}

/// Adds fields to fields. One that only one of them goes into is still a field of its own.
fn add(fields: &mut Value, more: &Value) {
    let (Value::Object(fields), Value::Object(more)) = (fields, more) else {
        return;
    };
    for (key, below) in more {
        let Some(there) = fields.get_mut(key) else {
            fields.insert(key.clone(), below.clone());
            continue;
        };
        let is_leaf = |value: &Value| value.as_object().is_some_and(Map::is_empty);
        let with_itself = is_leaf(there) != is_leaf(below);
        add(there, below);
        if with_itself {
            there[ITSELF] = json!({});
        }
    }
}

/// The patch that takes away the note of an adoption that is done.
pub fn adopted() -> Value {
    json!({"metadata": {"annotations": {ADOPTED_BY: null, LEFT_OVER: null}}})
}

/// The builder for which the node is adopted, as long as that is not done.
pub fn adopted_by(workload: &Workload) -> Option<&str> {
    workload.annotation(ADOPTED_BY)
}

/// The patch that makes of `there` what an apply of `ours` will, once it is claimed.
pub fn adoption(there: &Value, ours: &Value) -> Value {
    let mut wanted = json!({
        "metadata": {"labels": ours["metadata"]["labels"], "annotations": {}},
        "spec": ours["spec"],
    });
    let annotations = |of: &Value| of["metadata"]["annotations"].as_object().cloned();
    let stay = annotations(there).unwrap_or_default().into_iter();
    let stay = stay.filter(|(key, _)| key.starts_with(CONTROLLERS_OWN) || key == STOPPED_FROM);
    let stay = stay.chain(annotations(ours).unwrap_or_default());
    wanted["metadata"]["annotations"] = stay.collect::<Map<_, _>>().into();
    let before = json!({
        "metadata": {
            "labels": there["metadata"]["labels"],
            "annotations": annotations(there).unwrap_or_default(),
        },
        "spec": there["spec"],
    });
    merge_patch(&before, &wanted)
}

fn merge_patch(from: &Value, to: &Value) -> Value {
    let (Value::Object(from), Value::Object(to)) = (from, to) else {
        return to.clone();
    };
    let gone = from.keys().filter(|key| !to.contains_key(*key));
    let mut patch: Map<String, Value> = gone.map(|key| (key.clone(), Value::Null)).collect();
    for (key, value) in to {
        match from.get(key) {
            Some(before) if before == value => {}
            Some(before) => drop(patch.insert(key.clone(), merge_patch(before, value))),
            None => drop(patch.insert(key.clone(), value.clone())),
        }
    }
    Value::Object(patch)
}

/// What differs, in few words: which fields are new, which go, and which change.
pub fn summary(differences: &[Difference]) -> String {
    let mut fields: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for Difference { path, is, wanted } in differences {
        let (field, is_all) = field(path);
        let how = match (is_all, is, wanted) {
            (true, Value::Null, _) => "gets",
            (true, _, Value::Null) => "loses",
            _ => "changes",
        };
        fields.entry(field).or_default().insert(how);
    }
    let of = |how: &str| {
        let fields = fields.iter().filter(|(_, hows)| match hows.len() {
            1 => hows.contains(how),
            _ => how == "changes",
        });
        let fields: Vec<&str> = fields.map(|(field, _)| field.as_str()).collect();
        (!fields.is_empty()).then(|| format!("{how} {}", fields.join(", ")))
    };
    let parts: Vec<String> = ["gets", "loses", "changes"]
        .into_iter()
        .filter_map(of)
        .collect();
    parts.join("; ")
}

/// The field of a workload that a path is in, and whether it is all of it.
fn field(path: &str) -> (String, bool) {
    const CONTAINERS: &str = "spec.template.spec.containers[";
    let (head, rest) = if let Some(inside) = path.strip_prefix(CONTAINERS) {
        let (name, rest) = inside.split_once("].").unwrap_or((inside, ""));
        (format!("{name}."), rest)
    } else if let Some(rest) = path.strip_prefix("spec.template.spec.") {
        (String::new(), rest)
    } else if let Some(rest) = path.strip_prefix("spec.template.metadata.") {
        ("pod ".to_owned(), rest)
    } else {
        let rest = path.strip_prefix("metadata.").unwrap_or(path);
        (String::new(), rest.strip_prefix("spec.").unwrap_or(rest))
    };
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    (format!("{head}{}", &rest[..end]), end == rest.len())
}

/// The files that buildx mounted into a daemon's container, by their paths in it.
#[derive(Debug, Clone, Default)]
pub struct MountedFiles(BTreeMap<PathBuf, Vec<u8>>);

impl MountedFiles {
    /// Those of `maps` that `workload` mounts.
    pub fn new(workload: &Workload, maps: &[ConfigMap]) -> Self {
        let mut files = BTreeMap::new();
        for (path, name) in mounted_config_maps(workload) {
            let map = maps
                .iter()
                .find(|map| map.metadata.name == Some(name.clone()));
            let Some(map) = map else { continue };
            let texts = map.data.iter().flatten();
            let texts = texts.map(|(file, text)| (file, text.as_bytes()));
            let bytes = map.binary_data.iter().flatten();
            let bytes = bytes.map(|(file, ByteString(bytes))| (file, bytes.as_slice()));
            for (file, content) in texts.chain(bytes) {
                files.insert(Path::new(&path).join(file), content.to_vec());
            }
        }
        Self(files)
    }

    /// Whether there is a configuration among them.
    pub fn has_config(&self) -> bool {
        self.0.contains_key(Path::new(BUILDX_CONFIG))
    }
}

impl Files for MountedFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let content = self.0.get(path).cloned();
        content.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let inside = self.0.keys().filter(|file| file.parent() == Some(path));
        let names = inside.filter_map(|file| Some(file.file_name()?.to_str()?.to_owned()));
        let names: Vec<String> = names.collect();
        if names.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(names)
    }
}

#[cfg(test)]
#[path = "adopt_tests.rs"]
mod tests;
