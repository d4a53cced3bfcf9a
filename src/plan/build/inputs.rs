//! What a build reads: its context, its Dockerfile, and contexts with names.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::cli::{InputArgs, NamedContextArg};
use crate::env::Env;
use crate::error::{Error, Result};

use super::oci_layout::LayoutImage;
use super::remote::{Remote, is_web};

/// What a build reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// Where `COPY` finds its files.
    pub context: Context,
    /// Where the Dockerfile is.
    pub dockerfile: Dockerfile,
    /// What stands for an image or a stage of that name.
    pub named: BTreeMap<String, NamedContext>,
}

/// A build context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Context {
    /// A folder of this machine.
    Folder(PathBuf),
    /// An archive that comes on standard input; or nothing, if a Dockerfile comes there.
    StandardInput,
    /// What the daemon fetches.
    Remote(Remote),
}

/// Where a Dockerfile is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dockerfile {
    /// At this path in the build context.
    InContext(String),
    /// On this machine.
    File {
        /// The folder that holds it.
        folder: PathBuf,
        /// Its name in that folder.
        name: String,
    },
    /// It comes on standard input.
    StandardInput,
    /// On a web server; the daemon fetches it.
    Url(String),
}

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedContext {
    /// A folder of this machine.
    Folder(PathBuf),
    /// What the daemon fetches.
    Remote(Remote),
    /// An image, as `docker-image://NAME`.
    Image(String),
    /// An image in a folder of this machine.
    Layout(LayoutImage),
}

/// The name of a Dockerfile that nobody named.
const DOCKERFILE: &str = "Dockerfile";

impl Inputs {
    /// Decides what `args` mean in `env`.
    pub(super) fn new(args: &InputArgs, env: &Env) -> Result<Self> {
        let context = context(args.build_context.as_deref(), env)?;
        let dockerfile = dockerfile(args.file.as_deref(), &context, env)?;
        if context == Context::StandardInput && dockerfile == Dockerfile::StandardInput {
            return Err(Error::usage(
                "the build context and the Dockerfile cannot both come on standard input",
            )
            .hint("leave -f - out if standard input is a Dockerfile; else name the file with -f"));
        }
        Ok(Self {
            context,
            dockerfile,
            named: named(&args.named_contexts, env)?,
        })
    }

    /// Everything that the daemon fetches itself, but for images and the Dockerfile.
    pub fn remotes(&self) -> impl Iterator<Item = &Remote> {
        let main = match &self.context {
            Context::Remote(remote) => Some(remote),
            _ => None,
        };
        let named = self.named.values().filter_map(|context| match context {
            NamedContext::Remote(remote) => Some(remote),
            _ => None,
        });
        main.into_iter().chain(named)
    }
}

fn context(given: Option<&OsStr>, env: &Env) -> Result<Context> {
    let Some(given) = given.filter(|given| !given.is_empty()) else {
        return Err(Error::usage("a build needs a build context")
            .hint("write `.` at the end of the command for the current folder"));
    };
    if given == "-" {
        return Ok(Context::StandardInput);
    }
    let text = given.to_string_lossy();
    if let Some(remote) = Remote::recognise(&text) {
        return Ok(Context::Remote(remote));
    }
    if text.contains("://") {
        return Err(
            Error::usage(format!("{text}: this is no build context")).hint(
                "give a folder, -, a git repository or a file at https://; \
             write ./ in front of a folder of that name",
            ),
        );
    }
    Ok(Context::Folder(env.absolute(given)))
}

fn dockerfile(file: Option<&Path>, context: &Context, env: &Env) -> Result<Dockerfile> {
    let Some(file) = file.filter(|file| !file.as_os_str().is_empty()) else {
        return Ok(Dockerfile::InContext(DOCKERFILE.into()));
    };
    if file.as_os_str() == "-" {
        return Ok(Dockerfile::StandardInput);
    }
    if let Some(url) = file.to_str().filter(|text| is_web(text)) {
        return Ok(Dockerfile::Url(url.to_owned()));
    }
    // Beside a folder, the path is one of this machine; in anything else only an absolute one is.
    if matches!(context, Context::Folder(_)) || file.is_absolute() {
        return on_this_machine(file, env);
    }
    Ok(Dockerfile::InContext(utf8(file.as_os_str(), file)?))
}

fn on_this_machine(file: &Path, env: &Env) -> Result<Dockerfile> {
    let path = env.absolute(file);
    let Some((folder, name)) = path.parent().zip(path.file_name()) else {
        return Err(
            Error::usage(format!("-f {}: this is a folder", file.display()))
                .hint("name the Dockerfile in it"),
        );
    };
    Ok(Dockerfile::File {
        folder: folder.to_owned(),
        name: utf8(name, file)?,
    })
}

fn utf8(name: &OsStr, file: &Path) -> Result<String> {
    let name = name.to_str().ok_or_else(|| {
        Error::usage(format!(
            "-f {}: the file's name is not UTF-8",
            file.display()
        ))
        .hint("rename the file; BuildKit takes UTF-8 only")
    })?;
    Ok(name.to_owned())
}

fn named(args: &[NamedContextArg], env: &Env) -> Result<BTreeMap<String, NamedContext>> {
    let contexts = args.iter().map(|arg| {
        let context = named_context(&arg.value, env).map_err(|(what, hint)| {
            Error::usage(format!(
                "--build-context {}={}: {what}",
                arg.name, arg.value
            ))
            .hint(hint)
        })?;
        Ok((arg.name.clone(), context))
    });
    contexts.collect()
}

/// What `value` stands for, or what is wrong with it and what to type instead.
fn named_context(value: &str, env: &Env) -> Result<NamedContext, (&'static str, String)> {
    if let Some(remote) = Remote::recognise(value) {
        return match remote.spelling_for_a_name() {
            None => Ok(NamedContext::Remote(remote)),
            Some(spelling) => Err((
                "BuildKit does not read this URL behind a name",
                format!("write {spelling}"),
            )),
        };
    }
    match value.split_once(':') {
        Some(("docker-image", name)) if name.len() > 2 && name.starts_with("//") => {
            Ok(NamedContext::Image(value.to_owned()))
        }
        Some(("target", _)) => Err((
            "targets are those of a bake file, and this builds one Dockerfile",
            "a stage of it can be named in FROM and COPY --from without any flag".into(),
        )),
        Some(("oci-layout", _)) => match LayoutImage::parse(value, env) {
            Some(image) => Ok(NamedContext::Layout(image)),
            None => Err((
                "this names no folder",
                "write oci-layout://FOLDER:TAG or oci-layout://FOLDER@DIGEST".into(),
            )),
        },
        _ if value.contains("://") || value.is_empty() => Err((
            "this is no build context",
            "give a folder, docker-image://NAME, oci-layout://FOLDER, a git repository or a file at https://".into(),
        )),
        _ => Ok(NamedContext::Folder(env.absolute(value))),
    }
}
