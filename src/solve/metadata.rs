//! What is known of a result, as `--metadata-file` and `--iidfile` show it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

const DIGEST: &str = "containerimage.digest";
const CONFIG_DIGEST: &str = "containerimage.config.digest";
const BUILD_REF: &str = "buildx.build.ref";

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
            .map(|(key, text)| (key.clone(), expanded(text)));
        let build_ref = build_ref.map(|value| (BUILD_REF.to_owned(), Value::String(value)));
        Self(values.chain(build_ref).collect())
    }

    /// The file's text.
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(&self.0).unwrap_or_default();
        format!("{text}\n")
    }
}

fn expanded(text: &str) -> Value {
    let object = BASE64
        .decode(text)
        .ok()
        .and_then(|json| serde_json::from_slice::<Value>(&json).ok())
        .filter(Value::is_object);
    object.unwrap_or_else(|| Value::String(text.to_owned()))
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
        ]);
        let json = Metadata::new(&response, Some("kube/kube0/x".into())).to_json();
        let value: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["containerimage.descriptor"]["size"], 1);
        assert_eq!(value["image.name"], "abcd");
        assert_eq!(value["buildx.build.ref"], "kube/kube0/x");
        assert_eq!(image_id(&response), Some("sha256:00"));
    }
}
