//! Which sources a build may have: rules of the daemon, and policies that are evaluated here.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::env::Env;
use crate::error::{Error, Result};
use crate::plan::{self, Context, RegoPolicy};
use crate::policy::{Environment, Files, Policies, Policy, PolicyError};
use crate::session::SourcePolicy;

/// The rules that the daemon applies.
pub(super) fn rules(plan: &plan::Build) -> Result<Option<SourcePolicy>> {
    let Some(file) = &plan.policy.rules else {
        return Ok(None);
    };
    let place = format!("$EXPERIMENTAL_BUILDKIT_SOURCE_POLICY: {}", file.display());
    let text = std::fs::read(file)
        .map_err(|error| Error::usage(format!("{place} cannot be read")).because(error))?;
    let policy = SourcePolicy::parse(&text).map_err(|error| {
        Error::usage(format!("{place} is no source policy"))
            .because(error)
            .hint(r#"write for instance {"rules": [{"action": "DENY", "selector": {"identifier": "https://*"}}]}"#)
    })?;
    Ok(Some(policy))
}

/// Policies in Rego that judge the build's sources, and whether its steps have to use the daemon's proxy.
pub(super) struct Judges {
    pub(super) policies: Option<Arc<Policies>>,
    pub(super) need_proxy: bool,
}

/// Reads the policies of a build: that beside its Dockerfile, and those that were named.
pub(super) fn judges(plan: &plan::Build, env: &Env) -> Result<Judges> {
    let beside = beside(plan);
    let files = Files {
        current: env.current_dir.clone(),
        context: match &plan.inputs.context {
            Context::Folder(folder) => Some(folder.clone()),
            Context::StandardInput | Context::Remote(_) => None,
        },
    };
    let chosen = plan.policy.policies(beside.is_some());
    if chosen.is_empty() {
        return Ok(Judges {
            policies: None,
            need_proxy: false,
        });
    }
    let load = |policy: &RegoPolicy| load(policy, beside.as_deref(), &files);
    let policies = chosen.iter().map(load).collect::<Result<_>>()?;
    let policies = Policies::new(policies, &environment(plan));
    let need_proxy = policies.need_proxy().map_err(|error| {
        Error::usage("a policy cannot be asked what the build needs").because(error)
    })?;
    Ok(Judges {
        policies: Some(Arc::new(policies)),
        need_proxy,
    })
}

fn load(policy: &RegoPolicy, beside: Option<&Path>, files: &Files) -> Result<Policy> {
    let loaded = match beside {
        Some(path) if policy.files.is_empty() => Policy::beside(path, files.clone(), policy.log),
        _ => Policy::load(&policy.files, files.clone(), policy.log),
    };
    loaded.map_err(|error| {
        let name = match beside {
            Some(path) if policy.files.is_empty() => path.display().to_string(),
            _ => format!("--policy filename={}", policy.files.join(",filename=")),
        };
        let refused = Error::usage(format!("{name}: the policy cannot be used"));
        match &error {
            PolicyError::Unknowable(..) => refused.hint(
                "build without policies by --policy disabled=true, or build with docker buildx",
            ),
            _ => refused,
        }
        .because(error)
    })
}

/// The policy beside the Dockerfile, if there is one.
fn beside(plan: &plan::Build) -> Option<PathBuf> {
    let (folder, name) = plan.inputs.local_dockerfile()?;
    let dockerfile = folder.join(name);
    let lower = dockerfile.with_file_name("dockerfile");
    let is_lower = dockerfile.ends_with("Dockerfile") && !dockerfile.exists() && lower.exists();
    let mut path = if is_lower { lower } else { dockerfile }.into_os_string();
    path.push(".rego");
    let path = PathBuf::from(path);
    path.exists().then_some(path)
}

/// What policies are told of the build.
fn environment(plan: &plan::Build) -> Environment {
    let file_name = plan.inputs.local_dockerfile().map(|(_, name)| name);
    let file_name = file_name.and_then(|name| Path::new(name).file_name());
    Environment {
        arguments: plan.steps.build_args.clone(),
        labels: plan.results.labels.clone(),
        file_name: file_name.map_or_else(
            || "Dockerfile".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        ),
        target: plan.steps.target.clone().unwrap_or_default(),
    }
}
