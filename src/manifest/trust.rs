//! What the daemon's configuration says of registries, for this machine to do the same.

use k8s_openapi::api::core::v1::Secret;
use serde::Deserialize;
use toml::Table;

use crate::model::Trust;
use crate::plan::{CONFIG_FILE, CONFIG_FOLDER};

/// Docker Hub: its server, and its name in images.
const HUB_HOST: &str = "registry-1.docker.io";
const HUB: &str = "docker.io";

/// What is read of a registry's part of the configuration.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Registry {
    http: bool,
    insecure: bool,
    ca: Vec<String>,
}

/// How the registry at `host` is reached by a daemon that has this configuration.
pub fn trust(config: &Secret, host: &str) -> Trust {
    // In a configuration Docker Hub has the name that images have.
    let host = if host == HUB_HOST { HUB } else { host };
    let file = |name: &str| Some(&config.data.as_ref()?.get(name)?.0);
    let Some(registry) = file(CONFIG_FILE).and_then(|text| registry(text, host)) else {
        return Trust::default();
    };
    let named = registry.ca.iter().filter_map(|path| {
        let name = path.strip_prefix(CONFIG_FOLDER)?.strip_prefix('/')?;
        file(name).cloned()
    });
    Trust {
        // The daemon takes an insecure registry without TLS, too.
        is_plain: registry.http || registry.insecure,
        is_unverified: registry.insecure,
        authorities: named.collect(),
    }
}

fn registry(text: &[u8], host: &str) -> Option<Registry> {
    let config: Table = toml::from_str(std::str::from_utf8(text).ok()?).ok()?;
    config.get("registry")?.get(host)?.clone().try_into().ok()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::ByteString;

    use super::*;

    #[test]
    fn a_registry_is_reached_as_the_daemon_reaches_it() {
        let text = r#"
            debug = true
            [registry."plain.example:5000"]
              http = true
            [registry."open.example"]
              insecure = true
              mirrors = ["x"]
            [registry."docker.io"]
              http = true
            [registry."own.example"]
              ca = ["/etc/kubectl-buildkit/ca-1.crt", "/of/the/image.pem"]
        "#;
        let files = [(CONFIG_FILE, text), ("ca-1.crt", "PEM")];
        let files = files.map(|(name, text)| (name.to_owned(), ByteString(text.into())));
        let config = Secret {
            data: Some(files.into()),
            ..Secret::default()
        };
        let of = |host: &str| trust(&config, host);
        let (plain, open) = (of("plain.example:5000"), of("open.example"));
        assert!(plain.is_plain && !plain.is_unverified);
        assert!(open.is_plain && open.is_unverified);
        assert_eq!(of("own.example").authorities, [b"PEM"]);
        assert!(of("registry-1.docker.io").is_plain);
        assert_eq!(of("plain.example"), Trust::default());
        assert_eq!(trust(&Secret::default(), "own.example"), Trust::default());
    }
}
