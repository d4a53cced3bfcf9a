//! A node's Deployment or StatefulSet.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, StatefulSet, StatefulSetSpec};
use k8s_openapi::api::core::v1::{PodSpec, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::api::ObjectMeta;
use ring::digest::{Context, SHA256};

use crate::model::LoadBalance;
use crate::plan::{DaemonConfig, NodePlan, Storage};

use super::labels::{
    CHECKSUM, CONFIG, DEFAULT_LOAD, LOAD_BALANCE, PATCHES, PLATFORMS, TIMEOUT, UNPATCHED, labels,
    pod_selector,
};
use super::patch::{InvalidPatch, patched};
use super::pod_spec::pod_spec;
use super::secret::Identity;
use super::volume::claim;
use super::workload::Workload;

/// What runs the pods of a node, whose daemons have the identity `daemon`. Fails if a patch of the
/// plan cannot be applied.
pub fn workload(plan: &NodePlan, daemon: &Identity) -> Result<Workload, InvalidPatch> {
    // Ours come last: users cannot replace them.
    let mut labels_of_all = plan.pod.labels.clone();
    labels_of_all.extend(labels(&plan.builder, &plan.name));
    let mut pod_annotations = plan.pod.annotations.clone();
    // Of the authority alone: every pair of certificates has a new one.
    let identity = checksum([&daemon.authority]);
    pod_annotations.insert(CHECKSUM.to_owned(), identity);
    if let Some(config) = &plan.daemon.config {
        pod_annotations.insert(CONFIG.to_owned(), config_checksum(config));
    }
    let spec = pod_spec(plan);
    let metadata = ObjectMeta {
        name: Some(plan.name.to_string()),
        labels: Some(labels_of_all.clone()),
        annotations: annotations(plan, &spec),
        ..ObjectMeta::default()
    };
    let selector = LabelSelector {
        match_labels: Some(pod_selector(&plan.name)),
        ..LabelSelector::default()
    };
    let template = PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(labels_of_all),
            annotations: Some(pod_annotations),
            ..ObjectMeta::default()
        }),
        spec: Some(spec),
    };
    let template = patched(template, &plan.pod.patches, &pod_selector(&plan.name))?;
    Ok(match &plan.storage {
        Storage::Disk | Storage::Memory(_) => Workload::from(Deployment {
            metadata,
            spec: Some(DeploymentSpec {
                replicas: Some(plan.replicas),
                selector,
                template,
                ..DeploymentSpec::default()
            }),
            ..Deployment::default()
        }),
        Storage::Volume { size, class } => Workload::from(StatefulSet {
            metadata,
            spec: Some(StatefulSetSpec {
                replicas: Some(plan.replicas),
                selector,
                template,
                // Builders need no order: all come and go at once.
                pod_management_policy: Some("Parallel".to_owned()),
                volume_claim_templates: Some(vec![claim(plan, size, class.as_ref())]),
                ..StatefulSetSpec::default()
            }),
            ..StatefulSet::default()
        }),
    })
}

/// The user's, and what only clients need to know: on the pods that would be a reason to roll them.
fn annotations(plan: &NodePlan, spec: &PodSpec) -> Option<BTreeMap<String, String>> {
    let mut annotations = plan.pod.annotations.clone();
    if !plan.platforms.is_empty() {
        let platforms: Vec<String> = plan.platforms.iter().map(ToString::to_string).collect();
        annotations.insert(PLATFORMS.to_owned(), platforms.join(","));
    }
    if plan.load_balance != LoadBalance::default() {
        let how = plan.load_balance.as_str();
        annotations.insert(LOAD_BALANCE.to_owned(), how.to_owned());
    }
    if plan.default_load {
        annotations.insert(DEFAULT_LOAD.to_owned(), true.to_string());
    }
    if let Some(timeout) = plan.timeout {
        let seconds = timeout.as_secs_f64().to_string();
        annotations.insert(TIMEOUT.to_owned(), seconds);
    }
    if !plan.pod.patches.is_empty() {
        let patches: Vec<String> = plan.pod.patches.iter().map(ToString::to_string).collect();
        annotations.insert(PATCHES.to_owned(), format!("[{}]", patches.join(",")));
        // All that a pod spec holds can be written.
        let spec = serde_json::to_string(spec).unwrap_or_default();
        annotations.insert(UNPATCHED.to_owned(), spec);
    }
    Some(annotations).filter(|annotations| !annotations.is_empty())
}

