//! Objects that belong to others are left alone.

use kube::api::ObjectMeta;

use crate::error::{Error, Result};
use crate::manifest;
use crate::plan::NodePlan;

/// Refuses an object of that kind that is not the plan's builder's.
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
