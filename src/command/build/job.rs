//! The build as the daemon takes it, and what it may ask of this machine.

use std::collections::HashMap;
use std::sync::Arc;

use crate::env::Env;
use crate::farm::Job;
use crate::plan;
use crate::registry::{Credentials, Registries};
use crate::session::{self, Offer};
use crate::solve;

use super::inputs::Read;

/// The build as the daemon takes it, and what it may ask of this machine.
pub(super) fn job(
    plan: &plan::Build,
    read: Read,
    reference: String,
    credentials: Credentials,
    env: &Env,
) -> Job {
    let mut attributes = solve::frontend_attributes(plan);
    attributes.extend(read.attributes);
    let build = session::Build {
        reference,
        frontend: solve::DOCKERFILE_FRONTEND.to_owned(),
        attributes,
        exporters: plan.results.outputs.iter().map(solve::exporter).collect(),
        // Those in folders of this machine are looked up first.
        cache_imports: Vec::new(),
        cache_exports: Vec::new(),
        entitlements: plan.sandbox.entitlements.clone(),
        shared_key: read.shared_key,
        fetch: read.fetch,
    };
    let offer = Offer {
        folders: read.folders,
        upload: read.upload,
        registries: Arc::new(Registries::new(credentials, env)),
        stores: HashMap::new(),
        ..Offer::default()
    };
    Job {
        build,
        platforms: plan.steps.platforms.clone(),
        offer,
    }
}
