//! What happens to a result: `--output`, `--push` and `--tag` together.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::cli::{OutputArg, ResultArgs};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::model::{ImageName, Platform, boolean};

/// One exporter of the daemon, and where its result goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The exporter.
    pub exporter: Exporter,
    /// What it is told.
    pub attributes: BTreeMap<String, String>,
}

/// The exporters that the daemon has, each with the place that it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exporter {
    /// An image in the daemon, or in a registry.
    Image,
    /// Files, in a folder of this machine.
    Local(PathBuf),
    /// The same files as a tar archive.
    Tar(Sink),
    /// An image as an OCI layout in a tar archive.
    Oci(Sink),
    /// An image as `docker load` takes it.
    Docker(Sink),
}

/// Where an archive goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sink {
    /// Into a file.
    File(PathBuf),
    /// To standard output.
    Stdout,
    /// Into a container engine of this machine: the one that docker's command uses, or that of a
    /// context of its.
    Engine(Option<String>),
    /// What would be in the archive, into a folder.
    Layout(PathBuf),
}

impl Output {
    /// Whether the result is an image, and so has a digest.
    pub fn makes_image(&self) -> bool {
        matches!(
            self.exporter,
            Exporter::Image | Exporter::Oci(_) | Exporter::Docker(_)
        )
    }

    /// Whether the result is files, of which nothing is a digest.
    pub(super) fn makes_files(&self) -> bool {
        matches!(self.exporter, Exporter::Local(_) | Exporter::Tar(_))
    }

    /// Whether the result goes to standard output.
    pub fn is_stdout(&self) -> bool {
        use Exporter::{Docker, Oci, Tar};
        matches!(
            &self.exporter,
            Tar(Sink::Stdout) | Oci(Sink::Stdout) | Docker(Sink::Stdout)
        )
    }

    /// Whether the result is an OCI layout in a folder.
    fn is_layout(&self) -> bool {
        use Exporter::{Docker, Oci};
        matches!(
            &self.exporter,
            Oci(Sink::Layout(_)) | Docker(Sink::Layout(_))
        )
    }

    /// Whether what the result does not have is deleted where it goes.
    pub fn deletes(&self) -> bool {
        let mode = self.attributes.get("mode").map(String::as_str);
        matches!(self.exporter, Exporter::Local(_)) && mode == Some("delete")
    }

    fn pushes(&self) -> bool {
        self.attributes
            .get("push")
            .is_some_and(|push| push == "true")
    }
}

/// Decides what `--output`, `--tag`, `--push` and `--load` mean together. No output at all is none that
/// is given; one that leaves the result in the cache is none that is left.
pub(super) fn plan(args: &ResultArgs, env: &Env) -> Result<Vec<Output>> {
    let given = args.outputs.iter().filter(|output| !is_cache_only(output));
    let mut outputs = given
        .map(|arg| output(arg, env))
        .collect::<Result<Vec<_>>>()?;
    if args.push {
        push_images(&mut outputs);
    }
    if args.load {
        load(&mut outputs);
    }
    for output in outputs.iter_mut().filter(|output| output.makes_image()) {
        if !args.tags.is_empty() {
            output.attributes.insert("name".into(), names(&args.tags));
        }
        let named = output
            .attributes
            .get("name")
            .is_some_and(|name| !name.is_empty());
        if output.pushes() && !named {
            return Err(Error::usage("an image that is pushed needs a name")
                .hint("add -t REGISTRY/NAME:TAG"));
        }
    }
    if outputs.iter().filter(|output| output.is_layout()).count() > 1 {
        return Err(Error::usage("only one output can have tar=false")
            .hint("write an archive too, or build once more: the steps are cached"));
    }
    if outputs.iter().filter(|output| output.is_stdout()).count() > 1 {
        return Err(Error::usage("only one output can go to standard output"));
    }
    Ok(outputs)
}

/// Whether an output says that there is none.
fn is_cache_only(output: &OutputArg) -> bool {
    output.kind == "cacheonly"
}

/// Docker's archives have one platform; an engine is asked what it takes.
pub(super) fn fits(outputs: &[Output], platforms: &[Platform]) -> Result<()> {
    let is_file = |output: &Output| match &output.exporter {
        Exporter::Docker(sink) => !matches!(sink, Sink::Engine(_)),
        _ => false,
    };
    if platforms.len() > 1 && outputs.iter().any(is_file) {
        return Err(
            Error::usage("an archive of -o type=docker cannot hold several platforms")
                .hint("use -o type=oci, or build for one platform"),
        );
    }
    Ok(())
}

/// Names of the image, comma-separated as exporters take them.
fn names(tags: &[ImageName]) -> String {
    tags.iter()
        .map(ImageName::as_str)
        .collect::<Vec<_>>()
        .join(",")
}

/// `--push`: image outputs that are there are pushed, else there is one more.
fn push_images(outputs: &mut Vec<Output>) {
    let is_image = |output: &Output| output.exporter == Exporter::Image;
    if !outputs.iter().any(is_image) {
        outputs.push(Output {
            exporter: Exporter::Image,
            attributes: BTreeMap::new(),
        });
    }
    for image in outputs.iter_mut().filter(|output| is_image(output)) {
        pushed(&mut image.attributes);
    }
}

