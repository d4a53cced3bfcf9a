//! `use`.

use std::io;

use crate::cli::{KubeArgs, UseArgs};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::farm;
use crate::render;

use super::place::{noted, place};

/// Remembers which builder is meant where none is named.
pub(super) async fn run(args: &UseArgs, kube: &KubeArgs, env: &Env) -> Result<()> {
    if args.global {
        return Err(Error::usage(
            "--global: a builder belongs to one cluster, so it cannot be chosen for all kube contexts",
        )
        .hint("leave --global out; to choose in another kube context, add --context NAME"));
    }
    let (cluster, memory) = place(kube, env).await?;
    if args.unset {
        memory.choose_none()?;
        return render::line("no builder is chosen", io::stdout().lock());
    }
    let found = farm::find(&cluster, args.name.as_ref(), &memory).await?;
    noted(&found, &memory)?;
    let builder = &found.builder;
    memory.choose(&builder.namespace, &builder.name)?;
    render::line(
        &format!("builder/{} chosen", builder.name),
        io::stdout().lock(),
    )
}
