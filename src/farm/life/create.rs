//! Makes a node of a builder, or completes one that was half made.

use serde_json::Value;

use crate::cluster::{Cluster, Conflicts, Written};
use crate::error::{Error, Result};
use crate::farm::find::workload::{self, Scope};
use crate::manifest::{self, CHECKSUM, CONFIG, Difference, STOPPED_FROM, TIMEOUT, Workload};
use crate::model::NodeName;
use crate::plan::{Create, NodePlan, Target, update_flags};

use super::node::{self, Found};
use super::secrets;
use super::version::{self, undisturbed};

/// Differing fields that a message shows.
const SHOWN: usize = 5;
/// How often what another run left half made is looked at before it counts as left behind.
const LOOKS: usize = 6;

/// What `create` did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// It made the builder.
    Created,
    /// It mended the builder's certificates.
    Configured,
    /// It made a builder of buildx's ours.
    Adopted,
    /// All was there already.
    Unchanged,
}

impl Made {
    /// kubectl's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Configured => "configured",
            Self::Adopted => "adopted",
            Self::Unchanged => "unchanged",
        }
    }
}

/// Makes the node unless it is there; one with other settings is left alone, with an error. Of several
/// who make it at the same time one does, and the others find it.
pub async fn create(cluster: &Cluster, plan: &Create) -> Result<(NodeName, Made)> {
    let mut looks = 0..LOOKS;
    undisturbed(cluster, &plan.node.name, async || {
        let plan = resolve(cluster, plan).await?;
        let found = node::find(cluster, &plan).await?;
        if is_begun_otherwise(&found) && looks.next().is_some() {
            return Ok(None);
        }
        let made = complete(cluster, &plan, &found).await?;
        Ok(made.map(|made| (plan.name, made)))
    })
    .await
}

/// Whether there is another configuration and nothing that mounts it: somebody is about to make that,
/// or was killed before.
fn is_begun_otherwise(found: &Found) -> bool {
    found.workload.is_none() && found.config.live.is_some() && !found.config.is_same()
}

/// The node that is made, with its name: that depends on the nodes which are there.
pub(super) async fn resolve(cluster: &Cluster, plan: &Create) -> Result<NodePlan> {
    let labels = manifest::selector(&plan.node.builder, None);
    let there = workload::list(cluster, &labels, Scope::Namespace).await?;
    let names: Vec<NodeName> = there
        .iter()
        .filter_map(|workload| workload.name().parse().ok())
        .collect();
    let called = |name: NodeName| NodePlan {
        name,
        ..plan.node.clone()
    };
    match plan.target(&names)? {
        Target::Node(name) => Ok(called(name)),
        Target::AnyOrNew(candidates, new) => {
            for candidate in candidates.into_iter().map(called) {
                if is_the_same(cluster, &candidate).await? {
                    return Ok(candidate);
                }
            }
            Ok(called(new))
        }
    }
}

async fn is_the_same(cluster: &Cluster, plan: &NodePlan) -> Result<bool> {
    let found = node::find(cluster, plan).await?;
    let plan = &as_it_is(plan, &found);
    Ok(settings(&found, &differences(cluster, plan, &found).await?).is_empty())
}

/// A node that was stopped and is to have as many pods as before stays as it is, and so do labels
/// that never change.
pub(super) fn as_it_is(plan: &NodePlan, found: &Found) -> NodePlan {
    let there = found.workload.as_ref();
    let before: Option<i32> = there.and_then(|there| there.annotation(STOPPED_FROM)?.parse().ok());
    let replicas = match (there, before) {
        (Some(there), Some(before)) if plan.replicas == before => there.replicas(),
        _ => plan.replicas,
    };
    let mut plan = NodePlan {
        replicas,
        ..plan.clone()
    };
    for (key, value) in there.map(Workload::selector_of_others).unwrap_or_default() {
        plan.pod.labels.entry(key).or_insert(value);
    }
    plan
}

/// How the node that was found differs from `plan`.
pub(super) async fn differences(
    cluster: &Cluster,
    plan: &NodePlan,
    found: &Found,
) -> Result<Vec<Difference>> {
    match (&found.workload, &found.credentials) {
        (Some(there), Some(pair)) => {
            // Boxed: what waits for several requests is large, and builds wait for it.
            Box::pin(node::drift(cluster, plan, there.clone(), &pair.daemon)).await
        }
        (Some(there), None) => {
            let pair = node::made()?;
            Box::pin(node::drift(cluster, plan, there.clone(), &pair.daemon)).await
        }
        (None, _) => Ok(Vec::new()),
    }
}

