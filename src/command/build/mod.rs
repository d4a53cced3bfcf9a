//! `build`.

mod archive;
mod aws;
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
    hand_over::forget(&plan)?;
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
    let credentials = logins::credentials(named, env, &events).await;
    let mut job = job(&plan, read, reference.clone(), credentials, env);
    job.offer.agents = agents;
    job.offer.secrets = Arc::new(secrets::secrets(&plan.secrets, env, &events).await);
    layouts.offer(&mut job, &events).await;
    let built = Box::pin(farm::build(&site, job, &events, interrupt.first())).await;
    let published = layouts.publish(built.as_ref().ok(), &events).await;
    // The screen ends when nobody can send events any more.
    drop(events);
    let summary = screen.await.unwrap_or_default();
    let built = built?;
    published?;
    hand_over(&plan, mode, &built, (&reference, &summary.warnings)).await
}

fn decide(args: &BuildArgs, env: &Env) -> Result<plan::Build> {
    let mut args = args.clone();
    if let Some(folder) = inputs::folder_before_url(&args.inputs, env) {
        args.inputs.build_context = Some(folder);
    }
    plan::Build::new(&args, env)
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
