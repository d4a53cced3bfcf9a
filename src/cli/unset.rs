//! Settings that are taken back.

use std::fmt;
use std::str::FromStr;

use crate::model::{Invalid, OptionName, Resource, nearest};

/// What is taken back to its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unset {
    /// An option, or one entry of it.
    Option {
        /// The option.
        option: OptionName,
        /// The entry, of a map or list; all of it if none.
        key: Option<String>,
    },
    /// The daemon's configuration: that of the image counts again.
    DaemonConfig,
    /// The daemon's flags, beside those of the builder.
    DaemonFlags,
    /// What labels of cluster nodes must be like.
    Affinity,
    /// Patches of the pod template.
    Patch,
}

const DAEMON_CONFIG: &str = "buildkitd-config";
const DAEMON_FLAGS: &str = "buildkitd-flags";
const AFFINITY: &str = "affinity";
const PATCH: &str = "patch";
/// What is no option of buildx.
const OTHERS: [(&str, Unset); 4] = [
    (DAEMON_CONFIG, Unset::DaemonConfig),
    (DAEMON_FLAGS, Unset::DaemonFlags),
    (AFFINITY, Unset::Affinity),
    (PATCH, Unset::Patch),
];

/// Options that have entries.
const MAPS: [OptionName; 6] = [
    OptionName::Env,
    OptionName::NodeSelector,
    OptionName::Labels,
    OptionName::Annotations,
    OptionName::Tolerations,
    OptionName::ImagePullSecrets,
];
/// What every builder has, so that there is nothing to take back.
const NEEDED: [OptionName; 1] = [OptionName::Namespace];

/// How an option can be written: as its flag or as buildx spells it.
fn names(option: OptionName) -> impl Iterator<Item = String> {
    let resource = |flag: &str, resource: Resource| format!("{flag}.{}", resource.as_str());
    let buildx = match option {
        OptionName::Env => "env".to_owned(),
        other => other.driver_opt().to_owned(),
    };
    let flag = option.flag().map(|flag| flag.trim_start_matches('-'));
    let flag = flag.map(|flag| match option {
        OptionName::Request(what) | OptionName::Limit(what) => resource(flag, what),
        _ => flag.to_owned(),
    });
    [Some(buildx), flag].into_iter().flatten()
}

impl fmt::Display for Unset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (option, key) = match self {
            Self::Option { option, key } => (option, key),
            Self::DaemonConfig => return f.write_str(DAEMON_CONFIG),
            Self::DaemonFlags => return f.write_str(DAEMON_FLAGS),
            Self::Affinity => return f.write_str(AFFINITY),
            Self::Patch => return f.write_str(PATCH),
        };
        let name = match option {
            OptionName::Env => "env",
            other => other.driver_opt(),
        };
        match key {
            Some(key) => write!(f, "{name}.{key}"),
            None => f.write_str(name),
        }
    }
}

impl FromStr for Unset {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let other = OTHERS
            .into_iter()
            .find(|(name, _)| text.eq_ignore_ascii_case(name));
        if let Some((_, unset)) = other {
            return Ok(unset);
        }
        let options = || OptionName::ALL.into_iter().filter(|o| !NEEDED.contains(o));
        let whole = options().find(|option| names(*option).any(|n| n.eq_ignore_ascii_case(text)));
        if let Some(option) = whole {
            return Ok(Self::Option { option, key: None });
        }
        let entry = text.split_once('.').and_then(|(name, key)| {
            let named = |option: &OptionName| names(*option).any(|n| n.eq_ignore_ascii_case(name));
            let option = MAPS.into_iter().find(named)?;
            let key = Some(key.to_owned()).filter(|key| !key.is_empty());
            key.map(|key| Self::Option {
                option,
                key: Some(key),
            })
        });
        entry.ok_or_else(|| {
            let all: Vec<String> = options().flat_map(names).collect();
            let mut all: Vec<&str> = all.iter().map(String::as_str).collect();
            all.extend(OTHERS.iter().map(|(name, _)| *name));
            Invalid::new(
                format!("{text:?} is no option that can be taken back"),
                nearest(text, &all)
                    .or_else(|| nearest(text.split('.').next()?, &all))
                    .unwrap_or("node-selector"),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_and_their_entries() {
        let read = |text: &str| match text.parse().unwrap() {
            Unset::Option { option, key } => (option, key),
            other => panic!("{other:?}"),
        };
        for (text, option, key) in [
            ("requests.cpu", OptionName::Request(Resource::Cpu), None),
            ("node-selector", OptionName::NodeSelector, None),
            (
                "nodeSelector.a.io/b",
                OptionName::NodeSelector,
                Some("a.io/b"),
            ),
            ("env.HTTP_PROXY", OptionName::Env, Some("HTTP_PROXY")),
            ("toleration.spot", OptionName::Tolerations, Some("spot")),
            ("tolerations", OptionName::Tolerations, None),
            ("qemu.install", OptionName::Qemu, None),
            ("service-account", OptionName::ServiceAccount, None),
        ] {
            assert_eq!(read(text), (option, key.map(str::to_owned)), "{text}");
        }
    }

    #[test]
    fn what_is_of_the_daemon() {
        for (text, expected) in [
            ("buildkitd-config", Unset::DaemonConfig),
            ("Buildkitd-Flags", Unset::DaemonFlags),
        ] {
            assert_eq!(text.parse(), Ok(expected.clone()));
            assert_eq!(expected.to_string().parse(), Ok(expected));
        }
    }

    #[test]
    fn what_is_no_option_is_refused() {
        for (text, instead) in [
            ("envs.A", "env"),
            ("namespace", "node-selector"),
            ("env.", "env"),
            ("rootles", "rootless"),
            ("buildkit-config", "buildkitd-config"),
        ] {
            let invalid = text.parse::<Unset>().unwrap_err();
            assert_eq!(invalid.instead, instead, "{text}");
        }
    }
}
