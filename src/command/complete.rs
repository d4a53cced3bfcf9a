//! The hidden command that shells ask while a person waits for the tab key.

use std::io;

use clap::CommandFactory as _;

use crate::cli::{Cli, CompleteArgs};
use crate::complete::{self, Shell, complete};
use crate::env::{self, Env};
use crate::error::Result;
use crate::render;

/// Says what the last of the words could become.
pub(super) async fn run(args: &CompleteArgs, env: &Env) -> Result<()> {
    let words = args.words.iter();
    let words: Vec<String> = words
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let shell = match env.var(complete::EXACT) {
        Some(_) => None,
        None => shell(env),
    };
    let answer = complete(Cli::command(), &words, env, shell).await;
    render::text(&answer.to_string(), io::stdout().lock())
}

/// The shell whose script for kubectl asks: the nearest one above this process, else the user's own.
fn shell(env: &Env) -> Option<Shell> {
    let above = env::programs_above();
    let nearest = above.iter().find_map(|program| Shell::named(program));
    let own = || Shell::named(env.var("SHELL")?.rsplit('/').next()?);
    nearest.or_else(own)
}
