//! What docker buildx makes of a builder, told apart by what it looks like: buildx marks nothing,
//! and no object has the builder's name.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Container, PersistentVolumeClaim};
use kube::ResourceExt;

use crate::model::{BuilderName, NodeName};

use super::labels::{APP, BUILDX_CANDIDATES, LEFT_OVER, MANAGED_BY};
use super::pod_spec::CONTAINER;
use super::workload::Workload;

/// The volume with the cache, in a `StatefulSet`.
const VOLUME: &str = "buildkitd";
/// How long a selector may be that goes into the address of a request.
const LONGEST_SELECTOR: usize = 2000;

/// Whether buildx made the workload: named by its label `app`, with a daemon that only its socket
/// reaches and that is probed as buildx does. All its labels are part of its selector, so one that
/// says who manages it is buildx's user's only there.
pub fn is_buildx(workload: &Workload) -> bool {
    let labels = workload.metadata().labels.as_ref();
    let label = |key| labels.and_then(|labels| labels.get(key));
    let selected = |key| workload.selector().and_then(|labels| labels.get(key));
    let name = workload.name();
    label(APP).is_some_and(|app| app == name)
        && selected(APP).is_some_and(|app| app == name)
        && label(MANAGED_BY) == selected(MANAGED_BY)
        && has_volumes_of_buildx(workload)
        && first_container(workload).is_some_and(is_daemon)
}

fn first_container(workload: &Workload) -> Option<&Container> {
    workload.template()?.spec.as_ref()?.containers.first()
}

fn is_daemon(container: &Container) -> bool {
    let probe = container.readiness_probe.as_ref();
    let exec = probe.and_then(|probe| probe.exec.as_ref());
    let command = exec.and_then(|exec| exec.command.as_deref());
    let arguments = container.args.as_deref().unwrap_or_default();
    container.name == CONTAINER
        && command.is_some_and(|words| words == ["buildctl", "debug", "workers"])
        && !arguments.iter().any(|argument| argument.contains("tcp://"))
}

/// A `StatefulSet` of buildx's is there for its volumes.
fn has_volumes_of_buildx(workload: &Workload) -> bool {
    let Workload::StatefulSet(set) = workload else {
        return true;
    };
    let claims = set
        .spec
        .as_ref()
        .and_then(|spec| spec.volume_claim_templates.as_deref());
    let mut claims = claims.unwrap_or_default().iter();
    claims.any(|claim| claim.metadata.name.as_deref() == Some(VOLUME))
}

/// The name of the builder that a node of buildx's belongs to. buildx numbers the nodes of `kube`
/// from `kube0`, so a number counts as one if it is 0 or the one before it is there as well: `kube1`
/// beside `kube0` is a node of `kube`, and `builder-amd64` is a builder of its own.
pub(super) fn builder_of(node: &NodeName, siblings: &BTreeSet<&str>) -> BuilderName {
    let name = node.as_str();
    let digits = name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let stem = (digits..name.len()).find_map(|at| {
        let (stem, number) = name.split_at(at);
        let index: u32 = number
            .parse()
            .ok()
            .filter(|index: &u32| index.to_string() == number)?;
        let before = index.checked_sub(1);
        let counted =
            before.is_none_or(|index| siblings.contains(format!("{stem}{index}").as_str()));
        BuilderName::existing(stem).ok().filter(|_| counted)
    });
    stem.unwrap_or_else(|| node.into())
}

/// Selects the pods of workloads that buildx made, and hardly any others; none if there are none.
pub fn buildx_pods(workloads: &[Workload]) -> Option<String> {
    let names: Vec<&str> = workloads.iter().map(Workload::name).collect();
    if names.is_empty() {
        return None;
    }
    let selector = format!("{APP} in ({})", names.join(","));
    Some(if selector.len() > LONGEST_SELECTOR {
        BUILDX_CANDIDATES.to_owned()
    } else {
        selector
    })
}

/// The `ConfigMap`s with the daemon's configuration: those that it mounts under the names that buildx
/// gives them, `NODE-config` and `NODE-config-1`, and those that it mounted before it was adopted.
pub fn buildx_config_maps(workload: &Workload) -> Vec<String> {
    let left = workload.annotation(LEFT_OVER).unwrap_or_default();
    let left = left.split(',').filter(|name| !name.is_empty());
    let mut names = mounted_by_buildx(workload);
    names.extend(left.map(str::to_owned));
    names.sort();
    names.dedup();
    names
}