/// What was done; None if somebody else was faster, and has to be looked at again.
async fn complete(cluster: &Cluster, plan: &NodePlan, found: &Found) -> Result<Option<Made>> {
    let plan = &as_it_is(plan, found);
    let differences = differences(cluster, plan, found).await?;
    refuse_other_settings(plan, found, &differences)?;
    let is_there = found.workload.is_some();
    if is_there && found.is_whole() && differences.is_empty() {
        return Ok(Some(Made::Unchanged));
    }
    let credentials = match &found.credentials {
        Some(pair) => pair.clone(),
        None => node::made()?,
    };
    if !is_there {
        // What the server refuses is refused before Secrets are left behind.
        let workload = manifest::workload(plan, &credentials.daemon)?;
        let tried = workload::apply(cluster, &workload, Written::DryRun, Conflicts::Respect);
        Box::pin(tried).await?;
    }
    if !Box::pin(found.config.write(cluster, Conflicts::Respect)).await? {
        return Ok(None);
    }
    let credentials = if found.credentials.is_some() {
        credentials
    } else {
        let written = secrets::write(cluster, plan, &found.secrets, &credentials);
        Box::pin(written).await?
    };
    let there = found.workload.as_ref();
    let workload = node::wanted(plan, &credentials.daemon, there)?;
    let applied = version::apply(cluster, &workload, there, Conflicts::Respect);
    if Box::pin(applied).await?.is_none() {
        return Ok(None);
    }
    Box::pin(found.config.remove(cluster)).await?;
    Ok(Some(if is_there {
        Made::Configured
    } else {
        Made::Created
    }))
}

fn is_no_setting(difference: &Difference) -> bool {
    let path = &difference.path;
    // The only annotation that is there or not is one difference, of the whole map.
    let only = |value: &Value| {
        let map = value.as_object();
        map.is_none_or(|map| map.keys().all(|key| key == TIMEOUT || key == STOPPED_FROM))
    };
    path.contains(CHECKSUM)
        || path.contains(TIMEOUT)
        || path.contains(STOPPED_FROM)
        || (path == "metadata.annotations" && only(&difference.is) && only(&difference.wanted))
}

/// The settings that differ, in words. Of the daemon's configuration only names are said.
fn settings(found: &Found, differences: &[Difference]) -> Vec<String> {
    if found.workload.is_none() {
        return Vec::new();
    }
    let settings = differences.iter().filter(|one| !is_no_setting(one));
    let in_secret = found.config.differences();
    // Checksum and mounts follow from the files.
    let follows = |path: &str| {
        path.contains(CONFIG) || (!in_secret.is_empty() && path.contains("volumeMounts[config]"))
    };
    let (of_config, others): (Vec<_>, Vec<_>) = settings.partition(|one| follows(&one.path));
    let mut lines: Vec<String> = others.iter().map(ToString::to_string).collect();
    if in_secret.is_empty() && !of_config.is_empty() && others.is_empty() {
        lines.push("the daemon's configuration is another".to_owned());
    }
    lines.extend(in_secret);
    lines
}

