//! The repository that a build context is in, as git says.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use tokio::process::Command;

use crate::env::Env;
use crate::plan::{self, Context, Dockerfile, NamedContext};
use crate::solve::{self, Attributes, Repository};

/// What the frontend is told of the repository around the build context; nothing if there is none.
///
/// # Errors
///
/// Says why git cannot tell, though there is a repository.
pub(super) async fn attributes(plan: &plan::Build, env: &Env) -> Result<Attributes, String> {
    let Context::Folder(context) = &plan.inputs.context else {
        return Ok(Attributes::new());
    };
    if !plan.repository.is_wanted() || !is_in_repository(context, env) {
        return Ok(Attributes::new());
    }
    let Some(mut repository) = read(context, plan.repository.marks_dirty).await? else {
        return Ok(Attributes::new());
    };
    let named = plan
        .inputs
        .named
        .iter()
        .filter_map(|(name, named)| match named {
            NamedContext::Folder(folder) => Some((solve::local_name(name), real(folder)?)),
            _ => None,
        });
    let mut folders: Vec<(String, PathBuf)> = named.collect();
    folders.extend(real(context).map(|folder| (solve::CONTEXT.to_owned(), folder)));
    let dockerfile = match &plan.inputs.dockerfile {
        Dockerfile::File { folder, name } => Some((folder, name)),
        Dockerfile::InContext(name) => Some((context, name)),
        _ => None,
    };
    if let Some((folder, name)) = dockerfile
        && let Some(folder) = real(folder)
    {
        repository.dockerfile = Some(folder.join(name));
        folders.push((solve::DOCKERFILE.to_owned(), folder));
    }
    Ok(solve::repository_attributes(
        &repository,
        plan.repository,
        &folders,
    ))
}

/// Whether it is worth asking git: most build contexts of a cluster's builds are in no repository, and
/// a program that is not started takes no time.
fn is_in_repository(folder: &Path, env: &Env) -> bool {
    let has_git = |folder: &Path| folder.join(".git").exists();
    env.var("GIT_DIR").is_some() || real(folder).is_some_and(|f| f.ancestors().any(has_git))
}

/// A path without links.
fn real(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}

async fn read(folder: &Path, marks_dirty: bool) -> Result<Option<Repository>, String> {
    let (place, commit, source) = tokio::join!(
        git(
            folder,
            &["rev-parse", "--is-inside-work-tree", "--show-toplevel"]
        ),
        git(folder, &["show", "--format=%H", "HEAD", "--quiet", "--"]),
        source(folder),
    );
    let is_root = folder.join(".git").is_dir();
    let place = match place {
        Ok(place) => place,
        Err(error) if is_root => return Err(format!("git cannot be run: {error}")),
        Err(_) => return Ok(None),
    };
    let said = String::from_utf8_lossy(&place.stdout).into_owned();
    let root = match said.split_once('\n') {
        Some(("true", root)) if place.status.success() => {
            PathBuf::from(root.trim_end_matches('\n'))
        }
        _ if is_root => return Err(complaint(&place)),
        _ => return Ok(None),
    };
    let revision = revision(&commit.map_err(|error| error.to_string())?)?;
    let is_dirty = revision.is_some() && marks_dirty && is_dirty(folder).await;
    Ok(Some(Repository {
        root,
        revision,
        is_dirty,
        source,
        dockerfile: None,
    }))
}

fn revision(commit: &Output) -> Result<Option<String>, String> {
    if commit.status.success() {
        return Ok(first_line(commit));
    }
    let complaint = complaint(commit);
    let lower = complaint.to_ascii_lowercase();
    let has_no_commit = [
        "unknown revision or path not in the working tree",
        "bad revision",
    ];
    if has_no_commit.iter().any(|words| lower.contains(words)) {
        return Ok(None);
    }
    Err(complaint)
}

async fn is_dirty(folder: &Path) -> bool {
    let status = git(folder, &["status", "--porcelain", "--ignored"]).await;
    status.map_or(true, |status| {
        !status.status.success() || !status.stdout.trim_ascii().is_empty()
    })
}

/// Where the repository was cloned from: the remote of the branch, else origin, else upstream.
async fn source(folder: &Path) -> Option<String> {
    let tracked = tracked(folder).await;
    for remote in tracked
        .iter()
        .map(String::as_str)
        .chain(["origin", "upstream"])
    {
        let url = git(folder, &["remote", "get-url", remote]).await;
        if let Some(url) = url.ok().as_ref().and_then(answer) {
            return Some(url);
        }
    }
    None
}

/// The remote of the branch.
async fn tracked(folder: &Path) -> Option<String> {
    let head = git(folder, &["symbolic-ref", "-q", "HEAD"]).await.ok()?;
    let head = answer(&head)?;
    let format = "--format=%(upstream:remotename)";
    answer(&git(folder, &["for-each-ref", format, &head]).await.ok()?)
}

/// The first line of what a command said that did its work.
fn answer(output: &Output) -> Option<String> {
    first_line(output).filter(|_| output.status.success())
}

fn first_line(output: &Output) -> Option<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next()?.trim().to_owned();
    Some(line).filter(|line| !line.is_empty())
}

fn complaint(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines()
        .next()
        .unwrap_or("git gave no reason")
        .to_owned()
}

async fn git(folder: &Path, arguments: &[&str]) -> io::Result<Output> {
    Command::new("git")
        .args(["-c", "log.showSignature=false"])
        .args(arguments)
        .current_dir(folder)
        .env("LC_ALL", "C")
        // A build must not lock what its user works on.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
}
