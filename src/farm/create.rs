//! Makes a builder, or completes one that was half made.

use k8s_openapi::api::core::v1::Secret;
use kube::api::ObjectMeta;
use serde_json::Value;

use crate::cluster::{Cluster, Conflicts, Written};
use crate::error::{Error, Kind, Result};
use crate::manifest::{self, CHECKSUM, Credentials, Difference, Identity, TIMEOUT, Workload};
use crate::plan::NodePlan;

use super::{certificates, workload};

/// How often certificates are made anew when somebody else makes them at the same time.
const TRIES: usize = 5;
/// Differing fields that a message shows.
const SHOWN: usize = 5;

/// What `create` did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// It made the builder.
    Created,
    /// It mended the builder's certificates.
    Configured,
    /// All was there already.
    Unchanged,
}

impl Made {
    /// kubectl's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Configured => "configured",
            Self::Unchanged => "unchanged",
        }
    }
}

/// Makes the builder unless it is there; one with other settings is left alone, with an error.
pub async fn create(cluster: &Cluster, plan: &NodePlan) -> Result<Made> {
    let node = plan.name.as_str();
    let (there, pair) = tokio::try_join!(workload::get(cluster, node), pair(cluster, plan))?;
    if let Some(there) = &there {
        refuse_foreign(there.metadata(), there.kind(), plan)?;
    }
    let (credentials, found) = match pair {
        Some(pair) => (pair, true),
        None => (made()?, false),
    };
    let is_there = there.is_some();
    let differences = match there {
        // Boxed: what waits for several requests is large, and builds wait for it.
        Some(there) => Box::pin(drift(cluster, plan, there, &credentials.daemon)).await?,
        None => Vec::new(),
    };
    refuse_other_settings(plan, &differences)?;
    if is_there && found && differences.is_empty() {
        return Ok(Made::Unchanged);
    }
    let credentials = if found {
        credentials
    } else {
        Box::pin(write_secrets(cluster, plan, credentials)).await?
    };
    let workload = manifest::workload(plan, &credentials.daemon);
    workload::apply(cluster, &workload, Written::Really, Conflicts::Respect).await?;
    Ok(if is_there {
        Made::Configured
    } else {
        Made::Created
    })
}

fn made() -> Result<Credentials> {
    certificates::make()
        .map_err(|error| Error::new(Kind::NotReady, error.to_string()).because(error))
}

/// The node's certificates, if both sides are there and accept each other.
async fn pair(cluster: &Cluster, plan: &NodePlan) -> Result<Option<Credentials>> {
    let daemon = manifest::daemon_secret_name(&plan.name);
    let client = manifest::client_secret_name(&plan.name);
    let (daemon, client) = tokio::try_join!(
        cluster.get::<Secret>(&daemon),
        cluster.get::<Secret>(&client)
    )?;
    for secret in [&daemon, &client].into_iter().flatten() {
        refuse_foreign(&secret.metadata, "secret", plan)?;
    }
    let read = |secret: Option<Secret>| secret.and_then(manifest::credentials);
    let (Some(daemon), Some(client)) = (read(daemon), read(client)) else {
        return Ok(None);
    };
    Ok(certificates::belong_together(&daemon, &client).then_some(Credentials { daemon, client }))
}

/// Writes both Secrets and reads them again: if somebody else wrote at the same time, the halves of
/// two pairs may be there.
async fn write_secrets(
    cluster: &Cluster,
    plan: &NodePlan,
    mut credentials: Credentials,
) -> Result<Credentials> {
    for _ in 0..TRIES {
        for secret in manifest::secrets(plan, &credentials) {
            // Half a pair is no use to anybody, whoever wrote it.
            cluster
                .apply(&secret, Written::Really, Conflicts::Force)
                .await?;
        }
        if let Some(pair) = pair(cluster, plan).await? {
            return Ok(pair);
        }
        credentials = made()?;
    }
    Err(Error::new(
        Kind::NotReady,
        format!("the secrets of node {} change all the time", plan.name),
    )
    .hint("somebody else creates the same builder; try again"))
}

