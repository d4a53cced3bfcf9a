//! What this machine remembers of builders: in which namespace each was seen last, and which one
//! its user chose. Hints, never truth: the objects in the cluster say what is there.
//!
//! Hints never fail a command. Who asks for something to be remembered (`use`) is told if it cannot
//! be.

mod content;
mod file;

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::env::Env;
use crate::error::{Error, Result};
use crate::model::{self, BuilderName};

use content::{Content, Entry, Known};
use file::StateError;

/// Names the folder of the file; for machines whose home is not the place for it.
pub const VARIABLE: &str = "KUBECTL_BUILDKIT_STATE";
const FOLDER: &str = "kubectl-buildkit";
const FILE: &str = "builders.json";
/// How many namespaces a list goes through because something was seen there.
const MOST_NAMESPACES: usize = 8;

/// A builder and where it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: BuilderName,
}

/// What is remembered of one cluster, as one kube context names it.
#[derive(Debug, Clone)]
pub struct Memory {
    server: String,
    context: String,
    path: Option<PathBuf>,
    /// The file's content, read when somebody asks for it.
    read: OnceLock<Result<Known, String>>,
}

impl Memory {
    /// What is remembered of the cluster at `server`, reached through the kube context `context`.
    pub fn of(server: &str, context: &str, env: &Env) -> Self {
        Self {
            server: without_login(server),
            context: context.to_owned(),
            path: folder(env).map(|folder| folder.join(FILE)),
            read: OnceLock::new(),
        }
    }

    /// The builder that `use` chose.
    pub fn chosen(&self) -> Option<Remembered> {
        remembered(self.known()?.chosen.as_ref()?)
    }

    /// The namespace in which a builder was seen last.
    pub fn namespace_of(&self, name: &BuilderName) -> Option<String> {
        let mut builders = self.builders().into_iter();
        let seen = builders.find(|builder| builder.name == *name)?;
        Some(seen.namespace)
    }

    /// The builders that were seen; the newest comes first.
    pub fn builders(&self) -> Vec<Remembered> {
        let known = self.known();
        let entries = known.iter().flat_map(|known| &known.builders);
        entries.filter_map(remembered).collect()
    }

    /// The namespaces in which there were builders lately, each once, by name.
    pub fn namespaces(&self) -> Vec<String> {
        let chosen = self.chosen().into_iter();
        let mut names: Vec<String> = Vec::new();
        for Remembered { namespace, .. } in chosen.chain(self.builders()) {
            if names.len() < MOST_NAMESPACES && !names.contains(&namespace) {
                names.push(namespace);
            }
        }
        names.sort();
        names
    }

    /// Why nothing is remembered although there is a file, for the user.
    pub fn trouble(&self) -> Option<String> {
        self.read().as_ref()?.as_ref().err().cloned()
    }

    /// Remembers where a builder is. What cannot be written is not remembered.
    pub fn seen(&self, namespace: &str, name: &BuilderName) {
        if self.namespace_of(name).as_deref() == Some(namespace) {
            return;
        }
        let _ = self.change(|known| known.see(entry(namespace, name)));
    }

    /// Forgets a builder that is gone.
    pub fn gone(&self, namespace: &str, name: &BuilderName) {
        let entry = entry(namespace, name);
        if self.known().is_some_and(|known| known.mentions(&entry)) {
            let _ = self.change(|known| known.forget(&entry));
        }
    }

    /// Forgets where a builder was seen that is not there. It stays chosen: who chose it is to learn
    /// that it is missing, and not to build on another one.
    pub fn missed(&self, namespace: &str, name: &BuilderName) {
        if self.namespace_of(name).as_deref() == Some(namespace) {
            let entry = entry(namespace, name);
            let _ = self.change(|known| known.miss(&entry));
        }
    }

    /// Chooses the builder that is meant where none is named.
    pub fn choose(&self, namespace: &str, name: &BuilderName) -> Result<()> {
        let entry = entry(namespace, name);
        self.change(|known| {
            known.see(entry.clone());
            known.chosen = Some(entry);
        })
        .map_err(|error| unwritten(error, "the choice of a builder cannot be remembered"))
    }

    /// Forgets which builder was chosen.
    pub fn choose_none(&self) -> Result<()> {
        if self.trouble().is_none() && self.known().is_none_or(|known| known.chosen.is_none()) {
            return Ok(());
        }
        self.change(|known| known.chosen = None)
            .map_err(|error| unwritten(error, "the choice of a builder cannot be forgotten"))
    }

    fn known(&self) -> Option<&Known> {
        self.read()?.as_ref().ok()
    }

    /// What the file says of the cluster; none if there is nowhere to keep one.
    fn read(&self) -> Option<&Result<Known, String>> {
        let path = self.path.as_ref()?;
        Some(self.read.get_or_init(|| {
            let content = file::read(path).map_err(|error| error.in_one_line())?;
            Ok(content.of(&self.server, &self.context))
        }))
    }

    fn change(&self, edit: impl FnOnce(&mut Known)) -> Result<(), StateError> {
        let path = self.path.as_ref().ok_or(StateError::Nowhere)?;
        file::change(path, |content: &mut Content| {
            content.change(&self.server, &self.context, edit);
        })
    }
}

fn unwritten(error: StateError, what: &str) -> Error {
    let hint = match &error {
        StateError::Nowhere => format!("set HOME, or {VARIABLE} to a folder"),
        StateError::Damaged(path, _) | StateError::Newer(path) => {
            format!("remove {}", path.display())
        }
        StateError::File(..) => format!("set {VARIABLE} to a folder that can be written"),
    };
    let hint = format!("{hint}; or name the builder with --builder or $BUILDX_BUILDER");
    Error::usage(what).because(error).hint(hint)
}

fn entry(namespace: &str, name: &BuilderName) -> Entry {
    Entry {
        name: name.to_string(),
        namespace: namespace.to_owned(),
    }
}

/// An entry that a hand edited is worth as little as one that is not there.
fn remembered(entry: &Entry) -> Option<Remembered> {
    Some(Remembered {
        namespace: model::namespace(&entry.namespace).ok()?,
        name: BuilderName::existing(&entry.name).ok()?,
    })
}

/// The folder of the file: where the variable says, else where XDG puts what a program remembers.
fn folder(env: &Env) -> Option<PathBuf> {
    if let Some(folder) = env.var(VARIABLE) {
        return Some(env.absolute(folder));
    }
    let state = env.var("XDG_STATE_HOME").map(PathBuf::from);
    // XDG: a relative one is to be ignored.
    let state = state.filter(|folder| folder.is_absolute());
    let state = state.or_else(|| Some(env.home()?.join(".local/state")))?;
    Some(state.join(FOLDER))
}

/// An address without a user and password in it.
fn without_login(server: &str) -> String {
    let Some((scheme, rest)) = server.split_once("://") else {
        return server.to_owned();
    };
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests;
