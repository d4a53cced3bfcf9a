//! The stories: one file per subcommand, each reads like the sentence that it carries out.

mod build;
mod change;
mod complete;
mod completion;
mod config;
mod create;
mod files;
mod form;
mod inspect;
mod interrupt;
mod ls;
mod place;
mod rm;
mod rotate_certs;
mod scale;
mod update;
mod use_builder;
mod version;
mod wait;
mod watch;

pub use interrupt::Interrupt;

use crate::cli::{self, Cli, Command};
use crate::env::{self, Env};
use crate::error::{Error, Kind, Result};
use crate::farm::Scale;
use crate::render;

/// How a run ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// It did what was asked.
    Done,
    /// It was asked for a difference and found one. Exit code 1, as of `diff`.
    Different,
    /// It asked a frontend, whose answer ends in this exit code.
    Status(u8),
}

/// Does what `cli` says.
pub async fn run(cli: Cli, env: &Env, interrupt: &mut Interrupt) -> Result<Finish> {
    if let Command::Build(args) = &cli.command {
        // A build ends its steps in the daemon before it ends itself.
        return Box::pin(build::run(args, &cli.kube, env, interrupt)).await;
    }
    if let Command::Ls(args) = &cli.command
        && args.watch
    {
        return Box::pin(watch::run(args, &cli.kube, env, interrupt)).await;
    }
    tokio::select! {
        result = other(&cli, env) => result,
        () = interrupt.first() => Err(Error::new(Kind::Interrupted, "interrupted")),
    }
}

async fn other(cli: &Cli, env: &Env) -> Result<Finish> {
    let kube = &cli.kube;
    match &cli.command {
        Command::Create(args) => return Box::pin(create::run(args, kube, env)).await,
        Command::Update(args) => return Box::pin(update::run(args, kube, env)).await,
        Command::Scale(args) => {
            let to = Scale::To(args.replicas);
            return Box::pin(scale::run(&args.power, to, kube, env)).await;
        }
        Command::Stop(args) => return Box::pin(scale::run(args, Scale::Stop, kube, env)).await,
        Command::Start(args) => return Box::pin(scale::run(args, Scale::Start, kube, env)).await,
        Command::RotateCerts(args) => {
            return Box::pin(rotate_certs::run(args, kube, env)).await;
        }
        Command::Ls(args) => ls::run(args, kube, env).await?,
        Command::Inspect(args) => Box::pin(inspect::run(args, kube, env)).await?,
        Command::Rm(args) => return Box::pin(rm::run(args, kube, env)).await,
        Command::Use(args) => use_builder::run(args, kube, env).await?,
        Command::Completion(args) => completion::run(args, env)?,
        Command::Complete(args) => Box::pin(complete::run(args, env)).await?,
        Command::Version(args) => Box::pin(version::run(args, kube, env)).await?,
        Command::Config(args) => config::run(args, kube, env)?,
        Command::Options => {
            let options = cli::help::options(env::output_columns());
            render::line(options.trim_end(), std::io::stdout().lock())?;
        }
        Command::Build(_) => {}
    }
    Ok(Finish::Done)
}
