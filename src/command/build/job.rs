//! The build as the daemon takes it, and what it may ask of this machine.

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
    // The answer to a question is all that comes of it.
    let outputs: &[plan::Output] = match plan.call {
        Some(_) => &[],
        None => &plan.results.outputs,
    };
    let mut attributes = solve::frontend_attributes(plan);
    solve::extend(&mut attributes, read.attributes);
    if plan.call.is_some() {
        solve::require(&mut attributes, solve::QUESTIONS);
    }
    let build = session::Build {
        reference,
        frontend: solve::frontend(plan).to_owned(),
        attributes,
        exporters: outputs.iter().map(solve::exporter).collect(),
        // Those in folders of this machine are looked up first.
        cache_imports: Vec::new(),
        cache_exports: Vec::new(),
        entitlements: plan.sandbox.entitlements.clone(),
        source_policy: None,
        is_question: plan.call.is_some(),
        shared_key: read.shared_key,
        fetch: read.fetch,
    };
    let offer = Offer {
        folders: read.folders,
        upload: read.upload,
        registries: Arc::new(Registries::new(credentials, env)),
        ..Offer::default()
    };
    Job {
        build,
        platforms: plan.steps.platforms.clone(),
        offer,
    }
}
