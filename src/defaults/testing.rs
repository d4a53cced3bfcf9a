//! A machine for tests of defaults.

use std::path::Path;

use crate::env::Env;

/// A home with a kubeconfig and perhaps a configuration file.
pub(super) struct Home(tempfile::TempDir);

const KUBECONFIG: &str = "
apiVersion: v1
kind: Config
current-context: dev
clusters: [{name: c, cluster: {server: 'https://fake'}}]
contexts:
- {name: dev, context: {cluster: c}}
- {name: prod, context: {cluster: c, namespace: web}}
";

impl Home {
    pub(super) fn new(config: &str) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        for (path, text) in [
            (".kube/config", KUBECONFIG),
            (".config/kubectl-buildkit/config.toml", config),
        ] {
            let path = home.0.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        home
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn env(&self, variables: &[(&str, &str)]) -> Env {
        let mut all = variables.to_vec();
        all.push(("HOME", self.path().to_str().unwrap()));
        Env::from_list(&all)
    }

    pub(super) fn file(&self) -> String {
        self.path()
            .join(".config/kubectl-buildkit/config.toml")
            .display()
            .to_string()
    }
}
