//! Settings that are taken back.

use std::fmt;
use std::str::FromStr;

use crate::model::{Invalid, OptionName, Resource, nearest};

/// An option, or one entry of it, that is taken back to its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unset {
    /// The option.
    pub option: OptionName,
    /// The entry, of a map or list; all of it if none.
    pub key: Option<String>,
}

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
        let name = match self.option {
            OptionName::Env => "env",
            other => other.driver_opt(),
        };
        match &self.key {
            Some(key) => write!(f, "{name}.{key}"),
            None => f.write_str(name),
        }
    }
}

impl FromStr for Unset {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let options = || OptionName::ALL.into_iter().filter(|o| !NEEDED.contains(o));
        let whole = options().find(|option| names(*option).any(|n| n.eq_ignore_ascii_case(text)));
        if let Some(option) = whole {
            return Ok(Self { option, key: None });
        }
        let entry = text.split_once('.').and_then(|(name, key)| {
            let named = |option: &OptionName| names(*option).any(|n| n.eq_ignore_ascii_case(name));
            let option = MAPS.into_iter().find(named)?;
            let key = Some(key.to_owned()).filter(|key| !key.is_empty());
            key.map(|key| Self {
                option,
                key: Some(key),
            })
        });
        entry.ok_or_else(|| {
            let all: Vec<String> = options().flat_map(names).collect();
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
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
        let read = |text: &str| {
            let unset: Unset = text.parse().unwrap();
            (unset.option, unset.key)
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
    fn what_is_no_option_is_refused() {
        for (text, instead) in [
            ("envs.A", "env"),
            ("namespace", "node-selector"),
            ("env.", "env"),
            ("rootles", "rootless"),
        ] {
            let invalid = text.parse::<Unset>().unwrap_err();
            assert_eq!(invalid.instead, instead, "{text}");
        }
    }
}
