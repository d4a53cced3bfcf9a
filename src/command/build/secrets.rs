//! Secrets and SSH agents of this machine, looked at before the build begins.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::env::{self, Env};
use crate::error::{Error, Result};
use crate::event::Events;
use crate::plan::{Secret, Secrets};
use crate::session::{self, Agents, LONGEST_SECRET};
use crate::ssh::{self, Agent, Key, KeyFile, KeyFileError, Keyring, Locked};
use crate::system;

/// How often a passphrase may be wrong.
const TRIES: usize = 3;

/// Secrets as the session gives them.
pub(super) async fn secrets(
    plan: &Secrets,
    env: &Env,
    events: &Events,
) -> HashMap<String, session::Secret> {
    let mut secrets = HashMap::new();
    for (id, secret) in &plan.secrets {
        let secret = match secret {
            Secret::File(path) => session::Secret::File(path.clone()),
            Secret::Variable(name) => {
                if env.raw_var(name).is_none() {
                    let note = format!("secret {id:?} is empty: ${name} is not set");
                    events.warning(note).await;
                }
                let value = env.raw_var(name).unwrap_or_default().to_owned();
                session::Secret::Value(value.into())
            }
        };
        secrets.insert(id.clone(), secret);
    }
    secrets
}

/// Checks that secrets can be given.
pub(super) fn check(plan: &Secrets) -> Result<()> {
    plan.secrets
        .iter()
        .try_for_each(|(id, secret)| match secret {
            Secret::File(path) => check_file(id, path),
            Secret::Variable(_) => Ok(()),
        })
}

fn check_file(id: &str, path: &Path) -> Result<()> {
    let metadata = std::fs::metadata(path).map_err(|error| {
        Error::usage(format!("cannot read secret {id:?} from {}", path.display()))
            .because(error)
            .hint(format!(
                "name its file or variable: --secret id={id},src=FILE, or --secret id={id},env=NAME"
            ))
    })?;
    if metadata.is_dir() {
        let problem = format!("secret {id:?}: {} is a folder", path.display());
        return Err(Error::usage(problem).hint("name a file in it"));
    }
    if metadata.len() > LONGEST_SECRET {
        let problem = format!(
            "secret {id:?}: {} has {} bytes; {LONGEST_SECRET} are the most",
            path.display(),
            metadata.len()
        );
        return Err(
            Error::usage(problem).hint("give a folder instead: --build-context, and mount it")
        );
    }
    Ok(())
}

/// SSH agents as the session gives them. Asks for the passphrases of keys that have one.
pub(super) async fn agents(plan: &Secrets, env: &Env) -> Result<Agents> {
    let mut agents = Agents::new();
    for (id, paths) in &plan.agents {
        let agent = match &paths[..] {
            [socket] if system::is_socket(socket) => Agent::Socket(socket.clone()),
            keys => Agent::Keys(keyring(id, keys, env).await?),
        };
        agents.insert(id.clone(), Arc::new(agent));
    }
    Ok(agents)
}

async fn keyring(id: &str, paths: &[PathBuf], env: &Env) -> Result<Keyring> {
    let mut keys = Vec::new();
    for path in paths {
        if system::is_socket(path) {
            let problem = format!("--ssh {id}: {} is an agent's socket", path.display());
            return Err(Error::usage(problem)
                .hint(format!("give one socket, or key files: --ssh {id}=KEY,KEY")));
        }
        keys.push(match ssh::open(path).map_err(|error| no_key(id, error))? {
            KeyFile::Open(key) => key,
            KeyFile::Locked(locked) => unlocked(path, &locked, env).await?,
        });
    }
    Ok(Keyring::new(keys))
}

fn no_key(id: &str, error: KeyFileError) -> Error {
    let hint = error.hint();
    let failed = Error::usage(format!("--ssh {id}: {error}"));
    let failed = match error {
        KeyFileError::Unreadable(_, cause) => failed.because(cause),
        _ => failed,
    };
    match hint {
        Some(hint) => failed.hint(hint),
        None => failed,
    }
}

async fn unlocked(path: &Path, locked: &Locked, env: &Env) -> Result<Key> {
    let key = path.display();
    if !env.stderr_is_terminal {
        let problem = format!("key {key} has a passphrase, and there is no terminal to ask for it");
        return Err(Error::usage(problem).hint(format!(
            "load it into an agent, ssh-add {key}, and use --ssh default"
        )));
    }
    for _ in 0..TRIES {
        let question = format!("Passphrase for {key}: ");
        let passphrase = env::ask_secret(&question);
        let passphrase = passphrase.await.map_err(|error| {
            Error::usage(format!("the passphrase of {key} cannot be asked for")).because(error)
        })?;
        if let Some(key) = locked.unlock(&passphrase) {
            return Ok(key);
        }
    }
    Err(Error::usage(format!("key {key} has another passphrase")))
}
