//! An API server inside the test that keeps what is applied.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use http::Method;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use crate::cluster::{Cluster, fake};
use crate::manifest::{ADOPTED_BY, LEFT_OVER, STOPPED_FROM};
use crate::plan::Files;

/// Files that are all the same.
pub(super) struct Always<'a>(pub(super) &'a str);

impl Files for Always<'_> {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Ok(self.0.as_bytes().to_vec())
    }

    fn list(&self, _: &Path) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }
}

/// What the server keeps, by path.
pub(super) type Objects = Arc<Mutex<Vec<(String, Value)>>>;

/// The last parts of the paths, in the order in which the objects were made.
pub(super) fn names(objects: &Objects) -> Vec<String> {
    let objects = objects.lock().unwrap();
    let name = |path: &String| path.rsplit('/').next().unwrap().to_owned();
    objects.iter().map(|(path, _)| name(path)).collect()
}

/// A cluster whose API server keeps what is applied, and what it keeps.
pub(super) fn server() -> (Cluster, Objects) {
    let objects = Objects::default();
    let kept = Arc::clone(&objects);
    let cluster = fake::cluster(move |request| {
        let kept = Arc::clone(&kept);
        async move {
            let (parts, body) = request.into_parts();
            let query = parts.uri.query().unwrap_or_default().to_owned();
            let path = parts.uri.path().to_owned();
            let body = body.collect().await.unwrap().to_bytes();
            let mut kept = kept.lock().unwrap();
            let there = kept.iter().position(|(at, _)| *at == path);
            if parts.method == Method::GET && is_collection(&path) {
                return (200, list(&kept, &path, &query));
            }
            if parts.method == Method::GET {
                return match there {
                    Some(index) => (200, kept[index].1.clone()),
                    None => fake::refusal(404, "NotFound", "not found", ""),
                };
            }
            if parts.method == Method::DELETE {
                there.map(|index| kept.remove(index));
                return (200, json!({"kind": "Status", "status": "Success"}));
            }
            let change: Value = serde_json::from_slice(&body).unwrap();
            let is_merge = parts.headers["content-type"] == "application/merge-patch+json";
            let object = match there {
                Some(index) if is_merge => merged(kept[index].1.clone(), &change),
                None if is_merge => return fake::refusal(404, "NotFound", "not found", ""),
                Some(index) => with_notes_of(&kept[index].1, change),
                None => change,
            };
            if !query.contains("dryRun") {
                match there {
                    Some(index) => kept[index].1 = object.clone(),
                    None => kept.push((path, object.clone())),
                }
            }
            (200, object)
        }
    });
    (cluster, objects)
}

fn is_collection(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    last.ends_with('s') && path.split('/').rev().nth(2) == Some("namespaces")
}

fn list(kept: &[(String, Value)], path: &str, query: &str) -> Value {
    let selector = query.split('&').find_map(|part| {
        let selector = part.strip_prefix("labelSelector=")?;
        Some(
            selector
                .replace("%2F", "/")
                .replace("%2C", ",")
                .replace("%3D", "=")
                .replace("%21", "!"),
        )
    });
    let matches = |object: &Value| {
        selector.as_deref().is_none_or(|selector| {
            selector.split(',').all(|term| {
                let labels = &object["metadata"]["labels"];
                match (term.split_once("!="), term.split_once('=')) {
                    (Some((key, value)), _) => labels[key] != value,
                    (None, Some((key, value))) => labels[key] == value,
                    (None, None) => labels.get(term).is_some(),
                }
            })
        })
    };
    let items: Vec<&Value> = kept
        .iter()
        .filter(|(at, object)| at.rsplit_once('/').unwrap().0 == path && matches(object))
        .map(|(_, object)| object)
        .collect();
    json!({"kind": "List", "apiVersion": "v1", "metadata": {}, "items": items})
}

/// An apply removes only what an apply wrote: notes stay.
fn with_notes_of(there: &Value, mut applied: Value) -> Value {
    for key in [STOPPED_FROM, ADOPTED_BY, LEFT_OVER] {
        let note = &there["metadata"]["annotations"][key];
        if note.is_string() {
            applied["metadata"]["annotations"][key] = note.clone();
        }
    }
    applied
}

fn merged(mut object: Value, change: &Value) -> Value {
    json_patch::merge(&mut object, change);
    // An empty map is none to the server.
    if object["metadata"]["annotations"] == json!({}) {
        object["metadata"]
            .as_object_mut()
            .unwrap()
            .remove("annotations");
    }
    object
}
