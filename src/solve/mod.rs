//! BuildKit requests from a plan: what the frontend and the exporters are told.

mod divide;
mod metadata;

use std::collections::BTreeMap;

use crate::model::Platform;
use crate::plan::{Build, Exporter, Output};

pub use divide::{Indivisible, Push, part, push};
pub use metadata::{DESCRIPTOR, DIGEST, Metadata, image_id};

/// What a frontend or an exporter is told.
pub type Attributes = BTreeMap<String, String>;

/// The exporter of images.
const IMAGE: &str = "image";

/// The frontend that reads Dockerfiles.
pub const DOCKERFILE_FRONTEND: &str = "dockerfile.v0";

/// The names under which the frontend asks for the build's folders.
pub const CONTEXT: &str = "context";
/// See [`CONTEXT`].
pub const DOCKERFILE: &str = "dockerfile";

/// The provenance that buildx asks for when nobody says anything: minimal, and only in images.
const DEFAULT_PROVENANCE: &str = "mode=min,inline-only=true";

/// What the Dockerfile frontend is told of a build.
pub fn frontend_attributes(build: &Build) -> Attributes {
    let mut attributes = BTreeMap::from([("filename".to_owned(), build.dockerfile.name.clone())]);
    let mut set = |key: &str, value: &str| attributes.insert(key.to_owned(), value.to_owned());
    for (name, value) in &build.build_args {
        set(&format!("build-arg:{name}"), value);
    }
    for (name, value) in &build.labels {
        set(&format!("label:{name}"), value);
    }
    if let Some(target) = &build.target {
        set("target", target);
    }
    if !build.platforms.is_empty() {
        let names: Vec<String> = build.platforms.iter().map(Platform::to_string).collect();
        set("platform", &names.join(","));
    }
    if build.no_cache {
        set("no-cache", "");
    }
    if build.pull {
        set("image-resolve-mode", "pull");
    }
    if build.provenance {
        set("attest:provenance", DEFAULT_PROVENANCE);
    }
    attributes
}

/// The daemon's exporter for an output, and what it is told.
pub fn exporter(output: &Output) -> (String, Attributes) {
    let kind = match output.exporter {
        Exporter::Image => IMAGE,
        Exporter::Local(_) => "local",
        Exporter::Tar(_) => "tar",
        Exporter::Oci(_) => "oci",
        Exporter::Docker(_) => "docker",
    };
    (kind.to_owned(), output.attributes.clone())
}
