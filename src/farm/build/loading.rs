//! Results that go into a container engine of this machine.

use std::sync::Arc;

use crate::engine::{Engine, Import};
use crate::error::{Error, Result};
use crate::event::Events;
use crate::model::Builder;
use crate::session::Destination;
use crate::solve;

use super::job::Job;

/// Finds the engines for the outputs that were asked for. Nothing is built if there is none.
pub(super) async fn as_asked(job: &mut Job, events: &Events) -> Result<()> {
    for (index, context) in job.loads.exporters.clone() {
        into_engine(job, index, context.as_deref(), events).await?;
    }
    Ok(())
}

/// Decides what becomes of a result of which nobody said it: it is loaded if the builder was made for
/// that, else it stays where it is built.
pub(super) async fn by_default(
    job: &mut Job,
    builder: Option<&Builder>,
    driver: &str,
    events: &Events,
) -> Result<()> {
    let Some(attributes) = job.loads.by_default.take() else {
        return Ok(());
    };
    let loads = |builder: &Builder| builder.nodes.iter().any(|node| node.default_load);
    match builder.filter(|builder| loads(builder)) {
        Some(builder) => {
            let index = job.build.exporters.len();
            job.build
                .exporters
                .push((solve::DOCKER.to_owned(), attributes));
            let loaded = into_engine(job, index, None, events).await;
            loaded.map_err(|error| by_builder(error, builder))
        }
        None if job.loads.needs_image => Err(Error::usage("--iidfile has no image to name")
            .hint("add --push or --load, or -o type=image, oci or docker")),
        None => {
            events.closing(no_output(driver)).await;
            Ok(())
        }
    }
}

/// What buildx says, and when it says it: a build without output looks like a failure to those who
/// look for its image.
fn no_output(driver: &str) -> String {
    format!(
        "No output specified with {driver} driver. Build result will only remain in the build cache. \
         To push result image into registry use --push or to load image into docker use --load"
    )
}

/// Says why a build that asked for no engine needs one.
fn by_builder(error: Error, builder: &Builder) -> Error {
    error.at(format!(
        "builder {} loads results by default (default-load; -o type=cacheonly or \
         BUILDX_NO_DEFAULT_LOAD=1 for none)",
        builder.name
    ))
}

/// Sends the result of an exporter into an engine, in the form that it takes: buildx's rule.
async fn into_engine(
    job: &mut Job,
    index: usize,
    context: Option<&str>,
    events: &Events,
) -> Result<()> {
    let engine = Engine::find(&job.loads.env, context).await?;
    let lists = job.platforms.len() > 1 || solve::asks_for_attestations(&job.build.attributes);
    let Some((kind, attributes)) = job.build.exporters.get_mut(index) else {
        return Ok(());
    };
    if engine.takes_layouts() {
        solve::as_layout(kind, attributes);
    } else if lists {
        return Err(one_platform(&engine));
    }
    let taker = Destination::Taker(Arc::new(Import::new(engine, events.downgrade())));
    job.offer.destinations.insert(index, taker);
    Ok(())
}

fn one_platform(engine: &Engine) -> Error {
    Error::usage(format!(
        "the container engine at {} takes neither several platforms nor attestations",
        engine.address()
    ))
    .hint(
        "load one platform at a time, write -o type=oci,dest=FILE, or push; docker takes them with its \
         containerd image store",
    )
}
