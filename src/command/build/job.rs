//! The build as the daemon takes it, and what it may ask of this machine.

use std::collections::HashMap;
use std::error::Error as _;
use std::sync::Arc;

use crate::env::Env;
use crate::event::Events;
use crate::farm::Job;
use crate::plan::{self, Exporter, Sink};
use crate::registry::{ConfigError, Credentials, Registries};
use crate::session::{self, Destination, Offer};
use crate::solve;

use super::inputs::Read;

/// The user's logins. Without them everything but private registries works, as it does in docker.
pub(super) async fn credentials(env: &Env, events: &Events) -> Credentials {
    let mut credentials = match Credentials::load(env) {
        Ok(credentials) => credentials,
        Err(error) => {
            events.warning(without(&error)).await;
            Credentials::default()
        }
    };
    if let Err(error) = credentials.read_variable(env) {
        events.warning(without(&error)).await;
    }
    credentials
}

/// That logins are missing, and why.
fn without(error: &ConfigError) -> String {
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    format!("building without these registry logins: {error}: {cause}")
}

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
        stores: HashMap::new(),
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
