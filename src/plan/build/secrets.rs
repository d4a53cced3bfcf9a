//! What a build may use and must not keep.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::cli::{SecretArg, SecretArgs, SecretSource, SshArg};
use crate::env::Env;
use crate::error::{Error, Result};

/// What a build may use and must not keep.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Secrets {
    /// Where secrets come from, by the name under which steps mount them.
    pub secrets: BTreeMap<String, Secret>,
    /// SSH agents by the name under which steps mount them: one socket, or key files.
    pub agents: BTreeMap<String, Vec<PathBuf>>,
}

/// Where a secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    /// A variable of the environment.
    Variable(String),
    /// A file.
    File(PathBuf),
}

impl Secrets {
    /// Decides what `args` mean in `env`. The last of several with one name counts, as in buildx.
    pub(super) fn new(args: &SecretArgs, env: &Env) -> Result<Self> {
        let secrets = args.secrets.iter();
        let agents = args.ssh.iter().map(|arg| agent(arg, env));
        Ok(Self {
            secrets: secrets.map(|arg| secret(arg, env)).collect(),
            agents: agents.collect::<Result<_>>()?,
        })
    }
}

fn secret(arg: &SecretArg, env: &Env) -> (String, Secret) {
    let id = &arg.id;
    let source = match &arg.source {
        SecretSource::File(path) => Secret::File(env.absolute(path)),
        SecretSource::Variable(name) => Secret::Variable(name.clone()),
        SecretSource::Unsaid if env.raw_var(id).is_some() => Secret::Variable(id.clone()),
        SecretSource::Unsaid => Secret::File(env.absolute(id)),
    };
    (id.clone(), source)
}

fn agent(arg: &SshArg, env: &Env) -> Result<(String, Vec<PathBuf>)> {
    let id = &arg.id;
    if !arg.paths.is_empty() {
        let paths = arg.paths.iter().map(|path| env.absolute(path));
        return Ok((id.clone(), paths.collect()));
    }
    Ok((id.clone(), vec![agent_of_environment(id, env)?]))
}

/// The socket of the agent that runs, for `--ssh ID`.
pub(super) fn agent_of_environment(id: &str, env: &Env) -> Result<PathBuf> {
    let socket = env.var("SSH_AUTH_SOCK").ok_or_else(|| {
        Error::usage(format!(
            "--ssh {id}: no SSH agent runs, as $SSH_AUTH_SOCK is not set"
        ))
        .hint(format!(
            "start one: eval \"$(ssh-agent)\" && ssh-add; or name key files: --ssh {id}=KEY"
        ))
    })?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(secrets: &[&str], ssh: &[&str], env: &Env) -> Result<Secrets> {
        let args = SecretArgs {
            secrets: secrets.iter().map(|text| text.parse().unwrap()).collect(),
            ssh: ssh.iter().map(|text| text.parse().unwrap()).collect(),
        };
        Secrets::new(&args, env)
    }

    #[test]
    fn a_name_alone_is_a_variable_before_it_is_a_file() {
        let mut env = Env::from_variables([("token", "")]);
        env.current_dir = "/work".into();
        let planned = plan(
            &["id=token", "id=other", "id=a,src=x", "id=a,src=/y"],
            &[],
            &env,
        );
        let expected = [
            ("a", Secret::File("/y".into())),
            ("other", Secret::File("/work/other".into())),
            ("token", Secret::Variable("token".into())),
        ];
        let expected = expected.map(|(id, secret)| (id.to_owned(), secret));
        assert_eq!(planned.unwrap().secrets, BTreeMap::from(expected));
    }

    #[test]
    fn an_agent_without_paths_is_that_of_the_environment() {
        let env = Env::from_variables([("SSH_AUTH_SOCK", "/run/agent")]);
        let planned = plan(&[], &["default", "git=/a", "git=/b,/c"], &env).unwrap();
        assert_eq!(planned.agents["default"], [PathBuf::from("/run/agent")]);
        assert_eq!(
            planned.agents["git"],
            [PathBuf::from("/b"), PathBuf::from("/c")]
        );
        let error = plan(&[], &["default"], &Env::default()).unwrap_err();
        let expected = "--ssh default: no SSH agent runs, as $SSH_AUTH_SOCK is not set";
        assert_eq!(error.to_string(), expected);
    }
}
