//! Which sources a build may have: rules of the daemon, and those that nobody here can evaluate.

use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::plan::{self, Context, Dockerfile, NO_REGO};
use crate::session::SourcePolicy;

/// Refuses a build whose Dockerfile has a policy beside it, which buildx would enforce: who wrote it
/// must not find out that it does nothing.
pub(super) fn check(plan: &plan::Build) -> Result<()> {
    if plan.policy.is_disabled {
        return Ok(());
    }
    // What the daemon fetches is not looked at from here.
    let ((Dockerfile::File { folder, name }, _)
    | (Dockerfile::InContext(name), Context::Folder(folder))) =
        (&plan.inputs.dockerfile, &plan.inputs.context)
    else {
        return Ok(());
    };
    let beside: PathBuf = folder.join(format!("{name}.rego"));
    if !beside.exists() {
        return Ok(());
    }
    Err(Error::usage(format!(
        "{}: policies in Rego cannot be evaluated here",
        beside.display()
    ))
    .hint(format!(
        "build without it by --policy disabled=true, or {NO_REGO}"
    )))
}

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
