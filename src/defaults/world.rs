//! All defaults that there are, and which of them counts for a flag.

use std::path::PathBuf;

use super::document::Document;
use super::file;
use super::scope::Scope;
use super::secret;
use super::source::{Entry, Source};
use super::variables;
use crate::cli::KubeArgs;
use crate::cli::settable::{Settable, Settables};
use crate::cluster;
use crate::env::Env;
use crate::error::{Error, Result};

/// All defaults that somebody set.
pub(super) struct World<'a> {
    pub(super) settables: Settables,
    env: &'a Env,
    variables: Vec<Entry>,
    /// What is odd but ends nothing.
    pub(super) notes: Vec<String>,
    path: Option<PathBuf>,
    document: Document,
}

impl<'a> World<'a> {
    /// Reads the environment, and not yet the file.
    pub(super) fn new(env: &'a Env) -> Self {
        let settables = Settables::default();
        let (variables, notes) = variables::ours(env, &settables);
        Self {
            settables,
            env,
            variables,
            notes,
            path: file::path(env),
            document: Document::default(),
        }
    }

    /// Reads the file, whatever is wrong in it.
    pub(super) fn read_file(&mut self) -> Result<()> {
        if let Some(path) = &self.path
            && let Some(text) = file::read(path)?
        {
            self.document = Document::read(&text);
        }
        Ok(())
    }

    /// What is wrong in the file.
    pub(super) fn faults(&self) -> Vec<Error> {
        let faults = self.document.faults.iter();
        let broken = faults.map(|fault| {
            let text = self.at(fault.line, &fault.problem);
            (fault.line, Error::usage(text).hint("correct the line"))
        });
        let items = self.document.items.iter();
        let unknown = items.filter(|item| self.settables.meant(&item.key).is_none());
        let unknown = unknown.map(|item| {
            let text = self.at(item.line, &format!("there is no flag {}", item.key));
            let instead = self.settables.instead(&item.key);
            (item.line, Error::usage(text).hint(instead))
        });
        let mut all: Vec<(usize, Error)> = broken.chain(unknown).collect();
        all.sort_by_key(|(line, _)| *line);
        all.into_iter().map(|(_, error)| error).collect()
    }

    fn at(&self, line: usize, problem: &str) -> String {
        let path = self.path.as_deref().unwrap_or("".as_ref());
        format!("{}:{line}: {problem}", path.display())
    }

    /// Where a command line works.
    pub(super) fn scope(&self, kube: &KubeArgs) -> Scope {
        let is_narrow = |item: &super::document::Item| item.scope != Scope::EVERYWHERE;
        if !self.document.items.iter().any(is_narrow) {
            return Scope::EVERYWHERE;
        }
        let mut kube = kube.clone();
        kube.kubeconfig = kube
            .kubeconfig
            .or_else(|| Some(self.word("kubeconfig", &Scope::EVERYWHERE)?.into()));
        kube.context = kube
            .context
            .or_else(|| self.word("context", &Scope::EVERYWHERE));
        // A context need not be there to be looked at.
        let (context, namespace) = match (cluster::context(&kube, self.env), &kube.context) {
            (Some(found), _) => found,
            (None, Some(named)) => (named.clone(), None),
            (None, None) => return Scope::EVERYWHERE,
        };
        let scope = Scope {
            context: Some(context),
            namespace: None,
        };
        let namespace = kube
            .namespace
            .or_else(|| self.word("namespace", &scope))
            .or(namespace)
            .unwrap_or_else(|| cluster::DEFAULT_NAMESPACE.to_owned());
        Scope {
            namespace: Some(namespace),
            ..scope
        }
    }

    fn word(&self, flag: &str, scope: &Scope) -> Option<String> {
        let mut flags = self.settables.all();
        let flag = flags.find(|known| known.command().is_none() && known.flag() == flag)?;
        let entry = self.counts(flag, scope)?;
        // What stands for it in another tool's variable is no value of the flag.
        let is_ours = !matches!(entry.source, Source::Theirs(_));
        entry.values.into_iter().next().filter(|_| is_ours)
    }

