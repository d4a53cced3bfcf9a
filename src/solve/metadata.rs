//! What is known of a result, as `--metadata-file` and `--iidfile` show it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

use crate::model::Platform;

use super::provenance::PROVENANCE;

/// The answer that is the image's digest.
pub const DIGEST: &str = "containerimage.digest";
/// The answer that is the image's descriptor, as JSON in base64.
pub const DESCRIPTOR: &str = "containerimage.descriptor";
/// The answer that is the digest of the image's configuration.
pub const CONFIG_DIGEST: &str = "containerimage.config.digest";
const BUILD_REF: &str = "buildx.build.ref";
const WARNINGS: &str = "buildx.build.warnings";

/// What is known of a result: the exporters' answers, by buildx's keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Metadata(BTreeMap<String, Value>);

impl Metadata {
    /// The exporters' answers, and the build's own identity: `BUILDER/NODE/ID` if it ran on a
    /// builder.
    ///
    /// Answers that are JSON objects in base64 are shown as objects, as buildx shows them.
    pub fn new(response: &BTreeMap<String, String>, build_ref: Option<String>) -> Self {
        let values = response
            .iter()
            .map(|(key, text)| (key.clone(), expanded(key, text)));
        let build_ref = build_ref.map(|value| (BUILD_REF.to_owned(), Value::String(value)));
        Self(values.chain(build_ref).collect())
    }

    /// Adds what one of several nodes answered: each key with the platform behind it, as buildx
    /// writes `buildx.build.provenance/linux/amd64`.
    pub fn add_part(
        &mut self,
        platforms: &[Platform],
        response: &BTreeMap<String, String>,
        build_ref: Option<String>,
    ) {
        let part = Self::new(response, build_ref).0;
        for (key, value) in part {
            // The provenance of a part says itself for which platform it is.
            if key.starts_with(PROVENANCE) && key.contains('/') {
                self.0.insert(key, value);
                continue;
            }
            for platform in platforms {
                self.0.insert(format!("{key}/{platform}"), value.clone());
            }
        }
    }

    /// Adds what the daemon warned of; nothing if it did not.
    pub fn add_warnings(&mut self, warnings: Vec<Value>) {
        if !warnings.is_empty() {
            self.0.insert(WARNINGS.to_owned(), warnings.into());
        }
    }

    /// The file's text.
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(&self.0).unwrap_or_default();
        format!("{text}\n")
    }
}

/// Objects in base64, and lists of them, are shown as what they are. The result of a question to the
/// frontend is JSON without that.
fn expanded(key: &str, text: &str) -> Value {
    let json = match key {
        "result.json" => Some(text.as_bytes().to_vec()),
        _ => BASE64.decode(text).ok(),
    };
    let value = json.and_then(|json| serde_json::from_slice::<Value>(&json).ok());
    let says_something = |value: &Value| match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty() && items.iter().all(Value::is_object),
        _ => false,
    };
    value
        .filter(says_something)
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

/// The image's id: the digest of its configuration, or of its index if it has several.
pub fn image_id(response: &BTreeMap<String, String>) -> Option<&str> {
    response
        .get(CONFIG_DIGEST)
        .or_else(|| response.get(DIGEST))
        .map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_expanded_and_nothing_else() {
        let response = BTreeMap::from([
            (
                "containerimage.descriptor".to_owned(),
                BASE64.encode(r#"{"size":1}"#),
            ),
            ("containerimage.digest".to_owned(), "sha256:00".to_owned()),
            ("image.name".to_owned(), "abcd".to_owned()),
            ("result.json".to_owned(), r#"[{"a": 1}]"#.to_owned()),
        ]);
        let json = Metadata::new(&response, Some("kube/kube0/x".into())).to_json();
        let value: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["containerimage.descriptor"]["size"], 1);
        assert_eq!(value["image.name"], "abcd");
        assert_eq!(value["result.json"][0]["a"], 1);
        assert_eq!(value["buildx.build.ref"], "kube/kube0/x");
        assert_eq!(image_id(&response), Some("sha256:00"));
    }

    #[test]
    fn lists_of_objects_and_answers_of_the_frontend_are_shown_as_they_are() {
        let shown = |key: &str, text: &str| expanded(key, text).to_string();
        assert_eq!(shown("x", &BASE64.encode(r#"[{"a":1}]"#)), r#"[{"a":1}]"#);
        assert_eq!(shown("result.json", r#"{"a":1}"#), r#"{"a":1}"#);
        for text in ["{}", "[]", "[1]", "1", "\"x\""] {
            let text = BASE64.encode(text);
            assert_eq!(shown("x", &text), format!("{text:?}"));
        }
    }

    #[test]
    fn warnings_are_there_only_if_there_are_some() {
        let mut metadata = Metadata::new(&BTreeMap::new(), None);
        metadata.add_warnings(Vec::new());
        assert_eq!(metadata.to_json(), "{}\n");
        metadata.add_warnings(vec![serde_json::json!({"level": 1})]);
        let value: Value = serde_json::from_str(&metadata.to_json()).unwrap();
        assert_eq!(
            value["buildx.build.warnings"],
            serde_json::json!([{"level": 1}])
        );
    }

    #[test]
    fn what_several_nodes_answered_is_kept_by_platform() {
        let answer = |digest: &str| BTreeMap::from([(DIGEST.to_owned(), digest.to_owned())]);
        let mut metadata = Metadata::new(&answer("sha256:all"), Some("kube/a/x".into()));
        let platforms = |text: &str| {
            text.split(',')
                .map(|p| p.parse().unwrap())
                .collect::<Vec<_>>()
        };
        metadata.add_part(
            &platforms("amd64,386"),
            &answer("sha256:a"),
            Some("kube/a/x".into()),
        );
        let mut second = answer("sha256:b");
        let provenance = BASE64.encode(r#"{"buildType":"t"}"#);
        second.insert("buildx.build.provenance/linux/arm64".into(), provenance);
        metadata.add_part(&platforms("arm64"), &second, Some("kube/b/x".into()));
        let value: Value = serde_json::from_str(&metadata.to_json()).unwrap();
        assert_eq!(
            value,
            serde_json::json!({
                "buildx.build.provenance/linux/arm64": {"buildType": "t"},
                "buildx.build.ref": "kube/a/x",
                "buildx.build.ref/linux/386": "kube/a/x",
                "buildx.build.ref/linux/amd64": "kube/a/x",
                "buildx.build.ref/linux/arm64": "kube/b/x",
                "containerimage.digest": "sha256:all",
                "containerimage.digest/linux/386": "sha256:a",
                "containerimage.digest/linux/amd64": "sha256:a",
                "containerimage.digest/linux/arm64": "sha256:b",
            })
        );
    }
}
