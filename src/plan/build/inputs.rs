//! What a build reads: its context and its Dockerfile.

use std::path::{Path, PathBuf};

use crate::cli::InputArgs;
use crate::env::Env;
use crate::error::{Error, Result};

/// What a build reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// The folder that is sent.
    pub context: PathBuf,
    /// The Dockerfile.
    pub dockerfile: Dockerfile,
}

/// A Dockerfile on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dockerfile {
    /// The folder that holds it.
    pub folder: PathBuf,
    /// Its name in that folder.
    pub name: String,
}

impl Inputs {
    /// Decides what `args` mean in `env`.
    pub(super) fn new(args: &InputArgs, env: &Env) -> Result<Self> {
        let context = context(&args.path, env)?;
        let dockerfile = dockerfile(args.file.as_deref(), &context, env)?;
        Ok(Self {
            context,
            dockerfile,
        })
    }
}

fn context(path: &Path, env: &Env) -> Result<PathBuf> {
    let text = path.to_string_lossy();
    if text == "-" {
        return Err(
            Error::usage("a build context from standard input is not supported yet")
                .hint("unpack it into a folder and build that"),
        );
    }
    if text.contains("://") || text.starts_with("git@") {
        return Err(Error::usage(format!(
            "{text}: a remote build context is not supported yet"
        ))
        .hint("clone it into a folder and build that"));
    }
    Ok(env.absolute(path))
}

fn dockerfile(file: Option<&Path>, context: &Path, env: &Env) -> Result<Dockerfile> {
    let Some(file) = file else {
        return Ok(Dockerfile {
            folder: context.to_owned(),
            name: "Dockerfile".into(),
        });
    };
    if file.as_os_str() == "-" {
        return Err(
            Error::usage("a Dockerfile from standard input is not supported yet")
                .hint("write it to a file and name that with -f"),
        );
    }
    let path = env.absolute(file);
    let named = path.parent().zip(path.file_name());
    let Some((folder, name)) = named else {
        return Err(
            Error::usage(format!("-f {}: this is a folder", file.display()))
                .hint("name the Dockerfile in it"),
        );
    };
    let name = name.to_str().ok_or_else(|| {
        Error::usage(format!(
            "-f {}: the file's name is not UTF-8",
            file.display()
        ))
        .hint("rename the file; BuildKit takes UTF-8 only")
    })?;
    Ok(Dockerfile {
        folder: folder.to_owned(),
        name: name.to_owned(),
    })
}
