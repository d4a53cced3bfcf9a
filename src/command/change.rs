//! Showing what a command would change.

use std::io;

use crate::cli::{ChangeArgs, Document, DryRun, Shape};
use crate::env::Env;
use crate::error::Result;
use crate::farm::{Judge, Trial};
use crate::render;

use super::Finish;
use super::form::shape;

/// What a user wants of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// That it is made.
    Change,
    /// To see the objects.
    See(Judge),
    /// To see the difference.
    Compare,
}

pub(super) const fn wish(args: &ChangeArgs) -> Wish {
    match (args.diff, args.dry_run) {
        (true, _) => Wish::Compare,
        (false, DryRun::Client) => Wish::See(Judge::Client),
        (false, DryRun::Server) => Wish::See(Judge::Server),
        (false, DryRun::None) => Wish::Change,
    }
}

impl Wish {
    /// Who says what would become of the objects.
    pub(super) const fn judge(self) -> Judge {
        match self {
            Self::See(judge) => judge,
            Self::Change | Self::Compare => Judge::Server,
        }
    }
}

/// The form in which objects are shown, if they are. Reads files: do it before anything is changed.
pub(super) fn output(args: &ChangeArgs, env: &Env) -> Result<Option<Document>> {
    let shape = args
        .output
        .as_ref()
        .map(|form| shape(form, env))
        .transpose()?;
    Ok(match shape {
        Some(Shape::Document(document)) => Some(document),
        Some(Shape::Text | Shape::Wide) | None => None,
    })
}

/// Shows what would change, in the form `output` if there is one.
pub(super) fn show(
    trials: &[Trial],
    args: &ChangeArgs,
    output: Option<&Document>,
) -> Result<Finish> {
    let out = io::stdout().lock();
    if args.diff {
        let pairs = trials
            .iter()
            .map(|trial| (trial.live.as_ref(), trial.result.as_ref()));
        return match render::difference(pairs, out) {
            Ok(true) => Ok(Finish::Different),
            Ok(false) => Ok(Finish::Done),
            // Nothing is printed where nothing differs: whoever went away missed a difference.
            Err(error) => render::written(Err(error)).map(|()| Finish::Different),
        };
    }
    if let Some(form) = output {
        return objects(trials, form);
    }
    let how = match wish(args).judge() {
        Judge::Client => "dry run",
        Judge::Server => "server dry run",
    };
    for trial in trials {
        let line = match (&trial.live, &trial.result) {
            (_, Some(result)) => format!("{} {}", render::object_name(result), verb(trial)),
            (Some(live), None) => format!("{} deleted", render::object_name(live)),
            (None, None) => continue,
        };
        render::line(&format!("{line} ({how})"), io::stdout().lock())?;
    }
    Ok(Finish::Done)
}

/// Shows objects: those that stay as they would be, those that go as they are.
pub(super) fn objects(trials: &[Trial], form: &Document) -> Result<Finish> {
    let all: Vec<_> = trials
        .iter()
        .filter_map(|trial| trial.result.as_ref().or(trial.live.as_ref()))
        .collect();
    render::written(render::objects(&all, form, io::stdout().lock()))?;
    Ok(Finish::Done)
}

fn verb(trial: &Trial) -> &'static str {
    let pair = [(trial.live.as_ref(), trial.result.as_ref())];
    match (
        &trial.live,
        render::difference(pair.into_iter(), io::sink()),
    ) {
        (None, _) => "created",
        (Some(_), Ok(false)) => "unchanged",
        (Some(_), _) => "configured",
    }
}