/// Where the daemon has files of `ConfigMap`s: paths and the names of the maps.
pub fn mounted_config_maps(workload: &Workload) -> Vec<(String, String)> {
    let spec = workload
        .template()
        .and_then(|template| template.spec.as_ref());
    let volumes = spec.and_then(|spec| spec.volumes.as_deref());
    let mounts = first_container(workload).and_then(|first| first.volume_mounts.as_deref());
    let mounted = mounts.unwrap_or_default().iter().filter_map(|mount| {
        let mut volumes = volumes.unwrap_or_default().iter();
        let volume = volumes.find(|volume| volume.name == mount.name)?;
        Some((
            mount.mount_path.clone(),
            volume.config_map.as_ref()?.name.clone(),
        ))
    });
    mounted.collect()
}

fn mounted_by_buildx(workload: &Workload) -> Vec<String> {
    let spec = workload
        .template()
        .and_then(|template| template.spec.as_ref());
    let volumes = spec.and_then(|spec| spec.volumes.as_deref());
    let mounted = volumes.unwrap_or_default().iter().filter_map(|volume| {
        let source = volume.config_map.as_ref()?;
        let numbered = volume.name.strip_prefix("config")?;
        let number = numbered.strip_prefix('-').unwrap_or(numbered);
        let ours = number.bytes().all(|byte| byte.is_ascii_digit())
            && source.name == format!("{}-{}", workload.name(), volume.name);
        ours.then(|| source.name.clone())
    });
    mounted.collect()
}

