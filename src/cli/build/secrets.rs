//! What a build may use and must not keep: `--secret` and `--ssh`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use crate::cli::fields::fields;

/// The flags about secrets.
#[derive(Debug, Clone, Args)]
pub struct SecretArgs {
    /// Secret that steps may mount: id=ID[,src=FILE|,env=NAME]; may be repeated
    #[arg(
        long_help = "Secret that steps may mount: id=ID,src=FILE takes a file, id=ID,env=NAME a variable of the environment, and id=ID alone the variable ID, or the file ID if there is no such variable. May be repeated"
    )]
    #[arg(long = "secret", value_name = "SECRET")]
    pub secrets: Vec<SecretArg>,

    /// SSH agent or keys that steps may use: default or ID[=SOCKET|KEY[,KEY]]; may be repeated
    #[arg(
        long_help = "SSH agent or keys that steps may use: default or ID[=SOCKET|KEY[,KEY]]; without socket or keys the agent of $SSH_AUTH_SOCK. Steps can list keys and sign with them, nothing else. May be repeated"
    )]
    #[arg(long, value_name = "AGENT")]
    pub ssh: Vec<SshArg>,
}

/// A secret as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretArg {
    /// The name under which a step mounts it.
    pub id: String,
    /// Where it comes from.
    pub source: SecretSource,
}

/// Where a secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// The variable of the secret's name, else the file of that name.
    Unsaid,
    /// A file.
    File(PathBuf),
    /// A variable of the environment.
    Variable(String),
}

/// Why a text is no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSecret {
    /// The commas and quotes do not add up.
    #[error("{0:?} is no list of key=value; write id=npm,src=FILE or id=npm,env=NAME")]
    List(String),
    /// An item is no `key=value`.
    #[error("{0:?} is no key=value; write id=npm,src=FILE or id=npm,env=NAME")]
    Item(String),
    /// A key means nothing.
    #[error("{0:?} is no part of a secret; its parts are id, src, env and type")]
    Key(String),
    /// A type means nothing.
    #[error("{0:?} is no type of a secret; it is file or env")]
    Type(String),
    /// Nothing names it.
    #[error("a secret needs an id; write id=npm,src=FILE")]
    NoId,
    /// It has two sources.
    #[error("secret {0:?} comes from a file and from the environment; give src or env")]
    TwoSources(String),
}

impl FromStr for SecretArg {
    type Err = InvalidSecret;

    fn from_str(text: &str) -> Result<Self, InvalidSecret> {
        let (mut id, mut file, mut variable) = (String::new(), String::new(), String::new());
        let mut is_variable = false;
        for item in fields(text).ok_or_else(|| InvalidSecret::List(text.to_owned()))? {
            let Some((key, value)) = item.split_once('=') else {
                return Err(InvalidSecret::Item(item));
            };
            match key.trim().to_ascii_lowercase().as_str() {
                "id" => value.clone_into(&mut id),
                "src" | "source" => value.clone_into(&mut file),
                "env" => value.clone_into(&mut variable),
                "type" if value == "file" => is_variable = false,
                "type" if value == "env" => is_variable = true,
                "type" => return Err(InvalidSecret::Type(value.to_owned())),
                other => return Err(InvalidSecret::Key(other.to_owned())),
            }
        }
        if id.is_empty() {
            return Err(InvalidSecret::NoId);
        }
        // buildx takes the source of type=env for a variable's name.
        if is_variable && variable.is_empty() {
            std::mem::swap(&mut file, &mut variable);
        }
        let source = match (file.is_empty(), variable.is_empty()) {
            (true, true) if is_variable => SecretSource::Variable(id.clone()),
            (true, true) => SecretSource::Unsaid,
            (false, true) => SecretSource::File(file.into()),
            (true, false) => SecretSource::Variable(variable),
            (false, false) => return Err(InvalidSecret::TwoSources(id)),
        };
        Ok(Self { id, source })
    }
}

/// An SSH agent as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshArg {
    /// The name under which a step mounts it.
    pub id: String,
    /// One socket, or key files; none for the agent of the environment.
    pub paths: Vec<PathBuf>,
}

/// Why a text is no SSH agent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} has an empty path; write default, default=SOCKET or default=KEY,KEY")]
pub struct InvalidSsh(String);

impl FromStr for SshArg {
    type Err = InvalidSsh;

    fn from_str(text: &str) -> Result<Self, InvalidSsh> {
        let (id, paths) = text.split_once('=').unwrap_or((text, ""));
        let paths: Vec<&str> = if paths.is_empty() {
            Vec::new()
        } else {
            paths.split(',').collect()
        };
        if paths.iter().any(|path| path.is_empty()) {
            return Err(InvalidSsh(text.to_owned()));
        }
        Ok(Self {
            id: if id.is_empty() { "default" } else { id }.to_owned(),
            paths: paths.into_iter().map(PathBuf::from).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets() {
        let file = |path: &str| SecretSource::File(path.into());
        let variable = |name: &str| SecretSource::Variable(name.into());
        for (text, id, source) in [
            ("id=a", "a", SecretSource::Unsaid),
            ("id=a,src=b", "a", file("b")),
            ("id=a,source=b/c", "a", file("b/c")),
            ("ID=a, SRC=b", "a", file("b")),
            ("id=a,env=B", "a", variable("B")),
            ("type=file,id=a,src=b", "a", file("b")),
            ("type=env,id=a", "a", variable("a")),
            ("type=env,id=a,src=B", "a", variable("B")),
            ("type=env,id=a,env=B", "a", variable("B")),
            (r#"id=a,"src=b,c""#, "a", file("b,c")),
        ] {
            let expected = SecretArg {
                id: id.into(),
                source,
            };
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        for (text, error) in [
            ("", InvalidSecret::List(String::new())),
            ("a", InvalidSecret::Item("a".into())),
            ("src=b", InvalidSecret::NoId),
            ("id=a,uid=0", InvalidSecret::Key("uid".into())),
            ("id=a,type=x", InvalidSecret::Type("x".into())),
            ("id=a,src=b,env=C", InvalidSecret::TwoSources("a".into())),
        ] {
            assert_eq!(text.parse::<SecretArg>(), Err(error), "{text}");
        }
    }

    #[test]
    fn agents() {
        let agent = |id: &str, paths: &[&str]| {
            Ok(SshArg {
                id: id.into(),
                paths: paths.iter().map(PathBuf::from).collect(),
            })
        };
        assert_eq!("default".parse(), agent("default", &[]));
        assert_eq!("".parse(), agent("default", &[]));
        assert_eq!(
            "github=/run/agent".parse(),
            agent("github", &["/run/agent"])
        );
        assert_eq!("github=".parse(), agent("github", &[]));
        assert_eq!("x=a,b".parse(), agent("x", &["a", "b"]));
        assert!("x=a,".parse::<SshArg>().is_err());
    }
}
