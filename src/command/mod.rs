//! The stories: one file per subcommand, each reads like the sentence that it carries out.

mod build;
mod create;
mod interrupt;
mod ls;
mod place;
mod preflight;
mod rm;
mod scale;
mod update;
mod use_builder;
mod version;
mod wait;

pub use interrupt::Interrupt;

use crate::cli::{Cli, Command};
use crate::env::Env;
use crate::error::{Error, Kind, Result};
use crate::farm::Scale;

/// Does what `cli` says.
pub async fn run(cli: Cli, env: &Env, interrupt: &mut Interrupt) -> Result<()> {
    if let Command::Build(args) = &cli.command {
        // A build ends its steps in the daemon before it ends itself.
        return Box::pin(build::run(args, &cli.kube, env, interrupt)).await;
    }
    tokio::select! {
        result = other(&cli, env) => result,
        () = interrupt.first() => Err(Error::new(Kind::Interrupted, "interrupted")),
    }
}

async fn other(cli: &Cli, env: &Env) -> Result<()> {
    match &cli.command {
        Command::Create(args) => Box::pin(create::run(args, &cli.kube, env)).await,
        Command::Update(args) => Box::pin(update::run(args, &cli.kube, env)).await,
        Command::Scale(args) => {
            let to = Scale::To(args.replicas);
            Box::pin(scale::run(&args.power, to, &cli.kube, env)).await
        }
        Command::Stop(args) => Box::pin(scale::run(args, Scale::Stop, &cli.kube, env)).await,
        Command::Start(args) => Box::pin(scale::run(args, Scale::Start, &cli.kube, env)).await,
        Command::Ls(args) => ls::run(args, &cli.kube, env).await,
        Command::Rm(args) => rm::run(args, &cli.kube, env).await,
        Command::Use(args) => use_builder::run(args, &cli.kube, env).await,
        Command::Version(args) => version::run(args),
        Command::Build(_) => Ok(()),
    }
}
