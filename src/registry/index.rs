//! One index of several: what nodes pushed, each for its platforms, becomes one image.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::model::Platform;

use super::digest::digest;

const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// What registries are asked for.
pub(super) const ACCEPTED: &str = "application/vnd.oci.image.index.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.v2+json";

/// What one node pushed.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its descriptor, as the daemon gave it.
    pub descriptor: Value,
    /// The platforms that the node built for.
    pub platforms: Vec<Platform>,
}

/// An index, ready to be pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// What kind of index it is.
    pub media_type: &'static str,
    /// The index itself.
    pub body: Bytes,
    /// Its digest.
    pub digest: String,
}

/// Why there is no index.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// What was pushed is no JSON.
    #[error("a node pushed something that is no manifest")]
    Json(#[from] serde_json::Error),
    /// It has no list of manifests, and could be for any of several platforms.
    #[error("a node pushed one image for several platforms")]
    NoPlatform,
}

/// Puts the entries of all parts into one index, in the order of the parts. Entries are taken as they
/// are, attestations too; the same entry comes once. Annotations of all indexes are kept.
///
/// # Errors
///
/// Fails if a part is no manifest, or one image for several platforms.
pub fn merge(parts: &[(&Part, Bytes)]) -> Result<Index, MergeError> {
    let mut entries: Vec<Value> = Vec::new();
    let mut annotations = Map::new();
    let mut is_docker = true;
    for (part, body) in parts {
        let manifest: Value = serde_json::from_slice(body)?;
        is_docker &= manifest["mediaType"] == DOCKER_LIST;
        if let Some(own) = manifest["annotations"].as_object() {
            annotations.extend(own.clone());
        }
        let found = match manifest["manifests"].as_array() {
            Some(found) => found.clone(),
            None => vec![entry(part)?],
        };
        for entry in found {
            if !entries.contains(&entry) {
                entries.push(entry);
            }
        }
    }
    // Docker's lists have no annotations.
    let media_type = if is_docker && annotations.is_empty() {
        DOCKER_LIST
    } else {
        OCI_INDEX
    };
    let mut index = json!({
        "schemaVersion": 2,
        "mediaType": media_type,
        "manifests": entries,
    });
    if !annotations.is_empty() {
        index["annotations"] = annotations.into();
    }
    let body = Bytes::from(serde_json::to_vec_pretty(&index)?);
    Ok(Index {
        media_type,
        digest: digest(&body),
        body,
    })
}

/// The entry of a part that is one image and no index.
fn entry(part: &Part) -> Result<Value, MergeError> {
    let [platform] = &part.platforms[..] else {
        return Err(MergeError::NoPlatform);
    };
    let mut entry = part.descriptor.clone();
    let mut fields = json!({"os": platform.os(), "architecture": platform.architecture()});
    if let Some(variant) = platform.variant() {
        fields["variant"] = variant.into();
    }
    if let Some(version) = platform.os_version() {
        fields["os.version"] = version.into();
    }
    entry["platform"] = fields;
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(platforms: &[&str]) -> Part {
        Part {
            descriptor: json!({"mediaType": "m", "digest": "sha256:d", "size": 3}),
            platforms: platforms.iter().map(|p| p.parse().unwrap()).collect(),
        }
    }

    fn merged(parts: &[(Part, Value)]) -> Result<(Index, Value), MergeError> {
        let bodies = parts
            .iter()
            .map(|(part, body)| (part, body.to_string().into()));
        let index = merge(&bodies.collect::<Vec<_>>())?;
        let value = serde_json::from_slice(&index.body).unwrap();
        Ok((index, value))
    }

    fn image(digest: &str, platform: &str) -> Value {
        json!({"digest": digest, "size": 1, "platform": {"os": "linux", "architecture": platform}})
    }

    fn attestation(of: &str) -> Value {
        json!({"digest": format!("{of}-a"), "size": 2, "annotations": {
            "vnd.docker.reference.digest": of, "vnd.docker.reference.type": "attestation-manifest"}})
    }

    #[test]
    fn entries_of_all_nodes_with_their_attestations() {
        let (a, b) = (image("sha256:a", "amd64"), image("sha256:b", "arm64"));
        let (for_a, for_b) = (attestation("sha256:a"), attestation("sha256:b"));
        let index = |entries: Value, note: &str| {
            json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries,
                "annotations": {"same": "x", note: "y"}})
        };
        let (index, value) = merged(&[
            (part(&["amd64"]), index(json!([a, for_a]), "one")),
            (part(&["arm64"]), index(json!([b, for_b, for_a]), "two")),
        ])
        .unwrap();
        assert_eq!(value["manifests"], json!([a, for_a, b, for_b]));
        assert_eq!(value["mediaType"], OCI_INDEX);
        assert_eq!(index.media_type, OCI_INDEX);
        assert_eq!(
            value["annotations"],
            json!({"same": "x", "one": "y", "two": "y"})
        );
        assert_eq!(index.digest, digest(&index.body));
    }

    #[test]
    fn lists_of_dockers_make_a_list_of_dockers() {
        let list =
            |digest: &str| json!({"mediaType": DOCKER_LIST, "manifests": [image(digest, "x")]});
        let of = |kind: &str| json!({"mediaType": kind, "manifests": []});
        let media_type = |second: Value| {
            let parts = [
                (part(&["amd64"]), list("sha256:a")),
                (part(&["arm64"]), second),
            ];
            merged(&parts).unwrap().0.media_type
        };
        assert_eq!(media_type(list("sha256:b")), DOCKER_LIST);
        assert_eq!(media_type(of(OCI_INDEX)), OCI_INDEX);
    }

    #[test]
    fn a_lone_image_gets_the_platform_of_its_node() {
        let image = json!({"mediaType": "m", "config": {}, "layers": []});
        let (_, value) = merged(&[(part(&["linux/arm/v7"]), image.clone())]).unwrap();
        assert_eq!(
            value["manifests"],
            json!([{"mediaType": "m", "digest": "sha256:d", "size": 3,
                "platform": {"os": "linux", "architecture": "arm", "variant": "v7"}}])
        );
        let two = merged(&[(part(&["amd64", "arm64"]), image)]);
        assert!(matches!(two, Err(MergeError::NoPlatform)), "{two:?}");
        assert!(matches!(
            merge(&[(&part(&[]), Bytes::from("x"))]),
            Err(MergeError::Json(_))
        ));
    }
}
