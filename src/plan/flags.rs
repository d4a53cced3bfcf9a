//! The flags that make one node's settings those of another: what `create` proposes to type.

use std::collections::BTreeMap;
use std::fmt::Display;

use crate::model::{OptionName, Quantity, Resource, Toleration};

use super::daemon::DaemonOptions;
use super::mode::Mode;
use super::node::{NodePlan, Storage};

/// The flags of `update` that change `from` into `to`, ready for a shell.
pub fn update_flags(from: &NodePlan, to: &NodePlan) -> Vec<String> {
    let mut flags = Flags::default();
    if from.platforms != to.platforms {
        let platforms: Vec<String> = to.platforms.iter().map(ToString::to_string).collect();
        flags.one(
            "--platform",
            Some(platforms.join(",")).filter(|p| !p.is_empty()),
        );
    }
    flags.changed("--image", &from.image, &to.image);
    flags.changed("--replicas", &from.replicas, &to.replicas);
    if from.mode != to.mode {
        let flag = match (from.mode, to.mode) {
            (_, Mode::Rootless) => "--rootless",
            (_, Mode::UserNamespace) => "--user-namespace",
            (Mode::UserNamespace, Mode::Privileged) => "--user-namespace=false",
            (_, Mode::Privileged) => "--rootless=false",
        };
        flags.words.push(flag.to_owned());
    }
    flags.changed("--listen", &from.listen.as_str(), &to.listen.as_str());
    flags.storage(&from.storage, &to.storage);
    flags.optional(OptionName::QemuImage, from.qemu.as_ref(), to.qemu.as_ref());
    flags.changed(
        "--loadbalance",
        &from.load_balance.as_str(),
        &to.load_balance.as_str(),
    );
    if from.default_load != to.default_load {
        flags
            .words
            .push(format!("--default-load={}", to.default_load));
    }
    let seconds = |plan: &NodePlan| {
        let timeout = plan.timeout?;
        Some(format!("{}s", timeout.as_secs_f64()))
    };
    flags.optional(
        OptionName::Timeout,
        seconds(from).as_ref(),
        seconds(to).as_ref(),
    );
    flags.daemon(&from.daemon, &to.daemon);
    flags.pod(from, to);
    flags.words
}

#[derive(Default)]
struct Flags {
    words: Vec<String>,
}

impl Flags {
    /// A flag and its value; a value that begins with `=` belongs to it.
    fn one(&mut self, flag: &str, value: Option<String>) {
        match value {
            None => {}
            Some(value) if value.starts_with('=') => self.words.push(format!("{flag}{value}")),
            Some(value) => {
                self.words.push(flag.to_owned());
                self.words.push(shell_words::quote(&value).into_owned());
            }
        }
    }

    fn unset(&mut self, what: &str) {
        self.one("--unset", Some(what.to_owned()));
    }

    fn changed<T: PartialEq + Display>(&mut self, flag: &str, from: &T, to: &T) {
        if from != to {
            self.one(flag, Some(to.to_string()));
        }
    }

    fn optional(&mut self, option: OptionName, from: Option<&String>, to: Option<&String>) {
        if from == to {
            return;
        }
        match (option, to) {
            (OptionName::QemuImage, Some(image)) => {
                if from.is_none() {
                    self.words.push("--qemu".to_owned());
                }
                self.one("--qemu-image", Some(image.clone()));
            }
            (OptionName::QemuImage, None) => self.words.push("--qemu=false".to_owned()),
            (option, Some(value)) => {
                self.one(option.flag().unwrap_or_default(), Some(value.clone()));
            }
            (option, None) => self.unset(option.driver_opt()),
        }
    }

    fn storage(&mut self, from: &Storage, to: &Storage) {
        if from == to {
            return;
        }
        match to {
            Storage::Disk => self.unset(OptionName::MemoryCache.driver_opt()),
            Storage::Memory(size) => self.one("--memory-cache", Some(size.to_string())),
            Storage::Volume { size, class } => {
                self.one("--storage", Some(size.to_string()));
                self.one("--storage-class", class.clone());
            }
        }
    }

