//! The build as the daemon takes it, and what it may ask of this machine.

use std::collections::HashMap;
use std::error::Error as _;
use std::sync::Arc;

use crate::env::Env;
use crate::event::Events;
use crate::farm::Job;
use crate::plan;
use crate::registry::{Credentials, Registries};
use crate::session::{self, Offer};
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
        credentials: Arc::clone(&credentials),
        ..Offer::default()
    };
    Job {
        build,
        platforms: plan.steps.platforms.clone(),
        offer,
        registries: Arc::new(Registries::new(credentials, env)),
    }
}
