//! What the Dockerfile frontend is told of a build.

mod repository;
mod sandbox;

use crate::model::Platform;
use crate::plan::{Build, DEFAULT_PROVENANCE};

use super::Attributes;

use sandbox::sandbox;

pub use repository::{Repository, repository_attributes};

/// The frontend that reads Dockerfiles, and the one that runs another from an image.
const DOCKERFILE_FRONTEND: &str = "dockerfile.v0";
const GATEWAY_FRONTEND: &str = "gateway.v0";

/// The frontend that reads the Dockerfile.
pub fn frontend(build: &Build) -> &'static str {
    match build.steps.syntax {
        Some(_) => GATEWAY_FRONTEND,
        None => DOCKERFILE_FRONTEND,
    }
}

/// Build arguments for the proxies that the docker config file names, but for those that were given.
pub fn proxy_arguments(build: &Build, proxies: &Attributes) -> Attributes {
    let is_given = |name: &str| {
        let mut given = build.steps.build_args.keys();
        given.any(|given| given.eq_ignore_ascii_case(name))
    };
    let wanted = proxies.iter().filter(|(name, _)| !is_given(name));
    wanted
        .map(|(name, value)| (format!("build-arg:{name}"), value.clone()))
        .collect()
}

/// What a frontend has to know that is asked something.
pub const QUESTIONS: &str = "moby.buildkit.frontend.subrequests+forward";

/// Says that the frontend has to know how to do something, besides what it has to know already.
pub fn require(attributes: &mut Attributes, capability: &str) {
    let all = attributes.entry("frontend.caps".to_owned()).or_default();
    if !all.is_empty() {
        all.push(',');
    }
    all.push_str(capability);
}

/// Adds what else the frontend is told; what it has to know how to do adds up.
pub fn extend(attributes: &mut Attributes, mut more: Attributes) {
    if let Some(capabilities) = more.remove("frontend.caps") {
        for capability in capabilities.split(',') {
            require(attributes, capability);
        }
    }
    attributes.extend(more);
}

/// Whether attestations were asked for, besides the one that nobody has to ask for.
pub fn asks_for_attestations(attributes: &Attributes) -> bool {
    let mut attested = attributes
        .iter()
        .filter(|(key, _)| key.starts_with("attest:"));
    attested.any(|(_, value)| value != DEFAULT_PROVENANCE)
}

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
    for (kind, parameters) in &build.results.attestations {
        set(&format!("attest:{kind}"), parameters);
    }
    if build.steps.multi_platform {
        set("multi-platform", "true");
    }
    if let Some(syntax) = &build.steps.syntax {
        let image = syntax.trim().split(' ').next().unwrap_or_default();
        set("source", image);
        set("cmdline", syntax);
    }
    if let Some(call) = &build.call {
        set("requestid", &format!("frontend.{}", call.name));
    }
    attributes.extend(sandbox(&build.sandbox));
    attributes
}