    fn daemon(&mut self, from: &DaemonOptions, to: &DaemonOptions) {
        match (&from.config, &to.config) {
            (from, to) if from == to => {}
            (_, Some(config)) => self.one("--buildkitd-config", Some(config.name().to_owned())),
            (_, None) => self.unset("buildkitd-config"),
        }
        if from.flags == to.flags {
            return;
        }
        let words: Vec<String> = to.flags.arguments().collect();
        if words.is_empty() {
            self.unset("buildkitd-flags");
        } else {
            self.one("--buildkitd-flags", Some(shell_words::join(words)));
        }
    }

    fn pod(&mut self, from: &NodePlan, to: &NodePlan) {
        let (from, to) = (&from.pod, &to.pod);
        self.amounts(
            OptionName::Request,
            "--requests",
            &from.requests,
            &to.requests,
        );
        self.amounts(OptionName::Limit, "--limits", &from.limits, &to.limits);
        self.map(
            OptionName::NodeSelector,
            &from.node_selector,
            &to.node_selector,
        );
        self.map(OptionName::Labels, &from.labels, &to.labels);
        self.map(OptionName::Annotations, &from.annotations, &to.annotations);
        self.map(OptionName::Env, &from.env, &to.env);
        self.tolerations(&from.tolerations, &to.tolerations);
        if let (true, Some(key)) = (from.spread != to.spread, &to.spread) {
            self.one("--spread", Some(format!("={key}")));
        } else if from.spread != to.spread {
            self.unset("spread");
        }
        self.whole("affinity", &from.affinity, &to.affinity);
        self.whole("patch", &from.patches, &to.patches);
        let (before, after) = (&from.image_pull_secrets, &to.image_pull_secrets);
        for gone in before.iter().filter(|name| !after.contains(name)) {
            self.unset(&format!("imagepullsecrets.{gone}"));
        }
        for new in after.iter().filter(|name| !before.contains(name)) {
            self.one("--image-pull-secret", Some(new.clone()));
        }
        for (option, from, to) in [
            (
                OptionName::ServiceAccount,
                &from.service_account,
                &to.service_account,
            ),
            (
                OptionName::SchedulerName,
                &from.scheduler_name,
                &to.scheduler_name,
            ),
            (
                OptionName::PriorityClass,
                &from.priority_class,
                &to.priority_class,
            ),
            (
                OptionName::RuntimeClass,
                &from.runtime_class,
                &to.runtime_class,
            ),
        ] {
            self.optional(option, from.as_ref(), to.as_ref());
        }
    }

    /// A list that is taken back as a whole, if it is not the beginning of the new one.
    fn whole<T: PartialEq + Display>(&mut self, name: &str, from: &[T], to: &[T]) {
        let new = if to.starts_with(from) {
            &to[from.len()..]
        } else {
            self.unset(name);
            to
        };
        for one in new {
            self.one(&format!("--{name}"), Some(one.to_string()));
        }
    }

    fn amounts(
        &mut self,
        option: fn(Resource) -> OptionName,
        flag: &str,
        from: &BTreeMap<Resource, Quantity>,
        to: &BTreeMap<Resource, Quantity>,
    ) {
        for gone in from.keys().filter(|resource| !to.contains_key(resource)) {
            self.unset(option(*gone).driver_opt());
        }
        for (resource, amount) in to.iter().filter(|(what, to)| from.get(what) != Some(to)) {
            self.one(flag, Some(format!("{}={amount}", resource.as_str())));
        }
    }

    fn map(
        &mut self,
        option: OptionName,
        from: &BTreeMap<String, String>,
        to: &BTreeMap<String, String>,
    ) {
        let name = option.flag().unwrap_or_default();
        for gone in from.keys().filter(|key| !to.contains_key(*key)) {
            self.unset(&format!("{}.{gone}", name.trim_start_matches('-')));
        }
        for (key, value) in to.iter().filter(|(key, to)| from.get(*key) != Some(to)) {
            self.one(name, Some(format!("{key}={value}")));
        }
    }

