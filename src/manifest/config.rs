//! The Secret with a daemon's configuration and the files that it names. All of it is one Secret:
//! there are private keys among the files, and a configuration says which hosts there are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::api::ObjectMeta;
use serde_json::Value;

use crate::model::NodeName;
use crate::plan::{CONFIG_FILE, DaemonConfig, NodePlan};

use super::diff::{Difference, differences};
use super::labels::labels;

/// The name of the Secret with the configuration of the node's daemons.
pub fn config_secret_name(node: &NodeName) -> String {
    format!("{node}-config")
}

/// The Secret with the configuration of the node's daemons, if they have one.
pub fn config_secret(plan: &NodePlan) -> Option<Secret> {
    let config = plan.daemon.config.as_ref()?;
    Some(Secret {
        metadata: ObjectMeta {
            name: Some(config_secret_name(&plan.name)),
            labels: Some(labels(&plan.builder, &plan.name)),
            ..ObjectMeta::default()
        },
        type_: Some("Opaque".to_owned()),
        data: Some(data(config)),
        ..Secret::default()
    })
}

/// The configuration in such a Secret.
pub(super) fn config(secret: &Secret) -> DaemonConfig {
    let data = secret.data.iter().flatten();
    let files = data.map(|(name, ByteString(content))| (name.clone(), content.clone()));
    DaemonConfig::from_files(files.collect())
}

fn data(config: &DaemonConfig) -> BTreeMap<String, ByteString> {
    let files = config.files().iter();
    files
        .map(|(name, content)| (name.clone(), ByteString(content.clone())))
        .collect()
}

/// How one setting or file of two differs.
enum Change {
    New,
    Other,
    Gone,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::New => "is new",
            Self::Other => "is another",
            Self::Gone => "is gone",
        })
    }
}

/// In which settings and files two such Secrets differ: only their names, never what they are.
pub fn config_differences(is: &Secret, wanted: &Secret) -> Vec<String> {
    let none = BTreeMap::new();
    let (is, wanted) = (
        is.data.as_ref().unwrap_or(&none),
        wanted.data.as_ref().unwrap_or(&none),
    );
    let names: BTreeSet<&String> = is.keys().chain(wanted.keys()).collect();
    let mut found = Vec::new();
    for name in names {
        let change = match (is.get(name), wanted.get(name)) {
            (a, b) if a == b => continue,
            (Some(a), Some(b)) if name == CONFIG_FILE => {
                found.extend(settings(a, b));
                continue;
            }
            (None, _) => Change::New,
            (_, None) => Change::Gone,
            _ => Change::Other,
        };
        found.push(format!("the file {name} of its configuration {change}"));
    }
    found
}

fn settings(is: &ByteString, wanted: &ByteString) -> Vec<String> {
    let (Some(is), Some(wanted)) = (parsed(is), parsed(wanted)) else {
        return vec![format!("{CONFIG_FILE} {}", Change::Other)];
    };
    let found = differences(&is, &wanted);
    let mut lines: Vec<String> = found
        .iter()
        .map(|Difference { path, is, wanted }| {
            let change = match (is, wanted) {
                (Value::Null, _) => Change::New,
                (_, Value::Null) => Change::Gone,
                _ => Change::Other,
            };
            format!("{path} in {CONFIG_FILE} {change}")
        })
        .collect();
    if lines.is_empty() {
        lines.push(format!("the spelling of {CONFIG_FILE} {}", Change::Other));
    }
    lines
}

fn parsed(content: &ByteString) -> Option<Value> {
    let text = std::str::from_utf8(&content.0).ok()?;
    let table: toml::Table = toml::from_str(text).ok()?;
    serde_json::to_value(table).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(files: &[(&str, &str)]) -> Secret {
        let files = files.iter();
        Secret {
            data: Some(
                files
                    .map(|(name, text)| ((*name).to_owned(), ByteString(text.as_bytes().to_vec())))
                    .collect(),
            ),
            ..Secret::default()
        }
    }

    #[test]
    fn differences_are_named_and_never_shown() {
        let is = secret(&[
            (
                "buildkitd.toml",
                "debug = true\n[registry.\"a.b\"]\nhttp = true\n",
            ),
            ("ca-1.crt", "secret"),
            ("client-1.key", "secret"),
        ]);
        let wanted = secret(&[
            (
                "buildkitd.toml",
                "[registry.\"a.b\"]\nhttp = false\nca = [\"secret\"]\n",
            ),
            ("ca-1.crt", "other secret"),
            ("ca-2.crt", "secret"),
        ]);
        assert_eq!(
            config_differences(&is, &wanted),
            [
                "debug in buildkitd.toml is gone",
                "registry[a.b].ca in buildkitd.toml is new",
                "registry[a.b].http in buildkitd.toml is another",
                "the file ca-1.crt of its configuration is another",
                "the file ca-2.crt of its configuration is new",
                "the file client-1.key of its configuration is gone",
            ]
        );
        assert_eq!(config_differences(&is, &is), [] as [&str; 0]);
        let broken = secret(&[("buildkitd.toml", "= secret")]);
        assert_eq!(
            config_differences(&broken, &wanted)[0],
            "buildkitd.toml is another"
        );
        let blanks = secret(&[("buildkitd.toml", "a = 1\n")]);
        let other = secret(&[("buildkitd.toml", "a=1")]);
        assert_eq!(
            config_differences(&blanks, &other),
            ["the spelling of buildkitd.toml is another"]
        );
        assert_eq!(config_differences(&Secret::default(), &blanks).len(), 1);
    }
}