    /// What counts for a flag where the command line does not have it.
    pub(super) fn counts(&self, flag: &Settable, scope: &Scope) -> Option<Entry> {
        let keys = self.settables.keys_of(flag);
        let variable = |key: &String| self.variables.iter().find(|entry| entry.key == *key);
        if let Some(entry) = keys.iter().find_map(variable) {
            return Some(entry.clone());
        }
        if let Some(entry) = variables::theirs(self.env, flag) {
            return Some(entry);
        }
        let mut scopes = scope.outwards().into_iter();
        scopes.find_map(|scope| {
            let mut keys = keys.iter();
            let item = keys.find_map(|key| self.document.find(&scope, key))?;
            Some(Entry {
                key: item.key.clone(),
                values: item.values.clone(),
                source: Source::File {
                    path: self.path.clone().unwrap_or_default(),
                    line: item.line,
                    scope,
                },
            })
        })
    }
}

/// What counts at a place.
#[derive(Debug)]
pub struct View {
    /// The place.
    pub scope: Scope,
    /// The file, whether it is there or not.
    pub file: Option<PathBuf>,
    /// What counts, by key.
    pub effective: Vec<Effective>,
    /// What is wrong in the file or the environment.
    pub notes: Vec<String>,
}

/// A value that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// The value and where it comes from.
    pub entry: Entry,
    /// The commands for which it counts; none if it counts for all.
    pub commands: Vec<String>,
}

/// What is shown of what counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Show {
    /// What is built in, too.
    pub built_in: bool,
    /// Secrets, too.
    pub secrets: bool,
}

/// What counts where `kube` works, for each flag.
pub fn view(kube: &KubeArgs, show: Show, env: &Env) -> View {
    let mut world = World::new(env);
    let mut notes = std::mem::take(&mut world.notes);
    if let Err(error) = world.read_file() {
        notes.push(in_one_line(&error));
    }
    notes.extend(world.faults().iter().map(in_one_line));
    let scope = world.scope(kube);
    let mut effective: Vec<Effective> = Vec::new();
    for flag in world.settables.all() {
        let default = || {
            let value = flag.built_in().filter(|_| show.built_in)?;
            let key = world.settables.keys_of(flag).into_iter().next()?;
            Some(Entry {
                key,
                values: vec![value],
                source: Source::BuiltIn,
            })
        };
        let Some(entry) = world.counts(flag, &scope).or_else(default) else {
            continue;
        };
        if let Err(problem) = checked(flag, &entry) {
            notes.push(in_one_line(&problem));
        }
        let command = flag.command().map(str::to_owned);
        let entry = if show.secrets {
            entry
        } else {
            secret::masked(&entry)
        };
        match effective.iter_mut().find(|known| known.entry == entry) {
            Some(known) => known.commands.extend(command),
            None => effective.push(Effective {
                entry,
                commands: command.into_iter().collect(),
            }),
        }
    }
    notes.dedup();
    effective.sort_by(|one, other| one.entry.key.cmp(&other.entry.key));
    View {
        scope,
        file: world.path.clone(),
        effective,
        notes,
    }
}

/// Reads a value as the command line would.
pub(super) fn checked(flag: &Settable, entry: &Entry) -> Result<()> {
    let Entry {
        key,
        values,
        source,
    } = entry;
    if matches!(source, Source::Theirs(_) | Source::BuiltIn) {
        return Ok(());
    }
    flag.check(values).map_err(|problem| {
        let (place, hint) = match source {
            Source::File { scope, .. } => {
                let (place, scope) = (format!("{source}: {key}"), scope.flags());
                let hint = format!(
                    "correct it, or take it back: kubectl buildkit config unset {key}{scope}"
                );
                (place, hint)
            }
            _ => (source.to_string(), "correct or unset it".to_owned()),
        };
        // Logs of CI are read by many.
        let problem = secret::without(entry, &problem);
        Error::usage(format!("{place}: {problem}")).hint(hint)
    })
}

/// An error, its causes and its hint as a note.
fn in_one_line(error: &Error) -> String {
    let causes = error.causes();
    let parts = [error.to_string()].into_iter().chain(causes);
    let text: Vec<String> = parts.collect();
    let hint = error.hint_text().map(|hint| format!(" ({hint})"));
    text.join(": ") + &hint.unwrap_or_default()
}
