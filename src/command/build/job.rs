//! The build as the daemon takes it, and what it may ask of this machine.

use std::collections::HashMap;
use std::sync::Arc;

use crate::env::Env;
use crate::farm::{Job, Loads};
use crate::plan::{self, Exporter, ProvenanceDetail, Sink};
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
        destinations: destinations(&plan.results.outputs),
        registries: Arc::new(Registries::new(credentials, env)),
        ..Offer::default()
    };
    Job {
        build,
        platforms: plan.steps.platforms.clone(),
        offer,
        loads: loads(&plan.results, env),
        provenance: match plan.results.metadata_file {
            Some(_) => plan.results.metadata.provenance,
            None => ProvenanceDetail::Disabled,
        },
    }
}

fn loads(results: &plan::Results, env: &Env) -> Loads {
    let engine = |(index, output): (usize, &plan::Output)| match &output.exporter {
        Exporter::Docker(Sink::Engine(context)) => Some((index, context.clone())),
        _ => None,
    };
    Loads {
        exporters: results
            .outputs
            .iter()
            .enumerate()
            .filter_map(engine)
            .collect(),
        by_default: results.is_open.then(|| solve::named(&results.tags)),
        needs_image: results.iidfile.is_some(),
        env: env.clone(),
    }
}

fn destinations(outputs: &[plan::Output]) -> HashMap<usize, Destination> {
    let archive = |sink: &Sink| match sink {
        Sink::File(path) => Some(Destination::File(path.clone())),
        Sink::Stdout => Some(Destination::Stdout),
        // The engine is found before the build begins; a layout is written blob by blob.
        Sink::Engine(_) | Sink::Layout(_) => None,
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
