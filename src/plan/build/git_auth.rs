//! What a daemon needs to fetch private repositories, and what the environment has of it.
//!
//! BuildKit looks for tokens among the secrets of the build, first under a name that ends in the
//! repository's host. Under that name the token of the environment goes to this host only, however
//! many others the Dockerfile fetches from.

use crate::env::Env;
use crate::error::Result;

use super::inputs::Inputs;
use super::remote::{GitUrl, Remote, Transport};
use super::secrets::{Secret, Secrets, agent_of_environment};

/// The secrets that BuildKit takes for a git server over HTTP: a token, or a whole header.
const NAMES: [&str; 2] = ["GIT_AUTH_TOKEN", "GIT_AUTH_HEADER"];

/// The SSH agent that BuildKit takes for a git server over SSH.
const AGENT: &str = "default";

/// Adds what `inputs` need and `env` has to what was given. What was given counts more.
pub(super) fn add(secrets: &mut Secrets, inputs: &Inputs, env: &Env) -> Result<()> {
    let mut names = secrets.secrets.keys();
    if !names.any(|name| NAMES.iter().any(|known| name.starts_with(known))) {
        let servers = inputs.remotes().filter_map(server);
        let tokens = servers.flat_map(|git| tokens(git, env));
        let tokens: Vec<_> = tokens.collect();
        secrets.secrets.extend(tokens);
    }
    if secrets.agents.is_empty() && inputs.remotes().any(Remote::needs_ssh) {
        let socket = agent_of_environment(AGENT, env)?;
        secrets.agents.insert(AGENT.to_owned(), vec![socket]);
    }
    Ok(())
}

fn server(remote: &Remote) -> Option<&GitUrl> {
    match remote {
        Remote::Git(git) if git.transport == Transport::Http => Some(git),
        _ => None,
    }
}

fn tokens(git: &GitUrl, env: &Env) -> impl Iterator<Item = (String, Secret)> {
    NAMES.into_iter().filter_map(|name| {
        let of_host = format!("{name}.{}", git.host);
        let variable = [of_host.as_str(), name]
            .into_iter()
            .find(|variable| env.var(variable).is_some())?
            .to_owned();
        Some((of_host, Secret::Variable(variable)))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use super::super::inputs::{Context, Dockerfile, NamedContext};
    use super::*;

    fn inputs(context: &str, named: &str) -> Inputs {
        let remote = |text| Remote::recognise(text).unwrap();
        Inputs {
            context: Context::Remote(remote(context)),
            dockerfile: Dockerfile::InContext("Dockerfile".into()),
            named: BTreeMap::from([("x".into(), NamedContext::Remote(remote(named)))]),
        }
    }

    fn found(given: &[&str], env: &Env) -> String {
        let mut secrets = Secrets::default();
        for name in given {
            let secret = Secret::Variable("given".into());
            secrets.secrets.insert((*name).to_owned(), secret);
        }
        let inputs = inputs("https://me@a.example:8443/b.git#c", "https://d.example/e");
        add(&mut secrets, &inputs, env).unwrap();
        let pairs = secrets.secrets.iter().map(|(name, secret)| match secret {
            Secret::Variable(variable) => format!("{name}=${variable}"),
            Secret::File(path) => format!("{name}={}", path.display()),
        });
        pairs.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn tokens_of_the_environment_go_to_the_host_of_the_repository_only() {
        assert_eq!(found(&[], &Env::default()), "");
        let env = Env::from_variables([("GIT_AUTH_TOKEN", "t")]);
        assert_eq!(
            found(&[], &env),
            "GIT_AUTH_TOKEN.a.example:8443=$GIT_AUTH_TOKEN"
        );
        let env = Env::from_variables([
            ("GIT_AUTH_TOKEN", "t"),
            ("GIT_AUTH_TOKEN.a.example:8443", "u"),
            ("GIT_AUTH_HEADER", "basic x"),
        ]);
        assert_eq!(
            found(&[], &env),
            "GIT_AUTH_HEADER.a.example:8443=$GIT_AUTH_HEADER \
             GIT_AUTH_TOKEN.a.example:8443=$GIT_AUTH_TOKEN.a.example:8443"
        );
        assert_eq!(found(&["GIT_AUTH_TOKEN"], &env), "GIT_AUTH_TOKEN=$given");
    }

    #[test]
    fn a_repository_over_ssh_needs_an_agent() {
        let inputs = |context| inputs(context, "https://d.example/e");
        let added = |context, env: &Env| {
            let mut secrets = Secrets::default();
            add(&mut secrets, &inputs(context), env).map(|()| secrets.agents)
        };
        let env = Env::from_variables([("SSH_AUTH_SOCK", "/run/agent")]);
        let agents = added("git@a.example:b.git", &env).unwrap();
        assert_eq!(agents["default"], [PathBuf::from("/run/agent")]);
        assert!(added("https://a.example/b.git", &env).unwrap().is_empty());
        assert!(added("git@a.example:b.git", &Env::default()).is_err());
    }
}
