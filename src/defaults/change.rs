//! Changes of the configuration file.

use std::path::{Path, PathBuf};

use super::document::{self, Document, Unchangeable};
use super::file;
use super::scope::Scope;
use crate::cli::settable::Settables;
use crate::env::Env;
use crate::error::{Error, Result};

/// Sets a default; the file that has it now.
pub fn set(scope: &Scope, key: &str, values: &[String], env: &Env) -> Result<PathBuf> {
    let settables = Settables::default();
    let flags = settables.meant(key).ok_or_else(|| {
        Error::usage(format!("there is no flag {key}")).hint(settables.instead(key))
    })?;
    for flag in flags {
        flag.check(values)
            .map_err(|problem| Error::usage(format!("{key}: {problem}")))?;
    }
    file::change(env, |path, text| {
        // A broken file is not made worse.
        if let Some(fault) = Document::read(text).faults.first() {
            let text = format!("{}:{}: {}", path.display(), fault.line, fault.problem);
            return Err(Error::usage(text).hint("correct the line"));
        }
        let new = document::set(text, scope, key, values);
        new.map(Some).map_err(|error| unchangeable(error, path))
    })
}

/// Takes defaults back, also such as are no keys, in a file that is otherwise broken; the file.
pub fn unset(scope: &Scope, keys: &[String], env: &Env) -> Result<PathBuf> {
    file::change(env, |path, text| {
        let mut new = text.to_owned();
        for key in keys {
            let without = document::unset(&new, scope, key);
            let without = without.map_err(|error| unchangeable(error, path))?;
            new = without.ok_or_else(|| missing(text, scope, key))?;
        }
        Ok(Some(new))
    })
}

fn unchangeable(error: Unchangeable, path: &Path) -> Error {
    Error::usage(format!("cannot change {}", path.display()))
        .because(error)
        .hint("open it in an editor")
}

fn missing(text: &str, scope: &Scope, key: &str) -> Error {
    let document = Document::read(text);
    let elsewhere = document.items.iter().find(|item| item.key == key);
    let error = Error::usage(format!("{key} is not set{}", scope.suffix()));
    match elsewhere {
        Some(item) => error.hint(format!(
            "it is set {}: kubectl buildkit config unset {key}{}",
            item.scope,
            item.scope.flags()
        )),
        None => error.hint("kubectl buildkit config view shows what is set"),
    }
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
