//! `ls`.

use std::io;

use crate::cli::{KubeArgs, LsArgs};
use crate::cluster::Cluster;
use crate::env::{self, Env};
use crate::error::Result;
use crate::farm::{self, Scope};
use crate::model::OutputFormat;
use crate::render::{self, List};

/// Lists builders, and on standard error what is wrong with them.
pub(super) async fn run(args: &LsArgs, kube: &KubeArgs, env: &Env) -> Result<()> {
    let cluster = Cluster::find(kube, env).await?;
    let scope = if args.all_namespaces {
        Scope::Everywhere
    } else {
        Scope::Namespace
    };
    let builders = match args.output {
        // Names need no daemon's word.
        OutputFormat::Name => farm::builders(&cluster, scope).await?,
        _ => farm::survey(&cluster, scope).await?,
    };
    let list = List {
        builders: &builders,
        namespace: (scope == Scope::Namespace).then(|| cluster.namespace()),
        current: None,
        no_trunc: args.no_trunc,
        now: env::now(),
    };
    render::written(render::builders(&list, args.output, io::stdout().lock()))?;
    match args.output {
        OutputFormat::Table | OutputFormat::Wide => {
            render::written(render::troubles(&list, io::stderr().lock()))
        }
        _ => Ok(()),
    }
}
