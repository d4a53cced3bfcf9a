//! Waiting for nodes, on the screen.

use std::io;
use std::time::Duration;

use crate::cluster::Cluster;
use crate::env::Env;
use crate::error::Result;
use crate::event::Events;
use crate::farm::{self, Await};
use crate::manifest::Enough;
use crate::model::{BuilderName, Maker, NodeName, ProgressMode};
use crate::render::{self, Options};

/// Waits until all pods of the nodes are as they should be, and shows what happens meanwhile.
pub(super) async fn for_nodes(
    cluster: &Cluster,
    builder: &BuilderName,
    nodes: &[(NodeName, Maker)],
    timeout: Duration,
    env: &Env,
) -> Result<()> {
    let progress = render::resolve(ProgressMode::Auto, env)?;
    let (events, receiver) = Events::channel();
    let options = Options::new(env);
    let screen = tokio::spawn(render::listen(progress, options, receiver, io::stderr()));
    let waits = nodes.iter().map(|(node, maker)| {
        let what = Await {
            builder,
            node,
            maker: *maker,
            enough: Enough::All,
            timeout,
        };
        farm::wait(cluster, what, &events)
    });
    let up = futures::future::try_join_all(waits).await.map(drop);
    // The screen ends when nobody can send events any more.
    drop(events);
    let _ = screen.await;
    up
}
