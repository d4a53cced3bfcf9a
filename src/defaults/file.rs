//! The configuration file on disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::env::Env;
use crate::error::{Error, Result};
use crate::small_file::{self, Turn, is_absence};

/// Names the file; for machines where it belongs elsewhere.
pub(super) const VARIABLE: &str = "KUBECTL_BUILDKIT_CONFIG";
const FOLDER: &str = "kubectl-buildkit";
const FILE: &str = "config.toml";
/// How long other runs that change the file are waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where the file is or would be: where the variable says, else where XDG puts what people set.
pub(super) fn path(env: &Env) -> Option<PathBuf> {
    if let Some(file) = env.var(VARIABLE) {
        return Some(env.absolute(file));
    }
    let config = env.var("XDG_CONFIG_HOME").map(PathBuf::from);
    // XDG: a relative one is to be ignored.
    let config = config.filter(|folder| folder.is_absolute());
    let config = config.or_else(|| Some(env.home()?.join(".config")))?;
    Some(config.join(FOLDER).join(FILE))
}

/// The text of the file; none if there is no file.
pub(super) fn read(path: &Path) -> Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(error) => Err(unreadable(path, error.utf8_error())),
        },
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(unreadable(path, error)),
    }
}

fn unreadable(path: &Path, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::usage(format!("cannot read {}", path.display()))
        .because(error)
        .hint(format!("correct it, or name another file with {VARIABLE}"))
}

/// Changes the file, which is there afterwards. Runs that change it at the same time wait for each other.
pub(super) fn change(
    env: &Env,
    edit: impl FnOnce(&Path, &str) -> Result<Option<String>>,
) -> Result<PathBuf> {
    let path = path(env).ok_or_else(|| {
        Error::usage("there is nowhere to keep defaults: no home folder is known")
            .hint(format!("set HOME, or {VARIABLE} to a file"))
    })?;
    let failed = |error| {
        Error::usage(format!("cannot write {}", path.display()))
            .because(error)
            .hint(format!("name a file that can be written with {VARIABLE}"))
    };
    let folder = path.parent().unwrap_or(Path::new("/"));
    let turn = small_file::turn(folder, PATIENCE).map_err(failed)?;
    if matches!(turn, Turn::Theirs) {
        let text = format!("{} is being changed by somebody else", path.display());
        return Err(Error::usage(text).hint("try again"));
    }
    let text = read(&path)?.unwrap_or_default();
    if let Some(new) = edit(&path, &text)? {
        // Who keeps the file elsewhere, behind a link, finds it there afterwards.
        let real = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        small_file::replace(&real, new.as_bytes()).map_err(failed)?;
    }
    Ok(path)
}