fn refuse_foreign(metadata: &ObjectMeta, kind: &str, plan: &NodePlan) -> Result<()> {
    if manifest::builder_name(metadata).as_ref() == Some(&plan.builder) {
        return Ok(());
    }
    let name = metadata.name.as_deref().unwrap_or_default();
    let owner = match manifest::builder_name(metadata) {
        Some(other) => format!("belongs to {other}"),
        None => "belongs to no builder".to_owned(),
    };
    Err(
        Error::usage(format!("{kind} {name:?} is there already and {owner}"))
            .hint("choose another name for the builder"),
    )
}

/// What an apply would change, by the server's own word.
async fn drift(
    cluster: &Cluster,
    plan: &NodePlan,
    mut there: Workload,
    daemon: &Identity,
) -> Result<Vec<Difference>> {
    let ours = manifest::workload(plan, daemon);
    if ours.kind() != there.kind() {
        return Ok(vec![Difference {
            path: "kind".to_owned(),
            is: there.kind().into(),
            wanted: ours.kind().into(),
        }]);
    }
    for _ in 1..TRIES {
        let wanted = workload::apply(cluster, &ours, Written::DryRun, Conflicts::Force).await?;
        let differences = manifest::differences(&json(&there)?, &json(&wanted)?);
        // Controllers write to a new workload: only two views of the same version compare.
        let same = there.metadata().resource_version == wanted.metadata().resource_version;
        if differences.is_empty() || same {
            return Ok(differences);
        }
        there = match workload::get(cluster, plan.name.as_str()).await? {
            Some(newer) => newer,
            None => break,
        };
    }
    Err(Error::new(
        Kind::NotReady,
        format!("{} {:?} changes all the time", ours.kind(), ours.name()),
    )
    .hint("something else writes to it; try again"))
}

fn json(workload: &Workload) -> Result<Value> {
    let value = match workload {
        Workload::Deployment(deployment) => serde_json::to_value(deployment),
        Workload::StatefulSet(set) => serde_json::to_value(set),
    };
    value.map_err(|error| {
        Error::new(Kind::Cluster, "the cluster sent an unreadable object").because(error)
    })
}

fn is_no_setting(difference: &Difference) -> bool {
    let path = &difference.path;
    // The only annotation that is there or not is one difference, of the whole map.
    let only = |value: &Value| {
        let map = value.as_object();
        map.is_none_or(|map| map.keys().all(|key| key == TIMEOUT))
    };
    path.contains(CHECKSUM)
        || path.contains(TIMEOUT)
        || (path == "metadata.annotations" && only(&difference.is) && only(&difference.wanted))
}

