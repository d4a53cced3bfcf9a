//! The end of a `--driver-opt`: the name of an option, or what its value is.

use crate::model::{OptionName, Resource};

use super::answer::Candidate;
use super::form::BOOLEAN;
use super::subject::Subject;

/// What is typed at the end of a `--driver-opt`.
#[derive(Debug)]
pub(super) struct DriverOption<'t> {
    /// All that stands before the part that the tab key is about.
    pub(super) before: &'t str,
    /// That part.
    pub(super) text: &'t str,
    /// What it is, if it is a value.
    pub(super) value: Option<Subject>,
    /// Whether it may be the name of an option.
    pub(super) is_name: bool,
}

impl<'t> DriverOption<'t> {
    /// Reads what was typed. Options are joined by commas, as the entries of some of them are.
    pub(super) fn read(typed: &'t str) -> Self {
        let parts = typed.split([',', '"', '\'']);
        let last = parts.clone().next_back().unwrap_or_default();
        let (before, text) = typed.split_at(typed.len() - last.len());
        if let Some((name, value)) = text.split_once('=')
            && let Some(option) = named(name)
        {
            return Self {
                before: &typed[..typed.len() - value.len()],
                text: value,
                value: Some(subject(option)),
                is_name: false,
            };
        }
        let names = parts
            .rev()
            .skip(1)
            .filter_map(|part| named(part.split_once('=')?.0));
        let map = names.into_iter().next().map(subject);
        let entry = |subject: &Subject| {
            matches!(
                subject,
                Subject::NodeLabel | Subject::Taint | Subject::PullSecret
            )
        };
        Self {
            before,
            text,
            value: map.filter(entry),
            is_name: true,
        }
    }
}

/// The option that has this name, in any spelling of its letters.
fn named(name: &str) -> Option<OptionName> {
    let mut all = OptionName::ALL.into_iter();
    all.find(|option| option.driver_opt().eq_ignore_ascii_case(name.trim()))
}

fn subject(option: OptionName) -> Subject {
    match option {
        OptionName::Namespace => Subject::Namespace,
        OptionName::NodeSelector => Subject::NodeLabel,
        OptionName::Tolerations => Subject::Taint,
        OptionName::Rootless
        | OptionName::UserNamespace
        | OptionName::Qemu
        | OptionName::DefaultLoad => Subject::Words(BOOLEAN),
        OptionName::Spread => Subject::Topology,
        OptionName::Listen => Subject::Words(&[
            ("loopback", "inside the pod only"),
            ("pod", "on the pod's address too"),
        ]),
        OptionName::LoadBalance => Subject::Words(&[
            ("sticky", "the same pod for the same build context"),
            ("random", "any pod"),
            ("least-loaded", "the pod with the fewest builds"),
        ]),
        OptionName::ServiceAccount => Subject::ServiceAccount,
        OptionName::ImagePullSecrets => Subject::PullSecret,
        OptionName::PriorityClass => Subject::PriorityClass,
        OptionName::RuntimeClass => Subject::RuntimeClass,
        OptionName::StorageClass => Subject::StorageClass,
        _ => Subject::Free,
    }
}

/// All options.
pub(super) fn names() -> impl Iterator<Item = Candidate> {
    OptionName::ALL.into_iter().map(|option| match option {
        OptionName::Env => Candidate::open("env.", "variable of the daemon: env.NAME=VALUE"),
        other => {
            let help = format!("for instance {}", other.example());
            Candidate::new(format!("{}=", other.driver_opt()), help)
        }
    })
}

/// What can be taken back.
pub(super) fn unset() -> impl Iterator<Item = Candidate> {
    let options = OptionName::ALL.into_iter();
    let options = options.filter(|option| *option != OptionName::Namespace);
    let name = |option: OptionName| match option {
        OptionName::Request(Resource::Cpu | Resource::Memory | Resource::EphemeralStorage)
        | OptionName::Limit(_) => Some(option.driver_opt()),
        _ => Some(option.flag()?.trim_start_matches('-')),
    };
    let others = ["affinity", "patch", "buildkitd-config", "buildkitd-flags"];
    let names = options.filter_map(name).chain(others);
    names.map(|name| Candidate::new(name, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Unset;
    use crate::model::{Listen, LoadBalance};

    #[test]
    fn names_and_values() {
        for (typed, expected) in [
            ("", "| None true"),
            ("name", "|name None true"),
            ("namespace=te", "namespace=|te Namespace false"),
            ("NodeSelector=disk=", "NodeSelector=|disk= NodeLabel false"),
            ("replicas=2,roo", "replicas=2,|roo None true"),
            (
                "\"nodeselector=a=b,c",
                "\"nodeselector=a=b,|c NodeLabel true",
            ),
            (
                "\"nodeselector=a=b\",root",
                "\"nodeselector=a=b\",|root NodeLabel true",
            ),
            ("tolerations=x,rootless=", "tolerations=x,rootless=|"),
        ] {
            let read = DriverOption::read(typed);
            let value = read
                .value
                .map_or("None".into(), |value| format!("{value:?}"));
            let is_name = read.is_name;
            let text = format!("{}|{} {value} {is_name}", read.before, read.text);
            assert!(text.starts_with(expected), "{text}");
        }
    }

    #[test]
    fn what_is_offered_is_taken() {
        for candidate in unset() {
            let read = candidate.value.parse::<Unset>();
            assert!(read.is_ok(), "{read:?}");
        }
        let words = |option| match subject(option) {
            Subject::Words(words) => words.iter().map(|(word, _)| *word).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        assert_eq!(words(OptionName::Listen), Listen::ALL.map(Listen::as_str));
        let ways = LoadBalance::ALL.map(LoadBalance::as_str);
        assert_eq!(words(OptionName::LoadBalance), ways);
    }
}
