//! `build`.

use std::collections::HashMap;
use std::error::Error as _;
use std::path::Path;
use std::sync::Arc;

use crate::cli::{BuildArgs, KubeArgs};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::event::Events;
use crate::farm::{self, Built, Job, Site, Wanted};
use crate::files;
use crate::model::{BuilderName, ProgressMode};
use crate::plan::{self, Exporter, Place, Sink};
use crate::registry::{Credentials, Registries};
use crate::render::{self, Options};
use crate::session::{self, Destination, Offer};
use crate::solve::{self, Metadata};

use super::interrupt::Interrupt;
use super::place::place;
use super::preflight;

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
    let site = site(&plan, kube, env).await?;
    let reference = session::random_id()
        .map_err(|error| Error::usage("the build cannot be given an identity").because(error))?;

    let (events, receiver) = Events::channel();
    let (text, label) = title(&site);
    let options = Options::new(env).building(text, label);
    let screen = tokio::spawn(render::listen(mode, options, receiver, std::io::stderr()));
    if plan.outputs.is_empty() {
        events.warning(NO_OUTPUT).await;
    }
    let credentials = Arc::new(credentials(env, &events).await);
    let job = job(&plan, reference.clone(), credentials, env);
    let built = Box::pin(farm::build(&site, job, &events, interrupt.first())).await;
    // The screen ends when nobody can send events any more.
    drop(events);
    let _ = screen.await;
    hand_over(&plan, mode, &built?, &reference).await
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
                key: plan.context.to_string_lossy().into_owned(),
                without_output: plan.outputs.is_empty(),
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

/// The user's logins. Without them everything but private registries works, as it does in docker.
async fn credentials(env: &Env, events: &Events) -> Credentials {
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
fn job(plan: &plan::Build, reference: String, credentials: Arc<Credentials>, env: &Env) -> Job {
    let build = session::Build {
        reference,
        frontend: solve::DOCKERFILE_FRONTEND.to_owned(),
        attributes: solve::frontend_attributes(plan),
        exporters: plan.outputs.iter().map(solve::exporter).collect(),
        entitlements: Vec::new(),
        shared_key: session::shared_key(&env.host_name, &plan.context),
    };
    let offer = Offer {
        context: solve::CONTEXT.to_owned(),
        folders: HashMap::from([
            (solve::CONTEXT.to_owned(), plan.context.clone()),
            (solve::DOCKERFILE.to_owned(), plan.dockerfile.folder.clone()),
        ]),
        destinations: destinations(&plan.outputs),
        credentials: Arc::clone(&credentials),
    };
    Job {
        build,
        platforms: plan.platforms.clone(),
        offer,
        registries: Arc::new(Registries::new(credentials, env)),
    }
}

fn destinations(outputs: &[plan::Output]) -> HashMap<usize, Destination> {
    let archive = |sink: &Sink| match sink {
        Sink::File(path) => Destination::File(path.clone()),
        Sink::Stdout => Destination::Stdout,
    };
    let destination = |output: &plan::Output| match &output.exporter {
        Exporter::Image => None,
        Exporter::Local(folder) => Some(Destination::Folder(folder.clone())),
        Exporter::Tar(sink) | Exporter::Oci(sink) | Exporter::Docker(sink) => Some(archive(sink)),
    };
    outputs
        .iter()
        .enumerate()
        .filter_map(|(i, output)| Some((i, destination(output)?)))
        .collect()
}

/// Writes the files that were asked for and, if nothing else is shown, the image's digest.
async fn hand_over(
    plan: &plan::Build,
    mode: ProgressMode,
    built: &Built,
    reference: &str,
) -> Result<()> {
    let response = &built.outcome.response;
    let id = solve::image_id(response);
    if let Some(file) = &plan.metadata_file {
        write(file, &metadata(built, reference).to_json()).await?;
    }
    if let Some((file, id)) = plan.iidfile.as_ref().zip(id) {
        write(file, id).await?;
    }
    match id {
        Some(id)
            if mode == ProgressMode::Quiet && !plan.outputs.iter().any(plan::Output::is_stdout) =>
        {
            render::line(id, std::io::stdout().lock())
        }
        _ => Ok(()),
    }
}

/// What is known of the result, and of the parts if several nodes made it.
fn metadata(built: &Built, reference: &str) -> Metadata {
    let on = |builder: &BuilderName, node: &str| format!("{builder}/{node}/{reference}");
    let place = built.place.as_ref();
    let made_on = place.map(|(builder, node)| on(builder, node));
    let mut metadata = Metadata::new(&built.outcome.response, made_on);
    for part in &built.parts {
        let made_on = place.map(|(builder, _)| on(builder, &part.node));
        metadata.add_part(&part.platforms, &part.response, made_on);
    }
    metadata
}

async fn write(file: &Path, text: &str) -> Result<()> {
    files::write_text(file, text)
        .await
        .map_err(|error| Error::usage(format!("cannot write {}", file.display())).because(error))
}
