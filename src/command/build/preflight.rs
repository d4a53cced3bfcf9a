//! What can be found out before a daemon is asked: a build should not fail at its end for a folder
//! that was missing at its beginning.

use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::error::{Error, Result};
use crate::plan::{Build, Context, Dockerfile, Exporter, Inputs, NamedContext, Sink};

/// Checks what the build reads and where it writes.
pub(super) fn check(plan: &Build, env: &Env) -> Result<()> {
    read(&plan.inputs, env)?;
    for output in &plan.results.outputs {
        match &output.exporter {
            Exporter::Local(folder)
            | Exporter::Oci(Sink::Layout(folder))
            | Exporter::Docker(Sink::Layout(folder)) => result_folder(folder)?,
            Exporter::Tar(Sink::File(file))
            | Exporter::Oci(Sink::File(file))
            | Exporter::Docker(Sink::File(file)) => result_file(file)?,
            _ => {}
        }
    }
    plan.results
        .metadata_file
        .iter()
        .chain(&plan.results.iidfile)
        .try_for_each(|file| result_file(file))
}

fn read(inputs: &Inputs, env: &Env) -> Result<()> {
    if let Context::Folder(folder) = &inputs.context {
        context(folder, env)?;
    }
    match (&inputs.dockerfile, &inputs.context) {
        (Dockerfile::File { folder, name }, _)
        | (Dockerfile::InContext(name), Context::Folder(folder)) => dockerfile(folder, name)?,
        _ => {}
    }
    inputs.named.iter().try_for_each(named)
}

fn context(folder: &Path, env: &Env) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let typed = folder.strip_prefix(&env.current_dir).unwrap_or(folder);
    let shown = typed.display();
    if folder.exists() {
        return Err(
            Error::usage(format!("{shown}: the build context is no folder")).hint(
                "give the folder that holds the Dockerfile, and the file with -f; \
                 an archive is read from standard input: kubectl buildkit build - <FILE",
            ),
        );
    }
    let missing = Error::usage(format!("{shown}: there is no such folder"));
    Err(match as_repository(typed) {
        Some(url) => missing.hint(format!("if it is a git repository, write {url}")),
        None => missing.hint("give the folder that holds the Dockerfile, for instance `.`"),
    })
}

/// The URL of what looks like a host and a path there.
fn as_repository(typed: &Path) -> Option<String> {
    let text = typed.to_str()?;
    let (host, path) = text.split_once('/')?;
    let is_host = host.contains('.') && !host.starts_with('.') && !path.is_empty();
    let name = text.trim_end_matches('/').trim_end_matches(".git");
    is_host.then(|| format!("https://{name}.git"))
}

fn named((name, context): (&String, &NamedContext)) -> Result<()> {
    match context {
        NamedContext::Folder(folder) if !folder.is_dir() => Err(Error::usage(format!(
            "--build-context {name}: {}: there is no such folder",
            folder.display()
        ))
        .hint(format!(
            "for an image write --build-context {name}=docker-image://NAME"
        ))),
        _ => Ok(()),
    }
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
    if !is_there(&file) && !is_there(&folder.join("dockerfile")) {
        return Err(
            Error::usage(format!("{}: there is no such Dockerfile", file.display()))
                .hint("name it with -f"),
        );
    }
    match way_out(folder, &file) {
        Some(target) => Err(Error::usage(format!(
            "{}: this link leads out of its folder, and is not followed",
            file.display()
        ))
        .hint(format!("name the file itself: -f {}", target.display()))),
        None => Ok(()),
    }
}

/// As many links as a kernel follows.
const MOST_LINKS: usize = 40;

/// Where a link leads that cannot be followed below `folder`. It is not followed anywhere else: who
/// gives us a folder to build must not choose which other files we show in an error.
fn way_out(folder: &Path, file: &Path) -> Option<PathBuf> {
    let root = folder.canonicalize().ok()?;
    let mut next = file.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(target) = next.read_link() else {
            break;
        };
        if target.is_absolute() {
            return Some(target);
        }
        next = next.parent()?.join(target);
    }
    let real = next.canonicalize().ok()?;
    (!real.starts_with(&root)).then_some(real)
}

fn result_folder(folder: &Path) -> Result<()> {
    if !folder.exists() || folder.is_dir() {
        return Ok(());
    }
    Err(Error::usage(format!(
        "{}: the result needs a folder, and this is none",
        folder.display()
    ))
    .hint("name another one, or remove it"))
}

fn result_file(file: &Path) -> Result<()> {
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
