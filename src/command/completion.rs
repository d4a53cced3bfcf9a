//! `completion`.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::cli::{CompletionArgs, CompletionShell};
use crate::complete::{self, SHIM, SHIM_NAME};
use crate::env::Env;
use crate::error::{Error, Result};
use crate::render;
use crate::system;

const PLUGIN: &str = "kubectl-buildkit";
/// Where people keep programs of their own, below their home.
const OWN_FOLDERS: [&str; 3] = [".local/bin", "bin", ".krew/bin"];
/// Everybody may run it.
const MODE: u32 = 0o755;

/// Prints a script, or installs the one for kubectl.
pub(super) fn run(args: &CompletionArgs, env: &Env) -> Result<()> {
    if args.shell != CompletionShell::Kubectl && (args.install || args.uninstall) {
        return Err(
            Error::usage("only the file for kubectl is installed here").hint(
                "completion kubectl --install; scripts for shells are loaded as their manuals say, \
             in bash for instance: source <(kubectl buildkit completion bash)",
            ),
        );
    }
    if args.dir.is_some() && !args.install && !args.uninstall {
        return Err(Error::usage("--dir says where something is installed")
            .hint("add --install or --uninstall"));
    }
    if args.install {
        return install(args.dir.as_deref(), env);
    }
    if args.uninstall {
        return uninstall(args.dir.as_deref(), env);
    }
    let script = match args.shell {
        CompletionShell::Kubectl => SHIM,
        CompletionShell::Bash => complete::BASH,
        CompletionShell::Zsh => complete::ZSH,
        CompletionShell::Fish => complete::FISH,
        CompletionShell::PowerShell => complete::POWERSHELL,
        CompletionShell::Elvish => complete::ELVISH,
    };
    render::text(script, io::stdout().lock())
}

fn install(folder: Option<&Path>, env: &Env) -> Result<()> {
    let on_path = on_path(env);
    let Some(folder) = folder else {
        return install_on_path(&on_path, env);
    };
    let folder = env.absolute(folder);
    let file = folder.join(SHIM_NAME);
    write(&file).map_err(|error| not_written(&file, error))?;
    said(&file)?;
    if on_path.contains(&folder) {
        return Ok(());
    }
    let note = format!(
        "kubectl does not find it there: {} is not on PATH",
        folder.display()
    );
    render::notes(&[note], io::stderr().lock())
}

/// Into the first folder on `PATH` that can be written to: the plugin's, else one of the user's own.
fn install_on_path(on_path: &[PathBuf], env: &Env) -> Result<()> {
    let of_plugin = on_path
        .iter()
        .filter(|folder| folder.join(PLUGIN).is_file());
    let home = env.home().unwrap_or_default();
    let own = OWN_FOLDERS.map(|folder| home.join(folder));
    let own = own.iter().filter(|folder| on_path.contains(folder));
    let mut refused = None;
    for folder in of_plugin.chain(own) {
        let file = folder.join(SHIM_NAME);
        match write(&file) {
            Ok(()) => return said(&file),
            Err(error) => {
                refused.get_or_insert_with(|| not_written(&file, error));
            }
        }
    }
    Err(refused.unwrap_or_else(|| {
        Error::usage("there is no folder on PATH that is known to be for programs like this")
            .hint("name one that is on PATH: completion kubectl --install --dir DIR")
    }))
}

fn said(file: &Path) -> Result<()> {
    render::line(
        &format!("installed {}", file.display()),
        io::stdout().lock(),
    )
}

fn not_written(file: &Path, error: io::Error) -> Error {
    let instead = if error.kind() == io::ErrorKind::AlreadyExists {
        "remove that file, or name another folder on PATH: --dir DIR"
    } else {
        "name a folder on PATH that you may write to, --dir DIR; or run this as its owner"
    };
    Error::usage(format!("cannot write {}", file.display()))
        .because(error)
        .hint(instead)
}

fn uninstall(folder: Option<&Path>, env: &Env) -> Result<()> {
    let folders = match folder {
        Some(folder) => vec![env.absolute(folder)],
        None => on_path(env),
    };
    let files = folders.iter().map(|folder| folder.join(SHIM_NAME));
    let mut is_gone = false;
    for file in files.filter(|file| file.exists()) {
        if !is_ours(&file) {
            let note = format!("{} is another program's, and stays", file.display());
            render::notes(&[note], io::stderr().lock())?;
            continue;
        }
        fs::remove_file(&file).map_err(|error| {
            Error::usage(format!("cannot remove {}", file.display()))
                .because(error)
                .hint("remove it as its owner")
        })?;
        is_gone = true;
        render::line(&format!("removed {}", file.display()), io::stdout().lock())?;
    }
    if is_gone {
        return Ok(());
    }
    render::line("nothing is installed", io::stdout().lock())
}

/// The folders of `PATH`, each once.
fn on_path(env: &Env) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for folder in std::env::split_paths(env.var("PATH").unwrap_or_default()) {
        if folder.is_absolute() && !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    folders
}

/// Whether a file is one of ours, of whatever version.
fn is_ours(file: &Path) -> bool {
    let text = fs::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.lines()
        .any(|line| line.contains("kubectl-buildkit __complete"))
}

/// Writes the file for kubectl, whole or not at all.
fn write(file: &Path) -> io::Result<()> {
    if file.exists() && !is_ours(file) {
        let there = "there is a file of that name, of another program";
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, there));
    }
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(SHIM.as_bytes())?;
    system::set_mode(new.as_file(), MODE)?;
    new.persist(file)?;
    Ok(())
}
