//! `build`.

mod hand_over;
mod job;
mod preflight;
mod secrets;

use std::sync::Arc;

use crate::cli::{BuildArgs, KubeArgs};
use crate::env::Env;
use crate::error::{Error, Kind, Result};
use crate::event::Events;
use crate::farm::{self, Site, Wanted};
use crate::plan::{self, Place};
use crate::render::{self, Options};
use crate::session;

use super::interrupt::Interrupt;
use super::place::place;

use hand_over::hand_over;
use job::{credentials, job};

/// Builds, shows what happens meanwhile, and hands over what came of it.
pub(super) async fn run(
    args: &BuildArgs,
    kube: &KubeArgs,
    env: &Env,
    interrupt: &mut Interrupt,
) -> Result<()> {
    let plan = plan::Build::new(args, env)?;
    let mode = render::resolve(plan.progress, env)?;
    preflight::check(&plan)?;
    hand_over::forget(&plan)?;
    secrets::check(&plan.secrets)?;
    let site = site(&plan, kube, env).await?;
    let reference = session::random_id()
        .map_err(|error| Error::usage("the build cannot be given an identity").because(error))?;

    let agents = tokio::select! {
        agents = secrets::agents(&plan.secrets, env) => agents?,
        () = interrupt.first() => return Err(Error::new(Kind::Interrupted, "interrupted")),
    };
    let (events, receiver) = Events::channel();
    let (text, label) = title(&site);
    let options = Options::new(env).building(text, label);
    let screen = tokio::spawn(render::listen(mode, options, receiver, std::io::stderr()));
    let credentials = Arc::new(credentials(env, &events).await);
    let mut job = job(&plan, reference.clone(), credentials, env);
    job.offer.agents = agents;
    job.offer.secrets = Arc::new(secrets::secrets(&plan.secrets, env, &events).await);
    let built = Box::pin(farm::build(&site, job, &events, interrupt.first())).await;
    // The screen ends when nobody can send events any more.
    drop(events);
    let summary = screen.await.unwrap_or_default();
    hand_over(&plan, mode, &built?, (&reference, &summary.warnings)).await
}

/// Finds where the build runs; nothing is asked of a cluster yet.
async fn site(plan: &plan::Build, kube: &KubeArgs, env: &Env) -> Result<Site> {
    match &plan.place {
        Place::Daemon(address) => Ok(Site::Daemon(address.clone())),
        Place::Builder {
            name,
            create,
            timeout,
        } => {
            let (cluster, memory) = place(kube, env).await?;
            let wanted = Wanted {
                name: name.clone(),
                create: *create,
                timeout: *timeout,
                key: plan.inputs.context.to_string_lossy().into_owned(),
                memory,
            };
            Ok(Site::Builder(Box::new(cluster), wanted))
        }
    }
}

fn title(site: &Site) -> (String, String) {
    match site {
        Site::Daemon(address) => (
            format!("building with the daemon at {address}"),
            address.to_string(),
        ),
        Site::Builder(cluster, wanted) => {
            let chosen = || farm::chosen(cluster, &wanted.memory);
            let name = wanted.name.clone().or_else(|| Some(chosen()?.1));
            let name = name
                .as_ref()
                .map_or(plan::DEFAULT_BUILDER, |name| name.as_str());
            (
                format!("building with {name:?} instance using kubernetes driver"),
                format!("kubernetes:{name}"),
            )
        }
    }
}
