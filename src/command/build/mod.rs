//! `build`.

mod aws;
mod hand_over;
mod job;
mod layouts;
mod preflight;
mod secrets;

use std::sync::Arc;

use crate::cli::{BuildArgs, KubeArgs};
use crate::env::Env;
use crate::error::{Error, Kind, Result};
use crate::event::{Event, Events};
use crate::farm::{self, Site, Wanted};
use crate::plan::{self, Place};
use crate::render::{self, Options};
use crate::session;

use super::interrupt::Interrupt;
use super::place::place;

use hand_over::hand_over;
use job::{credentials, job};
use layouts::Layouts;

/// Builds, shows what happens meanwhile, and hands over what came of it.
pub(super) async fn run(
    args: &BuildArgs,
    kube: &KubeArgs,
    env: &Env,
    interrupt: &mut Interrupt,
) -> Result<()> {
    let mut plan = plan::Build::new(args, env)?;
    let mode = render::resolve(plan.progress, env)?;
    preflight::check(&plan)?;
    secrets::check(&plan.secrets)?;
    aws::add_keys(&mut plan.caches);
    let layouts = Layouts::open(&plan)?;
    let site = site(&plan, kube, env).await?;
    let reference = session::random_id()
        .map_err(|error| Error::usage("the build cannot be given an identity").because(error))?;

    let agents = tokio::select! {
        agents = secrets::agents(&plan.secrets, env) => agents?,
        () = interrupt.first() => return Err(Error::new(Kind::Interrupted, "interrupted")),
    };
    let (events, receiver) = Events::channel();
    let (text, label) = title(&site);
    let options = Options::new(env).building(text, label).in_full(plan.debug);
    let screen = tokio::spawn(render::listen(mode, options, receiver, std::io::stderr()));
    let credentials = credentials(env, &events).await;
    let mut job = job(&plan, reference.clone(), credentials, env);
    job.offer.agents = agents;
    job.offer.secrets = Arc::new(secrets::secrets(&plan.secrets, env, &events).await);
    layouts.offer(&mut job);
    for note in layouts.notes() {
        events.warning(note).await;
    }
    let built = Box::pin(farm::build(&site, job, &events, interrupt.first())).await;
    let published = match &built {
        Ok(built) => layouts.publish(built, &events).await,
        Err(_) => Ok(()),
    };
    let failure = built.as_ref().err().or(published.as_ref().err());
    close(&plan, &site, failure, &events).await;
    // The screen ends when nobody can send events any more.
    drop(events);
    let _ = screen.await;
    let built = built?;
    published?;
    hand_over(&plan, mode, &built, &reference).await
}

/// Says what stands at the end of a build that succeeded, or failed for `failure`.
async fn close(plan: &plan::Build, site: &Site, failure: Option<&Error>, events: &Events) {
    let has_begun = failure.is_none_or(|error| error.kind() == Kind::BuildFailed);
    if plan.results.outputs.is_empty() && has_begun {
        events.closing(no_output(site)).await;
    }
    if failure.is_none() {
        events.send(Event::Success).await;
    }
}

/// Finds where the build runs; nothing is asked of a cluster yet.
async fn site(plan: &plan::Build, kube: &KubeArgs, env: &Env) -> Result<Site> {
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
                key: plan.inputs.context.to_string_lossy().into_owned(),
                without_output: plan.results.outputs.is_empty(),
                memory,
            };
            Ok(Site::Builder(Box::new(cluster), wanted))
        }
    }
}

/// What buildx says, and when it says it: a build without output looks like a failure to those who
/// look for its image.
fn no_output(site: &Site) -> String {
    let driver = match site {
        Site::Daemon(_) => "remote",
        Site::Builder(..) => "kubernetes",
    };
    format!(
        "No output specified with {driver} driver. Build result will only remain in the build cache. \
         To push result image into registry use --push or to load image into docker use --load"
    )
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
