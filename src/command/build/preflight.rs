//! What can be found out before a daemon is asked: a build should not fail at its end for a folder
//! that was missing at its beginning.

use std::path::Path;

use crate::error::{Error, Result};
use crate::plan::Build;

/// Checks what the build reads and where it writes.
pub(super) fn check(plan: &Build) -> Result<()> {
    context(&plan.inputs.context)?;
    dockerfile(&plan.inputs.dockerfile.folder, &plan.inputs.dockerfile.name)?;
    plan.results
        .metadata_file
        .iter()
        .chain(&plan.results.iidfile)
        .try_for_each(|file| result_file(file))
}

fn context(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    Err(Error::usage(format!(
        "{}: the build context is no folder",
        folder.display()
    ))
    .hint("give the folder that holds the Dockerfile, for instance `.`"))
}

fn dockerfile(folder: &Path, name: &str) -> Result<()> {
    let file = folder.join(name);
    if file.is_dir() {
        return Err(
            Error::usage(format!("{}: this is a folder", file.display()))
                .hint("name the Dockerfile with -f"),
        );
    }
    // The frontend takes the lower-case name too.
    let is_there = |file: &Path| {
        file.symlink_metadata()
            .is_ok_and(|metadata| !metadata.is_dir())
    };
    if is_there(&file) || is_there(&folder.join("dockerfile")) {
        return Ok(());
    }
    Err(
        Error::usage(format!("{}: there is no such Dockerfile", file.display()))
            .hint("name it with -f"),
    )
}

pub(super) fn result_file(file: &Path) -> Result<()> {
    if file.is_dir() {
        return Err(Error::usage(format!(
            "{}: the result needs a file, and this is a folder",
            file.display()
        ))
        .hint("name a file in it"));
    }
    let folder = file.parent().unwrap_or(Path::new("/"));
    if folder.is_dir() {
        return Ok(());
    }
    Err(
        Error::usage(format!("{}: there is no such folder", folder.display()))
            .hint("make it, or name another one"),
    )
}
