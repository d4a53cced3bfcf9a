//! An API server inside the test that keeps what is applied.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use http::Method;
use http::request::Parts;
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
    serve(false)
}

/// The same, with somebody else who changes each workload before anything can be written to it.
pub(super) fn busy_server() -> (Cluster, Objects) {
    serve(true)
}

fn serve(is_busy: bool) -> (Cluster, Objects) {
    let objects = Objects::default();
    let kept = Arc::clone(&objects);
    let versions = Arc::new(AtomicU64::new(1000));
    let cluster = fake::cluster(move |request| {
        let (kept, versions) = (Arc::clone(&kept), Arc::clone(&versions));
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let body = serde_json::from_slice(&body).unwrap_or_default();
            // Those who ask at the same time take turns.
            tokio::task::yield_now().await;
            let mut store = Store {
                kept: kept.lock().unwrap(),
                versions: &versions,
            };
            if is_busy && parts.method == Method::PATCH {
                store.disturb(parts.uri.path());
            }
            store.answer(&parts, &body)
        }
    });
    (cluster, objects)
}

/// What the server does with one request.
struct Store<'a> {
    kept: MutexGuard<'a, Vec<(String, Value)>>,
    versions: &'a AtomicU64,
}

impl Store<'_> {
    fn answer(&mut self, parts: &Parts, body: &Value) -> (u16, Value) {
        let query = parts.uri.query().unwrap_or_default();
        let path = parts.uri.path();
        let there = self.kept.iter().position(|(at, _)| at == path);
        match (&parts.method, there) {
            (&Method::GET, _) if is_collection(path) => (200, list(&self.kept, path, query)),
            (&Method::GET, Some(index)) => (200, self.kept[index].1.clone()),
            (&Method::DELETE, Some(index)) => {
                let wanted = &body["preconditions"];
                if is_other(&self.kept[index].1["metadata"], wanted) {
                    return modified(path);
                }
                self.kept.remove(index);
                (200, json!({"kind": "Status", "status": "Success"}))
            }
            (&Method::PATCH, _) => {
                let is_merge = parts.headers["content-type"] == "application/merge-patch+json";
                match self.changed(path, body, is_merge) {
                    Ok(mut object) if query.contains("dryRun") => {
                        // A dry run is of the version that is there.
                        if let Some(index) = there {
                            let live = &self.kept[index].1["metadata"];
                            object["metadata"]["resourceVersion"] = live["resourceVersion"].clone();
                        }
                        (200, object)
                    }
                    Ok(object) => {
                        self.keep(path, there, &object);
                        (200, object)
                    }
                    Err(refused) => refused,
                }
            }
            _ => fake::refusal(404, "NotFound", "not found", ""),
        }
    }

    /// What a patch makes of the object at `path`, as the real server answers it.
    fn changed(&self, path: &str, change: &Value, is_merge: bool) -> Result<Value, (u16, Value)> {
        let there = self.kept.iter().position(|(at, _)| at == path);
        let wanted = &change["metadata"];
        let Some(index) = there else {
            if is_merge {
                return Err(fake::refusal(404, "NotFound", "not found", ""));
            }
            // An object that is not there has no uid. Of its version the server takes no notice.
            return if wanted["uid"].is_string() {
                Err(modified(path))
            } else {
                Ok(self.versioned(change.clone(), &json!({})))
            };
        };
        let live = &self.kept[index].1;
        if is_other(&live["metadata"], wanted) {
            return Err(modified(path));
        }
        let changed = if is_merge {
            merged(live.clone(), change)
        } else {
            with_notes_of(live, change.clone())
        };
        Ok(self.versioned(changed, live))
    }

    /// With the versions that the object has after it was `live`. What changes nothing makes none.
    fn versioned(&self, mut object: Value, live: &Value) -> Value {
        let mut number = |key: &str, value: Value| object["metadata"][key] = value;
        for key in ["uid", "resourceVersion", "generation"] {
            number(key, live["metadata"][key].clone());
        }
        let next = self.versions.fetch_add(1, Ordering::Relaxed).to_string();
        let metadata = object["metadata"].as_object_mut().unwrap();
        metadata.retain(|_, value| !value.is_null());
        if object == *live {
            return object;
        }
        let has_spec = object["spec"].is_object();
        let is_new = object["spec"] != live["spec"];
        let metadata = &mut object["metadata"];
        if metadata["uid"].is_null() {
            metadata["uid"] = format!("uid-{next}").into();
        }
        if has_spec {
            let generation = live["metadata"]["generation"].as_i64().unwrap_or_default();
            metadata["generation"] = (generation + i64::from(is_new)).into();
        }
        metadata["resourceVersion"] = next.into();
        object
    }

    fn keep(&mut self, path: &str, there: Option<usize>, object: &Value) {
        match there {
            Some(index) => self.kept[index].1 = object.clone(),
            None => self.kept.push((path.to_owned(), object.clone())),
        }
    }

    /// Somebody else's change of the workload at `path`.
    fn disturb(&mut self, path: &str) {
        let there = self.kept.iter().position(|(at, _)| at == path);
        let Some(index) = there.filter(|index| self.kept[*index].1["spec"].is_object()) else {
            return;
        };
        let live = self.kept[index].1.clone();
        let replicas = live["spec"]["replicas"].as_i64().unwrap_or_default() + 1;
        let change = json!({"spec": {"replicas": replicas}});
        let object = self.versioned(merged(live.clone(), &change), &live);
        self.keep(path, there, &object);
    }
}

/// Whether what was wanted is another version than the one that is there.
fn is_other(live: &Value, wanted: &Value) -> bool {
    ["uid", "resourceVersion"]
        .iter()
        .any(|key| wanted[key].is_string() && live[key] != wanted[key])
}

/// The words of a real server.
fn modified(path: &str) -> (u16, Value) {
    let message = "the object has been modified; please apply your changes to the latest version";
    let kind = path.rsplit('/').nth(1).unwrap_or_default();
    fake::refusal(409, "Conflict", message, kind)
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
