//! What a build is: every default and conflict of `build`'s flags.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::{BuildArgs, KeyValue};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::model::{BuilderName, Platform, ProgressMode};

use super::address::DaemonAddress;
use super::name::builder_name;
use super::output::{self, Output};

/// A build, decided.
#[derive(Debug, Clone)]
pub struct Build {
    /// The folder that is sent.
    pub context: PathBuf,
    /// The Dockerfile.
    pub dockerfile: Dockerfile,
    /// Where it is built.
    pub place: Place,
    /// What happens to the result.
    pub outputs: Vec<Output>,
    /// Values of build arguments.
    pub build_args: BTreeMap<String, String>,
    /// Labels of the image.
    pub labels: BTreeMap<String, String>,
    /// The stage to build; the last one if absent.
    pub target: Option<String>,
    /// The platforms to build for; the daemon's own if empty.
    pub platforms: Vec<Platform>,
    /// Whether every step runs again.
    pub no_cache: bool,
    /// Whether base images are looked up again.
    pub pull: bool,
    /// Whether the image gets a provenance, as buildx gives it one.
    pub provenance: bool,
    /// How progress is shown.
    pub progress: ProgressMode,
    /// Where to write what is known of the result.
    pub metadata_file: Option<PathBuf>,
    /// Where to write the image's digest.
    pub iidfile: Option<PathBuf>,
}

/// A Dockerfile on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dockerfile {
    /// The folder that holds it.
    pub folder: PathBuf,
    /// Its name in that folder.
    pub name: String,
}

/// Where to build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// On a daemon at a known address.
    Daemon(DaemonAddress),
    /// On a builder of the cluster.
    Builder {
        /// Its name; found out if absent.
        name: Option<BuilderName>,
        /// Whether to make one if the namespace has none.
        create: bool,
        /// How long it may take to come up, if not as long as the builder itself says.
        timeout: Option<Duration>,
    },
}

impl Build {
    /// Decides what `args` mean in `env`.
    pub fn new(args: &BuildArgs, env: &Env) -> Result<Self> {
        let context = context(&args.path, env)?;
        let dockerfile = dockerfile(args.file.as_deref(), &context, env)?;
        let outputs = output::plan(&args.outputs, &args.tags, args.push, env)?;
        if args.iidfile.is_some() && !outputs.iter().any(Output::makes_image) {
            return Err(Error::usage("--iidfile has no image to name")
                .hint("add --push, or -o type=image, oci or docker"));
        }
        Ok(Self {
            context,
            dockerfile,
            place: place(args, env)?,
            outputs,
            build_args: values(&args.build_args, env),
            labels: values(&args.labels, env),
            target: args.target.clone().filter(|target| !target.is_empty()),
            platforms: platforms(&args.platforms),
            no_cache: args.no_cache,
            pull: args.pull,
            provenance: !env
                .var("BUILDX_NO_DEFAULT_ATTESTATIONS")
                .is_some_and(is_true),
            progress: progress(args)?,
            metadata_file: args.metadata_file.as_ref().map(|file| env.absolute(file)),
            iidfile: args.iidfile.as_ref().map(|file| env.absolute(file)),
        })
    }
}

/// A boolean as Go reads it.
fn is_true(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "true" | "TRUE" | "True")
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

fn place(args: &BuildArgs, env: &Env) -> Result<Place> {
    // A builder that was named on the command line beats a daemon that only the environment names.
    let ambient = env.var("BUILDKIT_HOST").filter(|_| args.builder.is_none());
    if let Some(address) = args.buildkit_host.as_deref().or(ambient) {
        return Ok(Place::Daemon(DaemonAddress::new(address, args, env)?));
    }
    Ok(Place::Builder {
        name: builder_name(args.builder.as_ref(), env)?,
        create: !args.no_create,
        timeout: args.timeout,
    })
}

/// The values of `KEY=VALUE`; a key alone takes its value from the environment, and is left out if
/// that has none.
fn values(pairs: &[KeyValue], env: &Env) -> BTreeMap<String, String> {
    let value = |pair: &KeyValue| {
        let value = pair
            .value
            .clone()
            .or_else(|| env.raw_var(&pair.key).map(str::to_owned))?;
        Some((pair.key.clone(), value))
    };
    pairs.iter().filter_map(value).collect()
}

/// Each platform once, in the order given.
fn platforms(given: &[Platform]) -> Vec<Platform> {
    let mut platforms: Vec<Platform> = Vec::new();
    for platform in given {
        if !platforms.contains(platform) {
            platforms.push(platform.clone());
        }
    }
    platforms
}

fn progress(args: &BuildArgs) -> Result<ProgressMode> {
    if args.quiet {
        return match args.progress {
            ProgressMode::Auto | ProgressMode::Quiet => Ok(ProgressMode::Quiet),
            _ => Err(Error::usage(
                "--quiet and --progress cannot be used together",
            )),
        };
    }
    Ok(args.progress)
}
