//! `build`.

mod archive;
mod aws;
mod destinations;
mod hand_over;
mod identity;
mod inputs;
mod job;
mod layouts;
mod logins;
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

use destinations::Destinations;
use hand_over::hand_over;
use identity::Identity;
use job::job;
use layouts::Layouts;

/// Builds, shows what happens meanwhile, and hands over what came of it.
pub(super) async fn run(
    args: &BuildArgs,
    kube: &KubeArgs,
    env: &Env,
    interrupt: &mut Interrupt,
) -> Result<()> {
    let mut plan = decide(args, env)?;
    let mode = render::resolve(plan.progress, env)?;
    preflight::check(&plan, env)?;
    let destinations = Destinations::find(&plan, &env.current_dir)?;
    secrets::check(&plan.secrets)?;
    aws::add_keys(&mut plan.caches);
    let layouts = Layouts::open(&plan)?;
    let identity = Identity::of(&plan.inputs.context, env);
    let read = tokio::select! {
        read = inputs::read(&plan.inputs, &identity, env) => read?,
        () = interrupt.first() => return Err(Error::new(Kind::Interrupted, "interrupted")),
    };
    let site = site(&plan, &identity, kube, env).await?;
    let reference = session::random_id()
        .map_err(|error| Error::usage("the build cannot be given an identity").because(error))?;

    let agents = tokio::select! {
        agents = secrets::agents(&plan.secrets, env) => agents?,
        () = interrupt.first() => return Err(Error::new(Kind::Interrupted, "interrupted")),
    };
    let named = tokio::select! {
        named = logins::named(&plan, &site, kube, env) => named?,
        () = interrupt.first() => return Err(Error::new(Kind::Interrupted, "interrupted")),
    };
    let (events, receiver) = Events::channel();
    let (text, label) = title(&site);
    let options = Options::new(env).building(text, label);
    let screen = tokio::spawn(render::listen(mode, options, receiver, std::io::stderr()));
    if plan.results.outputs.is_empty() {
        events.warning(NO_OUTPUT).await;
    }
    let credentials = logins::credentials(named, env, &events).await;
    let mut job = job(&plan, read, reference.clone(), credentials, env);
    job.offer.destinations = destinations.of_exporters();
    job.offer.agents = agents;
    job.offer.secrets = Arc::new(secrets::secrets(&plan.secrets, env, &events).await);
    layouts.offer(&mut job);
    for note in layouts.notes() {
        events.warning(note).await;
    }
    let built = Box::pin(farm::build(&site, job, &events, interrupt.first())).await;
    let published = match &built {
        Ok(built) => published(layouts, destinations, built, &events).await,
        Err(_) => Ok(()),
    };
    // The screen ends when nobody can send events any more.
    drop(events);
    let _ = screen.await;
    let built = built?;
    published?;
    hand_over(&plan, mode, &built, &reference).await
}

fn decide(args: &BuildArgs, env: &Env) -> Result<plan::Build> {
    let mut args = args.clone();
    if let Some(folder) = inputs::folder_before_url(&args.inputs, env) {
        args.inputs.build_context = Some(folder);
    }
    plan::Build::new(&args, env)
}

/// Ends what only a build that went well ends.
async fn published(
    layouts: Layouts,
    destinations: Destinations,
    built: &farm::Built,
    events: &Events,
) -> Result<()> {
    let published = layouts.publish(built, events).await;
    published.and(destinations.finish(events).await)
}

/// Finds where the build runs; nothing is asked of a cluster yet.
async fn site(plan: &plan::Build, identity: &Identity, kube: &KubeArgs, env: &Env) -> Result<Site> {
    match &plan.place {
        Place::Daemon(address) => Ok(Site::Daemon(address.clone())),
        Place::Builder {
            name,
            replica,
            create,
            timeout,
        } => {
            let (cluster, memory) = place(kube, env).await?;
            let wanted = Wanted {
                name: name.clone(),
                replica: replica.clone(),
                create: *create,
                timeout: *timeout,
                key: identity.text().to_owned(),
                without_output: plan.results.outputs.is_empty(),
                memory,
            };
            Ok(Site::Builder(Box::new(cluster), wanted))
        }
    }
}

/// What buildx says too: a build without output looks like a failure to those who look for its
/// image.
const NO_OUTPUT: &str = "no output: the result stays in the builder's cache; \
     add --push to push it, or -o to write it to a file or folder";

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
