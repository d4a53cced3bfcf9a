//! Which entries of a folder are sent.

use std::path::Path;

use bytes::Bytes;

use super::pattern::{Carried, Matcher, PatternError};
use super::{FileError, follow};

/// What the daemon wants of a folder. Each list is empty if the daemon did not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only what matches one of these, or lies below a match.
    pub include: Vec<Bytes>,
    /// But not what these match.
    pub exclude: Vec<Bytes>,
    /// These too, with all links on the way to them.
    pub follow: Vec<Bytes>,
}

/// A selection that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    /// A pattern that cannot be used.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A link that cannot be followed.
    #[error(transparent)]
    File(#[from] FileError),
}

/// What happens to a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is sent.
    Send,
    /// It is sent before the first thing below it that is sent, if there is one.
    Pass,
    /// Nothing below it can be sent.
    Prune,
}

/// What the verdicts below a folder depend on.
#[derive(Debug, Clone, Default)]
pub(super) struct Trail {
    include: Carried,
    exclude: Carried,
}

/// A [`Selection`] ready for a walk.
#[derive(Debug)]
pub(super) struct Filter {
    include: Option<Matcher>,
    exclude: Option<Matcher>,
}

impl Filter {
    /// Follows links, so it reads below `root`.
    pub(super) fn new(root: &Path, selection: &Selection) -> Result<Self, SelectionError> {
        Ok(Self {
            include: matcher(&included(root, selection)?)?,
            exclude: matcher(&selection.exclude)?,
        })
    }

    /// Whether something that is no folder is sent.
    pub(super) fn sends(&self, path: &[u8], parent: &Trail) -> bool {
        let included = |matcher: &Matcher| matcher.matches(path, &parent.include);
        let excluded = |matcher: &Matcher| matcher.matches(path, &parent.exclude);
        self.include.as_ref().is_none_or(included) && !self.exclude.as_ref().is_some_and(excluded)
    }

    /// What happens to a folder, and what that means for all below it.
    pub(super) fn enter(&self, path: &[u8], parent: &Trail) -> (Verdict, Trail) {
        let mut verdict = Verdict::Send;
        let mut trail = Trail::default();
        if let Some(include) = &self.include {
            let (matched, carried) = include.enter(path, &parent.include);
            if !matched {
                verdict = pass_if(include.may_match_below(path, &carried));
            }
            trail.include = carried;
        }
        if verdict == Verdict::Prune {
            return (verdict, trail);
        }
        if let Some(exclude) = &self.exclude {
            let (matched, carried) = exclude.enter(path, &parent.exclude);
            if matched {
                verdict = pass_if(exclude.may_take_back_below(path, &carried));
            }
            trail.exclude = carried;
        }
        (verdict, trail)
    }
}

fn pass_if(something_below: bool) -> Verdict {
    if something_below {
        Verdict::Pass
    } else {
        Verdict::Prune
    }
}

/// No lines at all are no restriction; lines that are all blank match nothing.
fn matcher<P: AsRef<[u8]>>(lines: &[P]) -> Result<Option<Matcher>, PatternError> {
    if lines.is_empty() {
        return Ok(None);
    }
    Matcher::new(lines).map(Some)
}

/// The include patterns with what the followed paths add.
fn included(root: &Path, selection: &Selection) -> Result<Vec<Vec<u8>>, FileError> {
    let include = selection.include.iter().map(|line| line.to_vec());
    if selection.follow.is_empty() {
        return Ok(include.collect());
    }
    let Some(followed) = follow::resolve(root, &selection.follow)? else {
        return Ok(include.collect());
    };
    let all: Vec<_> = include.chain(followed).collect();
    // The root in the list is all there is.
    if all.iter().any(|line| line == b".") {
        return Ok(Vec::new());
    }
    Ok(all)
}