/// Other certificates are no setting: they only mean that something was mended. Neither is another
/// patience: who waited too short a time must be able to wait longer.
pub(super) fn refuse_other_settings(
    plan: &NodePlan,
    found: &Found,
    differences: &[Difference],
) -> Result<()> {
    let settings = settings(found, differences);
    if settings.is_empty() {
        return Ok(());
    }
    let mut lines = settings.iter().take(SHOWN).cloned().collect::<Vec<_>>();
    if let Some(last) = lines.last_mut().filter(|_| settings.len() > SHOWN) {
        *last = format!("and {} more fields", settings.len() - SHOWN + 1);
    }
    let NodePlan { builder, name, .. } = plan;
    let there = found.workload.as_ref();
    let config = found.config.live.as_ref();
    let before = there.and_then(|there| manifest::plan(there, config, builder.clone()));
    let flags = before.map(|before| update_flags(&before, plan));
    let hint = match flags.filter(|flags| !flags.is_empty()) {
        Some(flags) => format!(
            "to change it: kubectl buildkit update {builder} --node {name} {}",
            flags.join(" ")
        ),
        None => format!("to make it anew: kubectl buildkit rm {builder}, then create it"),
    };
    Err(Error::usage(format!(
        "node {name} of builder {builder} is there with other settings"
    ))
    .because(lines.join("\n"))
    .hint(hint))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::Parser as _;
    use serde_json::json;

    use super::*;
    use crate::cli::{Cli, Command};
    use crate::cluster::fake;
    use crate::error::Kind;
    use crate::farm::testing::{Always, Objects, names, server};

    fn plan() -> Create {
        let name = "demo".parse().unwrap();
        Create::by_default(Some(&name), Duration::ZERO).unwrap()
    }

    fn configured(text: &str) -> Create {
        let words = ["kubectl-buildkit", "create", "demo", "--config", "x.toml"];
        let Command::Create(args) = Cli::parse_from(words).command else {
            panic!("{words:?}");
        };
        Create::new(&args, &Always(text)).unwrap()
    }

    async fn made(cluster: &Cluster, plan: &Create) -> Made {
        create(cluster, plan).await.unwrap().1
    }

    #[tokio::test]
    async fn secrets_come_first_and_a_second_run_changes_nothing() {
        let (cluster, objects) = server();
        assert_eq!(made(&cluster, &plan()).await, Made::Created);
        assert_eq!(names(&objects), ["demo0-daemon", "demo0-client", "demo0"]);
        let before = objects.lock().unwrap().clone();
        assert_eq!(made(&cluster, &plan()).await, Made::Unchanged);
        assert_eq!(*objects.lock().unwrap(), before);
    }

    #[tokio::test]
    async fn what_is_missing_is_made_and_what_is_whole_is_kept() {
        let (cluster, objects) = server();
        create(&cluster, &plan()).await.unwrap();
        let whole = objects.lock().unwrap().clone();
        // Killed before the Deployment.
        objects.lock().unwrap().truncate(2);
        assert_eq!(made(&cluster, &plan()).await, Made::Created);
        assert_eq!(objects.lock().unwrap()[..2], whole[..2]);
        // A Secret was deleted: both are new, and the pods must roll.
        objects.lock().unwrap().remove(1);
        assert_eq!(made(&cluster, &plan()).await, Made::Configured);
        assert_eq!(objects.lock().unwrap().len(), 3);
        assert_ne!(objects.lock().unwrap()[0], whole[0]);
        assert_eq!(made(&cluster, &plan()).await, Made::Unchanged);
    }

    #[tokio::test]
    async fn other_settings_are_named_and_nothing_changes() {
        let (cluster, objects) = server();
        create(&cluster, &plan()).await.unwrap();
        let before = objects.lock().unwrap().clone();
        let mut other = plan();
        other.node.replicas = 3;
        other.node.image = "other".into();
        let error = create(&cluster, &other).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert_eq!(
            error.causes(),
            ["spec.replicas is 1, not 3\n\
              spec.template.spec.containers[buildkitd].image is \
              \"moby/buildkit:buildx-stable-1\", not \"other\""]
        );
        assert_eq!(
            error.hint_text(),
            Some(
                "to change it: kubectl buildkit update demo --node demo0 --image other --replicas 3"
            )
        );
        assert_eq!(*objects.lock().unwrap(), before);
    }

    #[tokio::test]
    async fn the_configuration_comes_first_and_is_a_setting() {
        let (cluster, objects) = server();
        let one = configured("[registry.\"hidden.example\"]\nhttp = true");
        assert_eq!(made(&cluster, &one).await, Made::Created);
        let all = ["demo0-config", "demo0-daemon", "demo0-client", "demo0"];
        assert_eq!(names(&objects), all);
        let before = objects.lock().unwrap().clone();
        assert_eq!(made(&cluster, &one).await, Made::Unchanged);
        let two = configured("[registry.\"hidden.example\"]\nhttp = false\ninsecure = true");
        let error = create(&cluster, &two).await.unwrap_err();
        assert_eq!(
            error.causes(),
            [
                "registry[hidden.example].http in buildkitd.toml is another\n\
              registry[hidden.example].insecure in buildkitd.toml is new"
            ]
        );
        let update = "update demo --node demo0 --buildkitd-config x.toml";
        assert!(error.hint_text().unwrap().ends_with(update));
        let error = create(&cluster, &plan()).await.unwrap_err();
        let update = "update demo --node demo0 --unset buildkitd-config";
        assert!(error.hint_text().unwrap().ends_with(update));
        assert_eq!(*objects.lock().unwrap(), before);
    }

    #[tokio::test]
    async fn a_configuration_that_was_lost_or_left_behind() {
        let (cluster, objects) = server();
        let (one, two) = (configured("debug = true"), configured("debug = false"));
        create(&cluster, &one).await.unwrap();
        let forget = |name: &str| {
            let mut objects = objects.lock().unwrap();
            objects.retain(|(path, _)| !path.ends_with(name));
        };
        // A Secret that was deleted is made again.
        forget("/demo0-config");
        let error = create(&cluster, &two).await.unwrap_err();
        assert_eq!(error.causes(), ["the daemon's configuration is another"]);
        assert_eq!(made(&cluster, &one).await, Made::Configured);
        assert_eq!(made(&cluster, &one).await, Made::Unchanged);
        // Killed before the Deployment: what is there of another try does not count.
        forget("/demo0");
        assert_eq!(made(&cluster, &two).await, Made::Created);
        assert_eq!(made(&cluster, &two).await, Made::Unchanged);
        forget("/demo0");
        assert_eq!(made(&cluster, &plan()).await, Made::Created);
        assert_eq!(names(&objects), ["demo0-daemon", "demo0-client", "demo0"]);
    }

    #[tokio::test]
    async fn a_configuration_of_others_is_left_alone() {
        let (cluster, objects) = server();
        let path = "/api/v1/namespaces/team/secrets/demo0-config";
        let foreign = json!({"metadata": {"name": "demo0-config"}});
        objects.lock().unwrap().push((path.into(), foreign));
        let error = create(&cluster, &configured("")).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"secret "demo0-config" is there already and belongs to no builder"#
        );
        assert_eq!(objects.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn another_patience_is_taken_over() {
        let (cluster, _) = server();
        let mut plan = plan();
        create(&cluster, &plan).await.unwrap();
        for timeout in [
            Some(Duration::from_secs(9)),
            Some(Duration::from_mins(9)),
            None,
        ] {
            plan.node.timeout = timeout;
            assert_eq!(made(&cluster, &plan).await, Made::Configured);
            assert_eq!(made(&cluster, &plan).await, Made::Unchanged);
        }
    }

    #[tokio::test]
    async fn nodes_are_appended_once() {
        let (cluster, objects) = server();
        create(&cluster, &plan()).await.unwrap();
        let mut other = plan();
        other.append = true;
        other.node.platforms = vec!["linux/arm64".parse().unwrap()];
        for expected in [Made::Created, Made::Unchanged] {
            let (name, made) = create(&cluster, &other).await.unwrap();
            assert_eq!((name.as_str(), made), ("demo1", expected));
        }
        other.named = Some("arm".parse().unwrap());
        assert_eq!(made(&cluster, &other).await, Made::Created);
        let all = names(&objects);
        assert_eq!(all.len(), 9, "{all:?}");
    }

    #[tokio::test]
    async fn what_belongs_to_others_is_left_alone() {
        let (cluster, objects) = server();
        let path = "/apis/apps/v1/namespaces/team/deployments/demo0";
        let foreign = json!({"metadata": {"name": "demo0"}});
        objects.lock().unwrap().push((path.into(), foreign));
        let error = create(&cluster, &plan()).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"deployment "demo0" is there already and belongs to no builder"#
        );
        assert_eq!(objects.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn what_the_server_refuses_leaves_nothing_behind() {
        let objects = Objects::default();
        let kept = std::sync::Arc::clone(&objects);
        let cluster = fake::cluster(move |request| {
            let path = request.uri().path().to_owned();
            let answer = if request.method() == "GET" && path.ends_with('s') {
                (200, json!({"kind": "List", "metadata": {}, "items": []}))
            } else if request.method() == "GET" {
                fake::refusal(404, "NotFound", "not found", "")
            } else if path.contains("/deployments/") {
                fake::refusal(422, "Invalid", "it is invalid", "deployments")
            } else {
                kept.lock().unwrap().push((path, json!({})));
                (200, json!({"metadata": {}}))
            };
            async move { answer }
        });
        let error = create(&cluster, &plan()).await.unwrap_err();
        assert_eq!(error.causes(), ["it is invalid"]);
        assert_eq!(names(&objects), Vec::<String>::new());
    }
}