/// Whether the claim is one of the workload's volumes: `buildkitd-NODE-0` and so on.
pub fn is_buildx_claim(workload: &Workload, claim: &PersistentVolumeClaim) -> bool {
    let name = claim.name_any();
    let prefix = format!("{VOLUME}-{}-", workload.name());
    let ordinal = name.strip_prefix(&prefix).unwrap_or_default();
    matches!(workload, Workload::StatefulSet(_))
        && !ordinal.is_empty()
        && ordinal.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
pub(crate) mod tests {
    use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
    use serde_json::{Value, json};

    use super::*;

    /// Objects as buildx makes them.
    const DEPLOYMENT: &str = include_str!("../../tests/fixtures/buildx/deployment.yaml");
    const ROOTLESS: &str = include_str!("../../tests/fixtures/buildx/rootless.yaml");
    const STATEFUL_SET: &str = include_str!("../../tests/fixtures/buildx/stateful-set.yaml");

    fn deployment(text: &str) -> Workload {
        let deployment: Deployment = serde_saphyr::from_str(text).unwrap();
        deployment.into()
    }

    /// A Deployment of buildx's, in namespace `team`.
    pub(crate) fn made_by_buildx(name: &str) -> Workload {
        let mut deployment: Deployment =
            serde_saphyr::from_str(&DEPLOYMENT.replace("kube0", name)).unwrap();
        deployment.metadata.namespace = Some("team".into());
        deployment.into()
    }

    fn stateful_set() -> Workload {
        let set: StatefulSet = serde_saphyr::from_str(STATEFUL_SET).unwrap();
        set.into()
    }

    /// A Deployment of buildx's after `change`.
    fn changed(change: impl Fn(&mut Value)) -> Workload {
        let mut value: Value = serde_saphyr::from_str(DEPLOYMENT).unwrap();
        change(&mut value);
        let deployment: Deployment = serde_json::from_value(value).unwrap();
        deployment.into()
    }

    #[test]
    fn what_buildx_makes_is_known() {
        for workload in [deployment(DEPLOYMENT), deployment(ROOTLESS), stateful_set()] {
            assert!(is_buildx(&workload), "{workload:?}");
        }
        // buildx's user may give it any label.
        assert!(is_buildx(&changed(|value| {
            let label = json!({"app": "kube0", "app.kubernetes.io/managed-by": "ci"});
            value["metadata"]["labels"] = label.clone();
            value["spec"]["selector"]["matchLabels"] = label;
        })));
        // And anybody may change what does not matter.
        assert!(is_buildx(&changed(|value| {
            value["metadata"]["labels"]["team"] = json!("ci");
            value["spec"]["replicas"] = json!(0);
        })));
    }

    #[test]
    fn what_others_made_is_not() {
        let container = |value: &mut Value, field: &str, to: Value| {
            value["spec"]["template"]["spec"]["containers"][0][field] = to;
        };
        let others = [
            changed(|value| value["metadata"]["name"] = json!("other")),
            changed(|value| value["metadata"]["labels"] = json!({})),
            changed(|value| {
                value["metadata"]["labels"]["app.kubernetes.io/managed-by"] = json!("Helm");
            }),
            changed(|value| value["spec"]["selector"]["matchLabels"] = json!({"a": "kube0"})),
            changed(|value| container(value, "name", json!("web"))),
            changed(|value| container(value, "readinessProbe", json!({"httpGet": {"port": 80}}))),
            changed(|value| container(value, "args", json!(["--addr", "tcp://0.0.0.0:1234"]))),
            changed(|value| value["spec"]["template"]["spec"]["containers"] = json!([])),
        ];
        for workload in others {
            assert!(!is_buildx(&workload), "{workload:?}");
        }
        let Workload::StatefulSet(mut set) = stateful_set() else {
            panic!("a StatefulSet")
        };
        set.spec.as_mut().unwrap().volume_claim_templates = None;
        assert!(!is_buildx(&Workload::StatefulSet(set)));
    }

    #[test]
    fn a_nodes_number_is_no_part_of_its_builders_name() {
        let uuid = "builder-3ee9a9bd-0a5b-4b77-a3d4-446655440000";
        let first = format!("{uuid}0");
        for (node, siblings, builder) in [
            ("kube0", &[][..], "kube"),
            ("kube1", &["kube0"], "kube"),
            ("kube1", &[], "kube1"),
            ("kube10", &["kube0"], "kube1"),
            ("kube10", &["kube0", "kube9"], "kube"),
            ("v20", &[], "v2"),
            (first.as_str(), &[], uuid),
            ("builder-amd64", &["builder-arm64"], "builder-amd64"),
            ("builder-arm", &[], "builder-arm"),
            ("builder-0", &[], "builder-0"),
            ("kube00", &[], "kube0"),
        ] {
            let name = NodeName::existing(node).unwrap();
            let name = builder_of(&name, &siblings.iter().copied().collect());
            assert_eq!(name.as_str(), builder, "{node} beside {siblings:?}");
        }
    }

    #[test]
    fn only_what_buildx_made_belongs_to_a_node() {
        assert_eq!(
            buildx_config_maps(&deployment(DEPLOYMENT)),
            ["kube0-config", "kube0-config-1"]
        );
        assert!(buildx_config_maps(&deployment(ROOTLESS)).is_empty());
        let volumes = json!([
            {"name": "config", "configMap": {"name": "shared"}},
            {"name": "configuration", "configMap": {"name": "kube0-configuration"}},
            {"name": "config-a", "configMap": {"name": "kube0-config-a"}},
            {"name": "config-2", "configMap": {"name": "kube1-config-2"}},
            {"name": "config-3", "secret": {"secretName": "kube0-config-3"}},
        ]);
        let other = changed(|value| {
            value["spec"]["template"]["spec"]["volumes"] = volumes.clone();
        });
        assert!(buildx_config_maps(&other).is_empty());

        let set = stateful_set();
        for (name, is) in [
            ("buildkitd-builder-amd64-0", true),
            ("buildkitd-builder-amd64-12", true),
            ("buildkitd-builder-amd64-", false),
            ("buildkitd-builder-amd64-x", false),
            ("buildkitd-builder-amd64-2-0", false),
            ("data-builder-amd64-0", false),
        ] {
            let mut claim = PersistentVolumeClaim::default();
            claim.metadata.name = Some(name.into());
            assert_eq!(is_buildx_claim(&set, &claim), is, "{name}");
        }
    }

    #[test]
    fn one_list_shows_the_pods_of_all() {
        let many = |count: usize| -> Vec<Workload> {
            let names = (0..count).map(|number| format!("kube{number}"));
            names.map(|name| made_by_buildx(&name)).collect()
        };
        assert_eq!(buildx_pods(&[]), None);
        assert_eq!(buildx_pods(&many(2)).unwrap(), "app in (kube0,kube1)");
        assert_eq!(buildx_pods(&many(1000)).unwrap(), BUILDX_CANDIDATES);
    }
}
