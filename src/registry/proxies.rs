//! Proxies that the docker config file names for builds.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::env::Env;

/// The daemon whose proxies are meant where `$DOCKER_HOST` names none.
const DEFAULT_HOST: &str = "unix:///var/run/docker.sock";

#[derive(Default, Deserialize)]
#[serde(default)]
struct File {
    proxies: BTreeMap<String, Proxies>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Proxies {
    #[serde(rename = "httpProxy")]
    http: String,
    #[serde(rename = "httpsProxy")]
    https: String,
    #[serde(rename = "noProxy")]
    none: String,
    #[serde(rename = "ftpProxy")]
    ftp: String,
}

/// The proxies for builds, by the names of the variables that steps find them in: those for the
/// daemon of `$DOCKER_HOST`, else the default ones. Who reads the logins in the file complains of a
/// broken one.
pub fn proxies(env: &Env) -> BTreeMap<String, String> {
    let text = env
        .docker_config()
        .map(|folder| read(&folder.join("config.json")));
    let file = text.and_then(|text| serde_json::from_slice::<File>(&text).ok());
    let host = env.var("DOCKER_HOST").unwrap_or(DEFAULT_HOST);
    named(&file.unwrap_or_default(), host)
}

fn read(file: &Path) -> Vec<u8> {
    std::fs::read(file).unwrap_or_default()
}

fn named(file: &File, host: &str) -> BTreeMap<String, String> {
    let found = file
        .proxies
        .get(host)
        .or_else(|| file.proxies.get("default"));
    let found = found.cloned().unwrap_or_default();
    let all = [
        ("HTTP_PROXY", found.http),
        ("HTTPS_PROXY", found.https),
        ("NO_PROXY", found.none),
        ("FTP_PROXY", found.ftp),
    ];
    let set = all.into_iter().filter(|(_, value)| !value.is_empty());
    set.map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_its_own_proxies_or_the_default_ones() {
        let json = r#"{"auths": {}, "proxies": {
            "default": {"httpProxy": "http://p:1", "noProxy": "a,b", "allProxy": "x"},
            "tcp://other:2375": {"httpsProxy": "http://q:2", "ftpProxy": "http://f"}}}"#;
        let file: File = serde_json::from_str(json).unwrap();
        let shown = |host: &str| {
            let found = named(&file, host);
            found
                .iter()
                .map(|(k, v)| format!("{k}={v}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            shown(DEFAULT_HOST),
            ["HTTP_PROXY=http://p:1", "NO_PROXY=a,b"]
        );
        let other = ["FTP_PROXY=http://f", "HTTPS_PROXY=http://q:2"];
        assert_eq!(shown("tcp://other:2375"), other);
        assert!(named(&File::default(), DEFAULT_HOST).is_empty());
    }
}
