//! The build as the daemon takes it, and what it may ask of this machine.

use std::collections::HashMap;
use std::sync::Arc;

use crate::env::Env;
use crate::farm::Job;
use crate::plan::{self, Exporter, Sink};
use crate::registry::{Credentials, Registries};
use crate::session::{self, Destination, Offer};
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
        destinations: destinations(outputs),
        registries: Arc::new(Registries::new(credentials, env)),
        ..Offer::default()
    };
    Job {
        build,
        platforms: plan.steps.platforms.clone(),
        offer,
    }
}

fn destinations(outputs: &[plan::Output]) -> HashMap<usize, Destination> {
    let archive = |sink: &Sink| match sink {
        Sink::File(path) => Some(Destination::File(path.clone())),
        Sink::Stdout => Some(Destination::Stdout),
        // The daemon writes it blob by blob, into a layout.
        Sink::Layout(_) => None,
    };
    let destination = |output: &plan::Output| match &output.exporter {
        Exporter::Image => None,
        Exporter::Local(folder) => Some(Destination::Folder(folder.clone())),
        Exporter::Tar(sink) | Exporter::Oci(sink) | Exporter::Docker(sink) => archive(sink),
    };
    outputs
        .iter()
        .enumerate()
        .filter_map(|(i, output)| Some((i, destination(output)?)))
        .collect()
}
