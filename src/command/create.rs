//! `create`.

use std::io;

use crate::cli::{CreateArgs, KubeArgs};
use crate::env::Env;
use crate::error::Result;
use crate::event::Events;
use crate::farm::{self, Await};
use crate::manifest::Enough;
use crate::model::ProgressMode;
use crate::plan;
use crate::render::{self, Options};

use super::place::place;

/// Makes a builder, says so, and waits for it if asked to.
pub(super) async fn run(args: &CreateArgs, kube: &KubeArgs, env: &Env) -> Result<()> {
    let plan = plan::Create::new(args)?;
    let kube = plan.place(kube)?;
    let progress = render::resolve(ProgressMode::Auto, env)?;
    render::notes(&plan.notes, io::stderr().lock())?;
    let (cluster, memory) = place(&kube, env).await?;
    let builder = &plan.node.builder;
    let made = farm::create(&cluster, &plan.node).await?;
    let line = format!("builder/{builder} {}", made.as_str());
    render::line(&line, io::stdout().lock())?;
    memory.seen(cluster.namespace(), builder);
    if plan.choose {
        memory.choose(cluster.namespace(), builder)?;
    }
    let Some(timeout) = plan.boot else {
        return Ok(());
    };

    let (events, receiver) = Events::channel();
    let options = Options::new(env);
    let screen = tokio::spawn(render::listen(progress, options, receiver, io::stderr()));
    let what = Await {
        builder,
        node: &plan.node.name,
        enough: Enough::All,
        timeout,
    };
    let up = farm::wait(&cluster, what, &events).await;
    // The screen ends when nobody can send events any more.
    drop(events);
    let _ = screen.await;
    up
}
