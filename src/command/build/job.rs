//! The build as the daemon takes it, and what it may ask of this machine.

use std::collections::HashMap;
use std::error::Error as _;
use std::sync::Arc;

use crate::env::Env;
use crate::event::Events;
use crate::farm::{Job, Loads};
use crate::plan::{self, Exporter, ProvenanceDetail, Sink};
use crate::registry::{Credentials, Registries};
use crate::session::{self, Destination, Offer};
use crate::solve;

/// The user's logins. Without them everything but private registries works, as it does in docker.
pub(super) async fn credentials(env: &Env, events: &Events) -> Credentials {
    match Credentials::load(env) {
        Ok(credentials) => credentials,
        Err(error) => {
            let cause = error.source().map(ToString::to_string).unwrap_or_default();
            events
                .warning(format!(
                    "building without registry logins: {error}: {cause}"
                ))
                .await;
            Credentials::default()
        }
    }
}

/// The build as the daemon takes it, and what it may ask of this machine.
pub(super) fn job(
    plan: &plan::Build,
    reference: String,
    credentials: Arc<Credentials>,
    env: &Env,
) -> Job {
    let build = session::Build {
        reference,
        frontend: solve::DOCKERFILE_FRONTEND.to_owned(),
        attributes: solve::frontend_attributes(plan),
        exporters: plan.results.outputs.iter().map(solve::exporter).collect(),
        entitlements: plan.sandbox.entitlements.clone(),
        shared_key: session::shared_key(&env.host_name, &plan.inputs.context),
    };
    let offer = Offer {
        context: solve::CONTEXT.to_owned(),
        folders: HashMap::from([
            (solve::CONTEXT.to_owned(), plan.inputs.context.clone()),
            (
                solve::DOCKERFILE.to_owned(),
                plan.inputs.dockerfile.folder.clone(),
            ),
        ]),
        destinations: destinations(&plan.results.outputs),
        credentials: Arc::clone(&credentials),
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
        registries: Arc::new(Registries::new(credentials, env)),
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
        // The engine is found before the build begins.
        Sink::Engine(_) => None,
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
