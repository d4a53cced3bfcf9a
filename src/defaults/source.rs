//! A value that somebody set, and where.

use std::fmt;
use std::path::PathBuf;

use super::scope::Scope;

/// A value that somebody set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is about.
    pub key: String,
    /// What it is; several for a flag that may be repeated.
    pub values: Vec<String>,
    /// Where it was set.
    pub source: Source,
}

/// Where a value was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A variable of ours.
    Variable(String),
    /// A variable of another tool, that what it means reads by itself.
    Theirs(String),
    /// The configuration file.
    File {
        /// Its path.
        path: PathBuf,
        /// The line.
        line: usize,
        /// Where it counts.
        scope: Scope,
    },
    /// Nowhere: it is built in.
    BuiltIn,
}

impl Source {
    /// How much it counts: less is more. The command line is above all of them.
    pub fn rank(&self) -> usize {
        match self {
            Self::Variable(_) => 1,
            Self::Theirs(_) => 2,
            Self::File { scope, .. } => 5 - scope.depth(),
            Self::BuiltIn => 6,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) | Self::Theirs(name) => write!(f, "${name}"),
            Self::File { path, line, .. } => write!(f, "{}:{line}", path.display()),
            Self::BuiltIn => f.write_str("built-in"),
        }
    }
}