fn config_checksum(config: &DaemonConfig) -> String {
    let files = config.files().iter();
    // A length before each part: else two files could change places with one.
    let lengths: Vec<(Vec<u8>, &Vec<u8>)> = files
        .map(|(name, content)| (format!("{name} {} ", content.len()).into_bytes(), content))
        .collect();
    checksum(lengths.iter().flat_map(|(head, content)| [head, *content]))
}

fn checksum<'a>(parts: impl IntoIterator<Item = &'a Vec<u8>>) -> String {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    context
        .finish()
        .as_ref()
        .iter()
        .take(16)
        .fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;
    use std::time::Duration;

    use clap::Parser as _;

    use super::super::arguments::arguments;
    use super::super::config::config_secret;
    use super::super::secret::{Credentials, secrets};
    use super::*;
    use crate::cli::{Cli, Command};
    use crate::plan::{Create, Files, Mode, NoFiles};

    fn identity(who: &str) -> Identity {
        Identity {
            authority: format!("authority of the {who}").into_bytes(),
            certificate: format!("certificate of the {who}").into_bytes(),
            key: format!("key of the {who}").into_bytes(),
        }
    }

    fn plan(mode: Mode) -> NodePlan {
        let mut plan = Create::by_default(None, Duration::ZERO).unwrap().node;
        plan.mode = mode;
        plan
    }

    fn yaml(plan: &NodePlan) -> String {
        match workload(plan, &identity("daemon")).unwrap() {
            Workload::Deployment(deployment) => serde_saphyr::to_string(&deployment),
            Workload::StatefulSet(set) => serde_saphyr::to_string(&set),
        }
        .unwrap()
    }

    #[test]
    fn with_volumes() {
        for words in [
            "--storage 20Gi --storage-class fast --image own",
            "--storage 20Gi --rootless --limits memory=1Gi",
        ] {
            insta::assert_snapshot!(yaml(&typed(words)));
        }
    }

    #[test]
    fn in_memory() {
        insta::assert_snapshot!(yaml(&typed("--memory-cache 8Gi --rootless")));
    }

    #[test]
    fn with_emulators() {
        insta::assert_snapshot!(yaml(&typed("--qemu --rootless --storage 1Gi")));
    }

    #[test]
    fn in_a_user_namespace() {
        insta::assert_snapshot!(yaml(&typed("--user-namespace --storage 1Gi")));
    }

    #[test]
    fn privileged() {
        insta::assert_snapshot!(yaml(&plan(Mode::Privileged)));
    }

    #[test]
    fn rootless_for_platforms() {
        let mut plan = plan(Mode::Rootless);
        plan.platforms = vec!["linux/amd64".parse().unwrap(), "arm64".parse().unwrap()];
        plan.replicas = 3;
        insta::assert_snapshot!(yaml(&plan));
    }

    #[test]
    fn secrets_of_both_sides() {
        let credentials = Credentials {
            daemon: identity("daemon"),
            client: identity("client"),
        };
        assert!(!format!("{credentials:?}").contains("key"));
        let secrets = secrets(&plan(Mode::Privileged), &credentials);
        insta::assert_snapshot!(
            secrets
                .map(|secret| serde_saphyr::to_string(&secret).unwrap())
                .join("---\n")
        );
        for (secret, identity) in secrets_of(&credentials) {
            assert_eq!(super::super::secret::credentials(secret).unwrap(), identity);
        }
    }

    fn secrets_of(
        credentials: &Credentials,
    ) -> [(k8s_openapi::api::core::v1::Secret, Identity); 2] {
        let [daemon, client] = secrets(&plan(Mode::Privileged), credentials);
        [
            (daemon, credentials.daemon.clone()),
            (client, credentials.client.clone()),
        ]
    }

    #[test]
    fn new_certificates_change_the_pods() {
        let plan = plan(Mode::Privileged);
        assert_ne!(
            workload(&plan, &identity("daemon")).unwrap(),
            workload(&plan, &identity("other")).unwrap()
        );
    }

    /// What a `create` with these words makes.
    fn typed(words: &str) -> NodePlan {
        let words: Vec<&str> = words.split_whitespace().collect();
        with_files(&words, &NoFiles)
    }

    /// Files that are all the same.
    struct Always<'a>(&'a str);

    impl Files for Always<'_> {
        fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
            Ok(self.0.as_bytes().to_vec())
        }

        fn list(&self, _: &Path) -> io::Result<Vec<String>> {
            Ok(Vec::new())
        }
    }

    fn with_files(words: &[&str], files: &dyn Files) -> NodePlan {
        let line = ["kubectl-buildkit", "create"].iter().chain(words);
        let Command::Create(args) = Cli::parse_from(line).command else {
            panic!("{words:?}");
        };
        Create::new(&args, files).unwrap().node
    }

    const CONFIGURED: [&str; 4] = [
        "--buildkitd-config",
        "x/buildkitd.toml",
        "--buildkitd-flags",
        "--debug --oci-worker-net=host",
    ];

    #[test]
    fn configuration_and_flags() {
        for mode in [&[][..], &["--rootless"]] {
            let plan = with_files(&[&CONFIGURED, mode].concat(), &Always("debug = true"));
            let secret = config_secret(&plan).unwrap();
            let secret = serde_saphyr::to_string(&secret).unwrap();
            insta::assert_snapshot!(format!("{}---\n{secret}", yaml(&plan)));
        }
    }

    #[test]
    fn a_new_configuration_changes_the_pods_and_a_comment_does_not() {
        let plan = |text| with_files(&CONFIGURED, &Always(text));
        let of = |text| workload(&plan(text), &identity("daemon")).unwrap();
        assert_eq!(of("debug = true"), of("debug=true # why"));
        assert_ne!(of("debug = true"), of("debug = false"));
        let secrets = ["debug = true", "debug=true # why"].map(|text| config_secret(&plan(text)));
        assert_eq!(secrets[0], secrets[1]);
    }

    #[test]
    fn entitlements_of_the_user_replace_ours() {
        let arguments = |words: &[&str], text: &str| {
            let plan = with_files(words, &Always(text));
            let mut arguments = arguments(&plan);
            arguments.retain(|word| word.contains("entitlement"));
            arguments
        };
        let ours = ["--allow-insecure-entitlement=network.host"];
        assert_eq!(arguments(&[], ""), ours);
        let config = ["--buildkitd-config", "x"];
        assert_eq!(arguments(&config, "debug = true"), ours);
        let said = "insecure-entitlements = [\"security.insecure\"]";
        assert_eq!(arguments(&config, said), [] as [&str; 0]);
        let flag = "--allow-insecure-entitlement=security.insecure";
        assert_eq!(arguments(&["--buildkitd-flags", flag], ""), [flag]);
    }

    #[test]
    fn the_cache_follows_the_size_of_its_place() {
        let kept = |words: &str, text: &str| {
            let words: Vec<&str> = words.split_whitespace().collect();
            let arguments = arguments(&with_files(&words, &Always(text)));
            let found = arguments.iter().find_map(|word| {
                let size = word.strip_prefix("--oci-worker-gc-keepstorage=")?;
                Some(size.to_owned())
            });
            found.unwrap_or_default()
        };
        for (words, megabytes) in [
            ("", ""),
            ("--limits memory=8Gi", ""),
            ("--requests ephemeral-storage=8G", ""),
            ("--limits ephemeral-storage=10G", "8000"),
            ("--storage 100Gi", "85899"),
            ("--memory-cache 1Gi --limits ephemeral-storage=10G", "858"),
            ("--storage 1", "1"),
            (
                "--storage 10G --buildkitd-flags --oci-worker-gc-keepstorage=5",
                "5",
            ),
            ("--storage 10G --buildkitd-flags --oci-worker-gc=false", ""),
        ] {
            assert_eq!(kept(words, ""), megabytes, "{words}");
        }
        let config = "--storage 10G --buildkitd-config x";
        assert_eq!(kept(config, "debug = true"), "8000");
        for said in [
            "gc = false",
            "maxUsedSpace = '50%'",
            "gcpolicy = [{ all = true }]",
        ] {
            assert_eq!(kept(config, &format!("[worker.oci]\n{said}")), "", "{said}");
        }
    }

    const ALL_FLAGS: &str = "--replicas 2 --requests cpu=500m,memory=1Gi \
        --requests ephemeral-storage=1Gi --limits memory=2Gi,ephemeral-storage=4Gi \
        --node-selector disktype=ssd,gpu --toleration dedicated=builds:noschedule \
        --toleration spot --label team=a,tier=ci --annotation example.com/note=a=b,c \
        --env NO_PROXY=localhost,10.0.0.0/8 --env A= --service-account builder \
        --scheduler-name other --image-pull-secret one,two --priority-class low \
        --runtime-class gvisor --qemu --memory-cache 8Gi --loadbalance random --timeout 5m";

    #[test]
    fn all_options() {
        insta::assert_snapshot!(yaml(&typed(ALL_FLAGS)));
    }
}
