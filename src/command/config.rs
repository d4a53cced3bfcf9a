//! `config`.

use std::io;

use crate::cli::{ConfigArgs, ConfigCommand, KubeArgs};
use crate::cluster;
use crate::defaults::{self, Scope, Show};
use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::render;

use super::form::shape;

/// Shows or changes defaults.
pub(super) fn run(args: &ConfigArgs, kube: &KubeArgs, env: &Env) -> Result<()> {
    match &args.command {
        ConfigCommand::View(args) => {
            let shape = shape(&args.output, env)?;
            let show = Show {
                built_in: args.all,
                secrets: args.raw,
            };
            let view = defaults::view(kube, show, env);
            render::written(render::defaults(
                &view,
                &shape,
                env::output_columns(),
                io::stdout().lock(),
            ))?;
            render::notes(&view.notes, io::stderr().lock())
        }
        ConfigCommand::Set(args) => {
            let scope = scope(kube, env)?;
            let file = defaults::set(&scope, &args.key, &args.values, env)?;
            said(&format!("{} set", args.key), &scope, &file)
        }
        ConfigCommand::Unset(args) => {
            let scope = scope(kube, env)?;
            let file = defaults::unset(&scope, &args.keys, env)?;
            said(&format!("{} unset", args.keys.join(", ")), &scope, &file)
        }
    }
}

fn said(what: &str, scope: &Scope, file: &std::path::Path) -> Result<()> {
    let text = format!("{what}{}: {}", scope.suffix(), file.display());
    render::line(&text, io::stdout().lock())
}

/// Where a default is to count. A namespace without a kube context is one of the current kube context.
fn scope(kube: &KubeArgs, env: &Env) -> Result<Scope> {
    let namespace = kube.namespace.clone();
    let context = match (&kube.context, &namespace) {
        (None, Some(namespace)) => {
            let current = cluster::context(kube, env).map(|(name, _)| name);
            let context = current.ok_or_else(|| {
                Error::usage(format!("namespace {namespace:?} of which kube context?"))
                    .hint("add --context NAME")
            })?;
            Some(context)
        }
        (context, _) => context.clone(),
    };
    Ok(Scope { context, namespace })
}