    /// Those of one key go together: an entry is known by its key.
    fn tolerations(&mut self, from: &[Toleration], to: &[Toleration]) {
        let is_gone = |one: &&Toleration| !to.contains(one);
        let gone: Vec<&Toleration> = from.iter().filter(is_gone).collect();
        for one in &gone {
            match &one.key {
                Some(key) => self.unset(&format!("tolerations.{key}")),
                None => self.unset("tolerations"),
            }
        }
        let is_new = |one: &&Toleration| {
            let key_is_gone = gone.iter().any(|gone| gone.key == one.key);
            let all_are_gone = gone.iter().any(|gone| gone.key.is_none());
            !from.contains(one) || key_is_gone || all_are_gone
        };
        for one in to.iter().filter(is_new) {
            match one.as_taint() {
                Some(taint) => self.one("--toleration", Some(taint)),
                None => self.one("--driver-opt", Some(format!("tolerations={one}"))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;

    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};
    use crate::plan::{Create, Files, Update};

    /// Configurations that differ as their names do.
    struct Named;

    impl Files for Named {
        fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
            Ok(format!("[otel]\nsocketPath = {path:?}").into_bytes())
        }

        fn list(&self, _: &Path) -> io::Result<Vec<String>> {
            Ok(Vec::new())
        }
    }

    const NODES: [&str; 14] = [
        "",
        "--rootless --platform linux/arm64,linux/amd64 --replicas 3",
        "--memory-cache 8Gi --loadbalance random --timeout 90s",
        "--requests cpu=500m,memory=1Gi --limits cpu=2",
        "--requests ephemeral-storage=1Gi --image other",
        "--node-selector disktype=ssd,gpu --toleration dedicated=builds:NoSchedule \
         --toleration spot --toleration spot:NoExecute \
         --driver-opt tolerations=operator=Exists,effect=NoExecute,tolerationSeconds=6",
        "--label team=a --annotation a.io/note='a b' --env NO_PROXY=a,b --env A= --env 'B=\"'",
        "--affinity 'disktype in (ssd,nvme)' --affinity '!spot' --spread --listen pod --default-load \
         --patch '{\"spec\": {\"hostNetwork\": true}}'",
        "--affinity '!spot' --spread=zone --user-namespace --patch 'spec: {hostPID: true}' \
         --patch '[{\"op\": \"remove\", \"path\": \"/spec/hostPID\"}]'",
        "--service-account a --scheduler-name b --image-pull-secret c,d --priority-class e \
         --runtime-class f --qemu --qemu-image g",
        "--buildkitd-config 'a b.toml' --buildkitd-flags '--debug --oci-worker-labels \"a=b c\"'",
        "--config other.toml --memory-cache 8Gi",
        "--buildkitd-flags='--oci-worker-gc-keepstorage=1' --memory-cache 8Gi",
        "--toleration spot --image-pull-secret d --qemu --node-selector gpu=1 --env A=1",
    ];

    fn command(line: &str) -> Command {
        Cli::parse_from(shell_words::split(line).unwrap()).command
    }

    fn node(words: &str) -> NodePlan {
        match command(&format!("kubectl-buildkit create demo {words}")) {
            Command::Create(args) => Create::new(&args, &Named).unwrap().node,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_proposed_does_what_was_wanted() {
        for from in NODES.map(node) {
            for to in NODES.map(node) {
                let flags = update_flags(&from, &to);
                if from == to {
                    assert!(flags.is_empty(), "{flags:?}");
                    continue;
                }
                let flags = flags.join(" ");
                let Command::Update(args) =
                    command(&format!("kubectl-buildkit update demo {flags}"))
                else {
                    panic!("{flags}");
                };
                let mut changed = Update::new(&args, &Named).unwrap().change(&from).unwrap();
                // Taking back is all or nothing for platforms, and order is nothing to tolerations.
                if to.platforms.is_empty() {
                    changed.platforms.clear();
                }
                let sorted = |mut plan: NodePlan| {
                    plan.pod.tolerations.sort_by_key(ToString::to_string);
                    plan.pod.image_pull_secrets.sort();
                    plan
                };
                assert_eq!(sorted(changed), sorted(to), "{flags}");
            }
        }
    }
}
