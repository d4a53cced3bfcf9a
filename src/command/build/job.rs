//! The build as the daemon takes it, and what it may ask of this machine.

use std::sync::Arc;

use crate::env::Env;
use crate::farm::{Job, Loads};
use crate::plan::{self, Exporter, ProvenanceDetail, Sink};
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
    let outputs = plan.outputs();
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
        proxy_network: false,
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
        loads: loads(plan, outputs, env),
        provenance: match plan.results.metadata_file {
            Some(_) if plan.call.is_none() => plan.results.metadata.provenance,
            _ => ProvenanceDetail::Disabled,
        },
    }
}

/// What goes into a container engine.
fn loads(plan: &plan::Build, outputs: &[plan::Output], env: &Env) -> Loads {
    let results = &plan.results;
    let is_open = results.is_open && plan.call.is_none();
    let engine = |(index, output): (usize, &plan::Output)| match &output.exporter {
        Exporter::Docker(Sink::Engine(context)) => Some((index, context.clone())),
        _ => None,
    };
    Loads {
        exporters: outputs.iter().enumerate().filter_map(engine).collect(),
        by_default: is_open.then(|| solve::named(&results.tags)),
        needs_image: results.iidfile.is_some(),
        env: env.clone(),
    }
}
