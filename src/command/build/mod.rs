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
mod policy;
mod preflight;
mod repository;
mod secrets;
mod surroundings;

use std::sync::Arc;

use crate::cli::{BuildArgs, CreateArgs, KubeArgs};
use crate::defaults;
use crate::env::Env;
use crate::error::{Error, Kind, Result};
use crate::event::{Event, Events};
use crate::farm::{self, Recipe, Site, Wanted};
use crate::plan::{self, Place};
use crate::registry::Logins;
use crate::render::{self, Options};
use crate::session::{self, Agents};

use super::Finish;
use super::files::Local;
use super::interrupt::Interrupt;
use super::place::place;

use destinations::Destinations;
use hand_over::hand_over;
use identity::Identity;
use inputs::Read;
use job::job;
use layouts::Layouts;
use surroundings::Surroundings;

/// Builds, shows what happens meanwhile, and hands over what came of it.
pub(super) async fn run(
    args: &BuildArgs,
    kube: &KubeArgs,
    env: &Env,
    interrupt: &mut Interrupt,
) -> Result<Finish> {
    let ready = tokio::select! {
        ready = Box::pin(prepare(args, kube, env)) => ready?,
        () = interrupt.first() => return Err(Error::new(Kind::Interrupted, "interrupted")),
    };
    let plan = &ready.plan;
    let mode = render::resolve(plan.progress, env)?;
    let (events, receiver) = Events::channel();
    let (text, label) = title(&ready.site);
    let options = Options::new(env).building(text, label).in_full(plan.debug);
    let screen = tokio::spawn(render::listen(mode, options, receiver, std::io::stderr()));
    for warning in &ready.around.warnings {
        events.warning(warning).await;
    }
    let credentials = logins::credentials(ready.logins, env, &events).await;
    let mut job = job(plan, ready.read, ready.reference.clone(), credentials, env);
    ready.around.tell(&mut job);
    job.offer.destinations = ready.destinations.of_exporters();
    job.offer.agents = ready.agents;
    job.offer.secrets = Arc::new(secrets::secrets(&plan.secrets, env, &events).await);
    ready.layouts.offer(&mut job, &events).await;
    let built = Box::pin(farm::build(&ready.site, job, &events, interrupt.first())).await;
    let built = match built {
        Ok(built) => ready.destinations.finish(&events).await.map(|()| built),
        Err(error) => Err(error),
    };
    let kept = built.as_ref().ok().filter(|_| plan.call.is_none());
    let published = ready.layouts.publish(kept, &events).await;
    // An answer says itself that it is one.
    if built.is_ok() && published.is_ok() && plan.call.is_none() {
        events.send(Event::Success).await;
    }
    // The screen ends when nobody can send events any more.
    drop(events);
    let summary = screen.await.unwrap_or_default();
    let built = built?;
    published?;
    let about = (&ready.reference[..], &summary.warnings[..]);
    hand_over(plan, mode, &built, about).await
}

/// A build that only has to be begun: what could be wrong on this machine is known.
struct Ready {
    plan: plan::Build,
    site: Site,
    read: Read,
    around: Surroundings,
    agents: Agents,
    logins: Vec<Logins>,
    layouts: Layouts,
    destinations: Destinations,
    reference: String,
}

/// Looks at everything on this machine that the build needs.
async fn prepare(args: &BuildArgs, kube: &KubeArgs, env: &Env) -> Result<Ready> {
    let mut plan = decide(args, env)?;
    render::resolve(plan.progress, env)?;
    preflight::check(&plan, env)?;
    hand_over::forget(&plan)?;
    let destinations = Destinations::find(&plan, &env.current_dir)?;
    secrets::check(&plan.secrets)?;
    aws::add_keys(&mut plan.caches);
    let layouts = Layouts::open(&plan)?;
    let identity = Identity::of(&plan.inputs.context, env);
    let read = inputs::read(&plan.inputs, &identity, env).await?;
    let (site, around) = tokio::try_join!(
        site(&plan, &identity, kube, env),
        Surroundings::read(&plan, env)
    )?;
    Ok(Ready {
        reference: session::random_id().map_err(|error| {
            Error::usage("the build cannot be given an identity").because(error)
        })?,
        agents: secrets::agents(&plan.secrets, env).await?,
        logins: logins::named(&plan, &site, kube, env).await?,
        plan,
        site,
        read,
        around,
        layouts,
        destinations,
    })
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
                create: create.then(|| recipe(kube, env)),
                timeout: *timeout,
                key: identity.text().to_owned(),
                memory,
            };
            Ok(Site::Builder(Box::new(cluster), wanted))
        }
    }
}

/// What `create` would make here, if nothing else were on its command line.
fn recipe(kube: &KubeArgs, env: &Env) -> Recipe {
    let (kube, env) = (kube.clone(), env.clone());
    Recipe::new(move |name| {
        let args = CreateArgs {
            name: name.cloned(),
            ..defaults::create(&kube, &env)?
        };
        plan::Create::new(&args, &Local(&env))
    })
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
