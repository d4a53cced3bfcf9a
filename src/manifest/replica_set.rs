//! Which pods of a Deployment are of its newest kind.

use k8s_openapi::api::apps::v1::ReplicaSet;
use kube::ResourceExt;

use super::workload::Workload;

/// The label of pods that tells what they were made from.
pub(super) const TEMPLATE_HASH: &str = "pod-template-hash";
/// Counts what a Deployment's pods were made from, one after the other.
const REVISION: &str = "deployment.kubernetes.io/revision";

/// Which version of its pods a Deployment speaks of; none for other workloads.
pub fn revision(workload: &Workload) -> Option<&str> {
    workload.annotation(REVISION)
}

/// The hash of the pods of that version.
pub fn newest_hash(sets: &[ReplicaSet], revision: &str) -> Option<String> {
    let newest = sets.iter().find(|set| {
        let of_set = set.annotations().get(REVISION);
        of_set.is_some_and(|of_set| of_set == revision)
    })?;
    newest.labels().get(TEMPLATE_HASH).cloned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Not the latest set: who takes a change back takes the old one again.
    #[test]
    fn the_revision_tells_the_newest() {
        let set = |revision: &str, hash: &str| -> ReplicaSet {
            serde_json::from_value(json!({"metadata": {
                "annotations": {REVISION: revision}, "labels": {TEMPLATE_HASH: hash}}}))
            .unwrap()
        };
        let sets = [set("3", "a"), set("2", "b")];
        assert_eq!(newest_hash(&sets, "3").as_deref(), Some("a"));
        assert_eq!(newest_hash(&sets, "4"), None);
    }
}
