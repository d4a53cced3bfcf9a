//! Objects that have the names of ours and are not.

use kube::api::ObjectMeta;

use crate::error::{Error, Result};
use crate::manifest::{self, Workload};
use crate::plan::NodePlan;

/// Refuses an object that is of no builder, or of another one.
pub(super) fn refuse_foreign(metadata: &ObjectMeta, kind: &str, plan: &NodePlan) -> Result<()> {
    if manifest::builder_name(metadata).as_ref() == Some(&plan.builder) {
        return Ok(());
    }
    let name = metadata.name.as_deref().unwrap_or_default();
    let owner = match manifest::builder_name(metadata) {
        Some(other) => format!("belongs to {other}"),
        None => "belongs to no builder".to_owned(),
    };
    Err(
        Error::usage(format!("{kind} {name:?} is there already and {owner}"))
            .hint("choose another name for the builder"),
    )
}

/// What docker buildx made is adopted by an update, and by nothing else.
pub(super) fn of_buildx(there: &Workload, plan: &NodePlan) -> Error {
    let (kind, name) = (there.kind(), there.name());
    let NodePlan { builder, .. } = plan;
    let numbered = name.strip_prefix(builder.as_str()).unwrap_or_default();
    let builder = if numbered.parse::<u32>().is_ok() {
        builder.as_str()
    } else {
        name
    };
    Error::usage(format!("{kind} {name:?} was made by docker buildx")).hint(format!(
        "make it ours: kubectl buildkit update {builder}; or choose another name for the builder"
    ))
}
