//! A node's settings as buildx's driver options: what buildx's users know them by.

use std::collections::BTreeMap;
use std::fmt::Display;

use crate::model::{Listen, LoadBalance, OptionName, Quantity};

use super::mode::Mode;
use super::node::{NodePlan, Storage};

/// The driver options that make the node what it is, in the order of the documentation.
///
/// The daemon's environment is left out: it may hold what must not stand in a log.
pub fn driver_options(plan: &NodePlan) -> Vec<(&'static str, String)> {
    let options = OptionName::ALL.into_iter();
    options
        .filter_map(|name| Some((name.driver_opt(), value(plan, name)?)))
        .collect()
}

/// The value of an option; none if it is the default.
fn value(plan: &NodePlan, name: OptionName) -> Option<String> {
    let pod = &plan.pod;
    let is_true = |is: bool| is.then(|| true.to_string());
    match name {
        OptionName::Image => Some(plan.image.clone()),
        OptionName::Replicas => (plan.replicas != 1).then(|| plan.replicas.to_string()),
        OptionName::Request(what) => pod.requests.get(&what).map(Quantity::to_string),
        OptionName::Limit(what) => pod.limits.get(&what).map(Quantity::to_string),
        OptionName::NodeSelector => map(&pod.node_selector),
        OptionName::Tolerations => list(pod.tolerations.iter(), ";"),
        OptionName::Labels => map(&pod.labels),
        OptionName::Annotations => map(&pod.annotations),
        OptionName::Rootless => is_true(plan.mode == Mode::Rootless),
        OptionName::UserNamespace => is_true(plan.mode == Mode::UserNamespace),
        OptionName::Spread => pod.spread.clone(),
        OptionName::Listen => {
            (plan.listen != Listen::default()).then(|| plan.listen.as_str().to_owned())
        }
        OptionName::DefaultLoad => is_true(plan.default_load),
        OptionName::ServiceAccount => pod.service_account.clone(),
        OptionName::SchedulerName => pod.scheduler_name.clone(),
        OptionName::ImagePullSecrets => list(pod.image_pull_secrets.iter(), ","),
        OptionName::PriorityClass => pod.priority_class.clone(),
        OptionName::RuntimeClass => pod.runtime_class.clone(),
        OptionName::Qemu => is_true(plan.qemu.is_some()),
        OptionName::QemuImage => plan.qemu.clone(),
        OptionName::LoadBalance => {
            let how = plan.load_balance;
            (how != LoadBalance::default()).then(|| how.as_str().to_owned())
        }
        OptionName::Timeout => Some(format!("{}s", plan.timeout?.as_secs_f64())),
        OptionName::MemoryCache => match &plan.storage {
            Storage::Memory(size) => Some(size.to_string()),
            Storage::Disk | Storage::Volume { .. } => None,
        },
        OptionName::VolumeClaim => match &plan.storage {
            Storage::Volume { size, .. } => Some(size.to_string()),
            Storage::Disk | Storage::Memory(_) => None,
        },
        OptionName::StorageClass => plan.storage.class().cloned(),
        // Its namespace is the builder's; the rest is no setting of the node.
        OptionName::Namespace | OptionName::Env => None,
    }
}

fn list<T: Display>(items: impl Iterator<Item = T>, separator: &str) -> Option<String> {
    let items: Vec<String> = items.map(|item| item.to_string()).collect();
    (!items.is_empty()).then(|| items.join(separator))
}

/// `key=value` with commas; as JSON where a value could be misread.
fn map(map: &BTreeMap<String, String>) -> Option<String> {
    if map.is_empty() {
        return None;
    }
    let is_plain = |text: &String| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
    };
    if map.values().all(is_plain) {
        let items: Vec<String> = map
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        return Some(items.join(","));
    }
    serde_json::to_string(map).ok()
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};
    use crate::plan::{Create, NoFiles};

    fn node(words: Vec<String>) -> NodePlan {
        let start = ["kubectl-buildkit", "create", "demo"].map(str::to_owned);
        match Cli::parse_from(start.into_iter().chain(words)).command {
            Command::Create(args) => Create::new(&args, &NoFiles).unwrap().node,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn typed_again_they_make_the_same_node() {
        for line in [
            "",
            "--replicas 3 --rootless --requests cpu=1,memory=2Gi --limits ephemeral-storage=5Gi",
            "--node-selector a=b,c= --toleration e=f:NoSchedule --toleration g",
            "--label team=a --annotation a.io/b=c --annotation 'a.io/d=e, \"f\"=g'",
            "--service-account a --scheduler-name b --image-pull-secret c,d --priority-class e",
            "--runtime-class f --qemu --memory-cache 1Gi --loadbalance random --timeout 90s",
            "--storage 5Gi --storage-class fast --image x:1 --qemu --qemu-image y",
        ] {
            let made = node(shell_words::split(line).unwrap());
            let options = driver_options(&made);
            let typed = options.iter().flat_map(|(name, value)| {
                let quoted = if value.starts_with('{') {
                    value.clone()
                } else {
                    format!("\"{value}\"")
                };
                ["--driver-opt".to_owned(), format!("{name}={quoted}")]
            });
            assert_eq!(node(typed.collect()), made, "{options:?}");
        }
    }

    #[test]
    fn what_may_be_secret_is_not_among_them() {
        let words = ["--env", "HTTP_PROXY=http://user:secret@proxy"].map(str::to_owned);
        let options = driver_options(&node(words.to_vec()));
        assert!(!format!("{options:?}").contains("secret"));
    }
}