/// Other certificates are no setting: they only mean that something was mended. Neither is another
/// patience: who waited too short a time must be able to wait longer.
fn refuse_other_settings(plan: &NodePlan, differences: &[Difference]) -> Result<()> {
    let settings: Vec<String> = differences
        .iter()
        .filter(|difference| !is_no_setting(difference))
        .map(ToString::to_string)
        .collect();
    if settings.is_empty() {
        return Ok(());
    }
    let mut lines = settings.iter().take(SHOWN).cloned().collect::<Vec<_>>();
    if let Some(last) = lines.last_mut().filter(|_| settings.len() > SHOWN) {
        *last = format!("and {} more fields", settings.len() - SHOWN + 1);
    }
    let builder = &plan.builder;
    Err(
        Error::usage(format!("builder {builder} is there with other settings"))
            .because(lines.join("\n"))
            .hint(format!(
                "to make it anew: kubectl buildkit rm {builder}, then create it"
            )),
    )
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use http_body_util::BodyExt;
    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::json;

    use super::*;
    use crate::cluster::fake;
    use crate::plan::Create;

    fn plan() -> NodePlan {
        let name = "demo".parse().unwrap();
        Create::by_default(Some(&name), Duration::ZERO)
            .unwrap()
            .node
    }

    /// What the server keeps, by path.
    type Objects = Arc<Mutex<Vec<(String, Value)>>>;

    /// An API server that keeps what is applied, by path.
    fn server() -> (Cluster, Objects) {
        let objects = Objects::default();
        let kept = Arc::clone(&objects);
        let cluster = fake::cluster(move |request| {
            let kept = Arc::clone(&kept);
            async move {
                let (parts, body) = request.into_parts();
                let path = parts.uri.path().to_owned();
                let dry = parts.uri.query().is_some_and(|q| q.contains("dryRun"));
                let body = body.collect().await.unwrap().to_bytes();
                let mut kept = kept.lock().unwrap();
                if parts.method == "GET" {
                    return match kept.iter().find(|(at, _)| *at == path) {
                        Some((_, object)) => (200, object.clone()),
                        None => fake::refusal(404, "NotFound", "not found", ""),
                    };
                }
                let object: Value = serde_json::from_slice(&body).unwrap();
                if !dry {
                    kept.retain(|(at, _)| *at != path);
                    kept.push((path, object.clone()));
                }
                (200, object)
            }
        });
        (cluster, objects)
    }

    #[tokio::test]
    async fn secrets_come_first_and_a_second_run_changes_nothing() {
        let (cluster, objects) = server();
        assert_eq!(create(&cluster, &plan()).await.unwrap(), Made::Created);
        let paths: Vec<String> = objects
            .lock()
            .unwrap()
            .iter()
            .map(|(path, _)| path.rsplit('/').next().unwrap().to_owned())
            .collect();
        assert_eq!(paths, ["demo0-daemon", "demo0-client", "demo0"]);
        let before = objects.lock().unwrap().clone();
        assert_eq!(create(&cluster, &plan()).await.unwrap(), Made::Unchanged);
        assert_eq!(*objects.lock().unwrap(), before);
    }

    #[tokio::test]
    async fn what_is_missing_is_made_and_what_is_whole_is_kept() {
        let (cluster, objects) = server();
        create(&cluster, &plan()).await.unwrap();
        let whole = objects.lock().unwrap().clone();
        // Killed before the Deployment.
        objects.lock().unwrap().truncate(2);
        assert_eq!(create(&cluster, &plan()).await.unwrap(), Made::Created);
        assert_eq!(*objects.lock().unwrap(), whole);
        // A Secret was deleted: both are new, and the pods must roll.
        objects.lock().unwrap().remove(1);
        assert_eq!(create(&cluster, &plan()).await.unwrap(), Made::Configured);
        assert_eq!(objects.lock().unwrap().len(), 3);
        assert_ne!(objects.lock().unwrap()[0], whole[0]);
        assert_eq!(create(&cluster, &plan()).await.unwrap(), Made::Unchanged);
    }

    #[tokio::test]
    async fn other_settings_are_named_and_nothing_changes() {
        let (cluster, objects) = server();
        create(&cluster, &plan()).await.unwrap();
        let before = objects.lock().unwrap().clone();
        let mut other = plan();
        other.replicas = 3;
        other.image = "other".into();
        let error = create(&cluster, &other).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert_eq!(
            error.causes(),
            ["spec.replicas is 1, not 3\n\
              spec.template.spec.containers[buildkitd].image is \
              \"moby/buildkit:buildx-stable-1\", not \"other\""]
        );
        assert_eq!(*objects.lock().unwrap(), before);
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
            plan.timeout = timeout;
            assert_eq!(create(&cluster, &plan).await.unwrap(), Made::Configured);
            assert_eq!(create(&cluster, &plan).await.unwrap(), Made::Unchanged);
        }
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

    /// Kubernetes' own controllers annotate a Deployment a moment after it was made.
    #[tokio::test]
    async fn what_a_controller_writes_meanwhile_is_no_other_setting() {
        let there = |version: &str| {
            let mut there = json(&manifest::workload(&plan(), &identity())).unwrap();
            there["metadata"]["resourceVersion"] = json!(version);
            if version == "2" {
                there["metadata"]["annotations"] = json!({"revision": "1"});
            }
            there
        };
        let gets = Arc::new(Mutex::new(0));
        let cluster = fake::cluster(move |request| {
            let is_set = request.uri().path().contains("/statefulsets/");
            let version = if is_set {
                String::new()
            } else if request.method() == "GET" {
                let mut gets = gets.lock().unwrap();
                *gets += 1;
                gets.to_string()
            } else {
                "2".to_owned()
            };
            let answer = if is_set {
                fake::refusal(404, "NotFound", "not found", "")
            } else {
                (200, there(&version))
            };
            async move { answer }
        });
        let there = cluster.get::<Deployment>("demo0").await.unwrap().unwrap();
        let differences = drift(&cluster, &plan(), there.into(), &identity())
            .await
            .unwrap();
        assert_eq!(differences, []);
    }

    fn identity() -> Identity {
        Identity {
            authority: Vec::new(),
            certificate: Vec::new(),
            key: Vec::new(),
        }
    }
}
