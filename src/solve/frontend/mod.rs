//! What the Dockerfile frontend is told of a build.

mod sandbox;

use crate::model::Platform;
use crate::plan::Build;

use super::Attributes;

use sandbox::sandbox;

/// The provenance that buildx asks for when nobody says anything: minimal, and only in images.
const DEFAULT_PROVENANCE: &str = "mode=min,inline-only=true";

/// What the Dockerfile frontend is told of a build, but for what it reads.
pub fn frontend_attributes(build: &Build) -> Attributes {
    let mut attributes = Attributes::new();
    let mut set = |key: &str, value: &str| attributes.insert(key.to_owned(), value.to_owned());
    for (name, value) in &build.steps.build_args {
        set(&format!("build-arg:{name}"), value);
    }
    for (name, value) in &build.results.labels {
        set(&format!("label:{name}"), value);
    }
    if let Some(target) = &build.steps.target {
        set("target", target);
    }
    if !build.steps.platforms.is_empty() {
        let names: Vec<String> = build
            .steps
            .platforms
            .iter()
            .map(Platform::to_string)
            .collect();
        set("platform", &names.join(","));
    }
    // Empty: every stage.
    if build.steps.no_cache || !build.steps.no_cache_filter.is_empty() {
        set("no-cache", &build.steps.no_cache_filter.join(","));
    }
    if build.steps.pull {
        set("image-resolve-mode", "pull");
    }
    if build.results.provenance {
        set("attest:provenance", DEFAULT_PROVENANCE);
    }
    attributes.extend(sandbox(&build.sandbox));
    attributes
}
