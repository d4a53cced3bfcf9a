use k8s_openapi::api::apps::v1::Deployment;

use super::super::buildx::tests::made_by_buildx;
use super::super::diff::differences;
use super::super::is_buildx;
use super::*;

fn entry(manager: &str, operation: &str, subresource: Option<&str>, fields: &Value) -> Value {
    json!({"manager": manager, "operation": operation, "apiVersion": "apps/v1",
        "fieldsType": "FieldsV1", "subresource": subresource, "fieldsV1": fields})
}

fn managed(entries: &[Value]) -> Workload {
    let Workload::Deployment(mut deployment) = made_by_buildx("kube0") else {
        panic!("a Deployment");
    };
    let entries = entries.iter().cloned();
    let entries = entries.map(|entry| serde_json::from_value(entry).unwrap());
    deployment.metadata.managed_fields = Some(entries.collect());
    deployment.metadata.resource_version = Some("7".into());
    Workload::Deployment(deployment)
}

fn patched(workload: &Workload, patch: &Value) -> Workload {
    let Workload::Deployment(deployment) = workload else {
        panic!("a Deployment");
    };
    let mut value = serde_json::to_value(deployment).unwrap();
    json_patch::merge(&mut value, patch);
    Workload::from(serde_json::from_value::<Deployment>(value).unwrap())
}

#[test]
fn what_was_set_without_an_apply_is_claimed_once() {
    let workload = managed(&[
        entry(
            "buildx",
            "Update",
            None,
            &json!({"f:spec": {"f:a": {}, "f:b": {"f:c": {}}}}),
        ),
        entry(
            "controller",
            "Update",
            Some("status"),
            &json!({"f:status": {}}),
        ),
        entry(
            "kubectl-edit",
            "Update",
            None,
            &json!({"f:spec": {"f:a": {"f:d": {}}}, "f:metadata": {}}),
        ),
        entry("argocd", "Apply", None, &json!({"f:spec": {}})),
        // What `stop` wrote.
        entry(
            MANAGER,
            "Update",
            None,
            &json!({"f:spec": {"f:replicas": {}}}),
        ),
    ]);
    let builder = "kube".parse().unwrap();
    let patch = claim(&workload, &builder).unwrap();
    let metadata = &patch["metadata"];
    assert_eq!(metadata["resourceVersion"], "7");
    assert_eq!(
        metadata["annotations"],
        json!({ADOPTED_BY: "kube", LEFT_OVER: "kube0-config,kube0-config-1"})
    );
    let entries = metadata["managedFields"].as_array().unwrap();
    let managers: Vec<&Value> = entries.iter().map(|entry| &entry["manager"]).collect();
    assert_eq!(managers, ["controller", "argocd", MANAGER, MANAGER]);
    // A field that others go into is still one by itself.
    assert_eq!(
        entries[3],
        json!({
            "manager": MANAGER, "operation": "Apply", "apiVersion": "apps/v1",
            "fieldsType": "FieldsV1", "fieldsV1": {
                "f:metadata": {},
                "f:spec": {"f:a": {".": {}, "f:d": {}}, "f:b": {"f:c": {}}},
            }
        })
    );
    let claimed = patched(&workload, &patch);
    assert_eq!(claim(&claimed, &builder), None);
    assert!(is_buildx(&claimed));
    assert_eq!(adopted_by(&claimed), Some("kube"));
    assert_eq!(adopted_by(&patched(&claimed, &adopted())), None);
}

#[test]
fn what_was_claimed_before_stays_claimed() {
    let workload = managed(&[
        entry(MANAGER, "Apply", None, &json!({"f:spec": {"f:a": {}}})),
        entry(
            "kubectl-edit",
            "Update",
            None,
            &json!({"f:spec": {"f:b": {}}}),
        ),
    ]);
    let patch = claim(&workload, &"kube".parse().unwrap()).unwrap();
    let entries = patch["metadata"]["managedFields"].as_array().unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(
        entries[0]["fieldsV1"],
        json!({"f:spec": {"f:a": {}, "f:b": {}}})
    );
}

#[test]
fn only_what_an_apply_leaves_is_expected_to_stay() {
    let there = json!({
        "metadata": {
            "labels": {"app": "kube0"}, "resourceVersion": "1",
            "annotations": {"deployment.kubernetes.io/revision": "1", "a": "b", STOPPED_FROM: "2"},
        },
        "spec": {"replicas": 0, "template": {"list": [{"a": 1}], "old": {"x": 1}}},
    });
    let ours = json!({
        "metadata": {"labels": {"app": "kube0", "ours": "1"}},
        "spec": {"replicas": 0, "template": {"list": [{"b": 1}]}},
    });
    let mut result = there.clone();
    json_patch::merge(&mut result, &adoption(&there, &ours));
    assert_eq!(
        result,
        json!({
            "metadata": {
                "labels": {"app": "kube0", "ours": "1"}, "resourceVersion": "1",
                "annotations": {"deployment.kubernetes.io/revision": "1", STOPPED_FROM: "2"},
            },
            "spec": {"replicas": 0, "template": {"list": [{"b": 1}]}},
        })
    );
}

#[test]
fn changes_in_few_words() {
    let is = json!({
        "metadata": {"labels": {"app": "a"}},
        "spec": {"replicas": 1, "template": {"spec": {"containers": [
            {"name": "buildkitd", "args": ["a"], "livenessProbe": {"a": 1}},
        ]}}},
    });
    let wanted = json!({
        "metadata": {"labels": {"app": "a", "b/c": "d"}},
        "spec": {"replicas": 2, "template": {"spec": {"volumes": [], "containers": [
            {"name": "buildkitd", "args": ["b", "c"], "startupProbe": {"a": 1}},
        ]}}},
    });
    assert_eq!(
        summary(&differences(&is, &wanted)),
        "gets buildkitd.startupProbe, volumes; loses buildkitd.livenessProbe; \
         changes buildkitd.args, labels, replicas"
    );
}