fn pushed(attributes: &mut BTreeMap<String, String>) {
    attributes.insert("push".into(), "true".into());
    // Nothing in the daemon would use the unpacked layers.
    let unpack = attributes.entry("unpack".into());
    unpack.or_insert_with(|| "false".into());
}

/// `--load`: what an engine takes already is enough, else there is one more output.
fn load(outputs: &mut Vec<Output>) {
    let is_loaded = |output: &Output| matches!(output.exporter, Exporter::Docker(Sink::Engine(_)));
    if !outputs.iter().any(is_loaded) {
        outputs.push(Output {
            exporter: Exporter::Docker(Sink::Engine(None)),
            attributes: BTreeMap::new(),
        });
    }
}

fn output(arg: &OutputArg, env: &Env) -> Result<Output> {
    let mut attributes = arg.attributes.clone();
    let dest = arg.dest.as_deref().filter(|dest| !dest.is_empty());
    let exporter = match arg.kind.as_str() {
        "local" => Exporter::Local(folder(dest, &attributes, env)?),
        "tar" => Exporter::Tar(sink("tar", dest, env)?),
        "oci" => Exporter::Oci(archive(arg, dest, env)?),
        "docker" => Exporter::Docker(docker(arg, dest, &mut attributes, env)?),
        "image" | "registry" => Exporter::Image,
        other => {
            return Err(
                Error::usage(format!("-o type={other}: there is no such output"))
                    .hint("use local, tar, oci, docker, image, registry or cacheonly"),
            );
        }
    };
    if exporter == Exporter::Image && dest.is_some() {
        return Err(Error::usage(format!("-o type={} takes no dest", arg.kind))
            .hint("give the image a name with -t, or use type=oci for a file"));
    }
    if arg.kind == "registry" {
        pushed(&mut attributes);
    }
    Ok(Output {
        exporter,
        attributes,
    })
}

fn folder(dest: Option<&str>, attributes: &BTreeMap<String, String>, env: &Env) -> Result<PathBuf> {
    let mode = attributes.get("mode").map_or("", String::as_str);
    if !["", "copy", "delete"].contains(&mode) {
        return Err(
            Error::usage(format!("-o type=local,mode={mode}: there is no such mode"))
                .hint("use copy, or delete to remove what the result does not have"),
        );
    }
    if let Some(split) = attributes.get("platform-split")
        && boolean(split).is_none()
    {
        return Err(Error::usage(format!(
            "-o type=local,platform-split={split}: this is neither true nor false"
        ))
        .hint("use true for a folder for each platform, or false for one for all"));
    }
    match dest {
        Some("-") => Err(
            Error::usage("-o type=local writes a folder, not standard output")
                .hint("use -o type=tar,dest=-"),
        ),
        Some(dest) => Ok(env.absolute(dest)),
        None => Err(Error::usage("-o type=local needs dest=FOLDER")),
    }
}

/// An archive without a place goes into an engine.
fn docker(
    arg: &OutputArg,
    dest: Option<&str>,
    attributes: &mut BTreeMap<String, String>,
    env: &Env,
) -> Result<Sink> {
    let context = attributes.remove("context");
    match (dest, context) {
        (Some(_), Some(context)) => Err(Error::usage(format!(
            "-o type=docker,context={context} takes no dest"
        ))
        .hint("a context is where the image is loaded; a dest is a file instead")),
        (Some(dest), None) => archive(arg, Some(dest), env),
        (None, _) if arg.attributes.get("tar").is_some_and(|tar| tar == "false") => {
            Err(Error::usage("-o type=docker,tar=false needs dest=FOLDER"))
        }
        (None, context) => Ok(Sink::Engine(context.filter(|name| !name.is_empty()))),
    }
}

fn archive(arg: &OutputArg, dest: Option<&str>, env: &Env) -> Result<Sink> {
    let kind = &arg.kind;
    let tar = arg.attributes.get("tar").map_or("true", String::as_str);
    match boolean(tar) {
        Some(true) => sink(kind, dest, env),
        Some(false) => match dest {
            Some(dest) if dest != "-" => Ok(Sink::Layout(env.absolute(dest))),
            _ => Err(Error::usage(format!(
                "-o type={kind},tar=false writes a folder and needs its name"
            ))
            .hint("add dest=FOLDER")),
        },
        None => Err(
            Error::usage(format!("-o type={kind}: tar={tar} is no boolean"))
                .hint("write tar=false for a folder instead of an archive"),
        ),
    }
}

fn sink(kind: &str, dest: Option<&str>, env: &Env) -> Result<Sink> {
    match dest {
        None | Some("-") if env.stdout_is_terminal => Err(Error::usage(format!(
            "-o type={kind} would write an archive to the terminal"
        ))
        .hint("add dest=FILE, or send the output to a file or pipe")),
        None | Some("-") => Ok(Sink::Stdout),
        Some(dest) => Ok(Sink::File(env.absolute(dest))),
    }
}
