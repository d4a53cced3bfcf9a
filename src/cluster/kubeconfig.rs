//! Which kubeconfig files there are, and what they say together.

use std::path::{Path, PathBuf};

use kube::config::{Kubeconfig, KubeconfigError};

use crate::cli::KubeArgs;
use crate::env::Env;
use crate::error::{Error, Result};

/// The kubeconfig files of a run, merged: the first to say something wins.
#[derive(Debug, Default)]
pub(super) struct Merged {
    /// What the files say together.
    pub(super) config: Kubeconfig,
    /// The files that were read.
    pub(super) read: Vec<PathBuf>,
    /// The files that were looked for.
    pub(super) looked_for: Vec<PathBuf>,
}

impl Merged {
    /// Reads `--kubeconfig`, else the files of `$KUBECONFIG`, else `~/.kube/config`.
    ///
    /// As in kubectl a missing file is an error only where the command line names it.
    pub(super) fn read(args: &KubeArgs, env: &Env) -> Result<Self> {
        if let Some(path) = &args.kubeconfig {
            let path = env.absolute(path);
            let config = read_file(&path)?;
            return Ok(Self {
                config,
                read: vec![path.clone()],
                looked_for: vec![path],
            });
        }
        let looked_for = default_files(env);
        let mut merged = Self {
            looked_for: looked_for.clone(),
            ..Self::default()
        };
        for path in looked_for.into_iter().filter(|path| path.exists()) {
            merged.config = merged
                .config
                .merge(read_file(&path)?)
                .map_err(|error| cannot_read(&path, error))?;
            merged.read.push(path);
        }
        Ok(merged)
    }

    /// Whether the files say nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        self.config.contexts.is_empty() && self.config.clusters.is_empty()
    }

    /// The files for a message.
    pub(super) fn files(&self) -> String {
        let files = if self.read.is_empty() {
            &self.looked_for
        } else {
            &self.read
        };
        let names: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
        names.join(", ")
    }
}

/// What a kubeconfig has names for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct KubeconfigNames {
    /// Kube contexts, each with its cluster and namespace in words.
    pub contexts: Vec<(String, String)>,
    /// Clusters, each with its address.
    pub clusters: Vec<(String, String)>,
    /// Users.
    pub users: Vec<String>,
}

/// What the kubeconfig of `args` and `env` has names for; nothing if it cannot be read.
pub fn kubeconfig_names(args: &KubeArgs, env: &Env) -> KubeconfigNames {
    let Ok(Merged { config, .. }) = Merged::read(args, env) else {
        return KubeconfigNames::default();
    };
    let current = config.current_context.unwrap_or_default();
    let contexts = config.contexts.into_iter().map(|named| {
        let context = named.context.unwrap_or_default();
        let namespace = context
            .namespace
            .map(|namespace| format!(", namespace {namespace}"));
        let mark = if named.name == current {
            ", current"
        } else {
            ""
        };
        let cluster = context.cluster;
        let words = format!("cluster {cluster}{}{mark}", namespace.unwrap_or_default());
        (named.name, words)
    });
    let clusters = config.clusters.into_iter().map(|named| {
        let server = named.cluster.and_then(|cluster| cluster.server);
        // There may be a login in it.
        let server = server.filter(|server| !server.contains('@'));
        (named.name, server.unwrap_or_default())
    });
    KubeconfigNames {
        contexts: contexts.collect(),
        clusters: clusters.collect(),
        users: config
            .auth_infos
            .into_iter()
            .map(|user| user.name)
            .collect(),
    }
}

fn default_files(env: &Env) -> Vec<PathBuf> {
    match env.var("KUBECONFIG") {
        Some(list) => std::env::split_paths(list)
            .filter(|path| !path.as_os_str().is_empty())
            .map(|path| env.absolute(path))
            .collect(),
        None => env
            .home()
            .map(|home| home.join(".kube/config"))
            .into_iter()
            .collect(),
    }
}

fn read_file(path: &Path) -> Result<Kubeconfig> {
    Kubeconfig::read_from(path).map_err(|error| cannot_read(path, error))
}

fn cannot_read(path: &Path, error: KubeconfigError) -> Error {
    let cause: Box<dyn std::error::Error + Send + Sync> = match error {
        KubeconfigError::ReadConfig(source, _) => source.into(),
        other => first_line(&other.to_string()).into(),
    };
    Error::usage(format!("cannot read the kubeconfig {}", path.display()))
        .because(cause)
        .hint("name another file with --kubeconfig or $KUBECONFIG")
}

/// The YAML library shows the lines around a mistake, and a kubeconfig's lines hold tokens and keys.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_kubeconfig() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        let text = "{current-context: a, contexts: [\
            {name: a, context: {cluster: c, user: u, namespace: n}}, {name: b, context: {cluster: c}}], \
            clusters: [{name: c, cluster: {server: 'https://c'}}], users: [{name: u, user: {}}]}";
        std::fs::write(&file, text).unwrap();
        let env = Env::from_variables([("KUBECONFIG", file.to_str().unwrap())]);
        let names = kubeconfig_names(&KubeArgs::default(), &env);
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let a = pair("a", "cluster c, namespace n, current");
        assert_eq!(names.contexts, [a, pair("b", "cluster c")]);
        assert_eq!(names.clusters, [pair("c", "https://c")]);
        assert_eq!(names.users, ["u"]);
        std::fs::write(&file, "contexts: [").unwrap();
        let broken = kubeconfig_names(&KubeArgs::default(), &env);
        assert_eq!(broken, KubeconfigNames::default());
    }

    #[test]
    fn a_broken_kubeconfig_is_not_printed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(
            file.path(),
            "users:\n- name: a\n  user: {token: s3cret\n- broken",
        )
        .unwrap();
        let error = read_file(file.path()).unwrap_err();
        let text = format!("{error} {:?} {error:?}", error.causes());
        assert!(!text.contains("s3cret"), "{text}");
        assert!(error.causes()[0].contains("line "), "{text}");
    }
}
