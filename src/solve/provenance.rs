//! The provenance of a result, as `--metadata-file` shows it: in the words of SLSA v0.2, as buildx.

use serde_json::{Map, Value, json};

use crate::plan::ProvenanceDetail;

/// The answer that is the provenance.
pub const PROVENANCE: &str = "buildx.build.provenance";

const SLSA_1: &str = "https://slsa.dev/provenance/v1";
const BUILD_TYPE: &str = "https://mobyproject.org/buildkit@v1";

/// What is shown of a statement that the daemon wrote down.
///
/// # Errors
///
/// Fails if it is no JSON object.
pub fn provenance(
    predicate_type: &str,
    document: &[u8],
    detail: ProvenanceDetail,
) -> Result<Value, serde_json::Error> {
    let statement: Map<String, Value> = serde_json::from_slice(document)?;
    let mut shown = if predicate_type == SLSA_1 {
        older(&Value::Object(statement))
    } else {
        statement
    };
    if detail != ProvenanceDetail::Max {
        shown.remove("buildConfig");
        shown.remove("metadata");
    }
    Ok(shown.into())
}

/// A statement of SLSA v1 in the words of v0.2.
fn older(statement: &Value) -> Map<String, Value> {
    let (definition, run) = (&statement["buildDefinition"], &statement["runDetails"]);
    let (external, internal) = (
        &definition["externalParameters"],
        &definition["internalParameters"],
    );
    let mut shown = Map::from_iter([
        (
            "builder".to_owned(),
            json!({"id": run["builder"]["id"].as_str().unwrap_or_default()}),
        ),
        ("buildType".to_owned(), BUILD_TYPE.into()),
        ("invocation".to_owned(), invocation(external, internal)),
    ]);
    let materials: Vec<Value> = definition["resolvedDependencies"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|material| picked(material, &[("uri", "uri"), ("digest", "digest")]).into())
        .collect();
    if !materials.is_empty() {
        shown.insert("materials".into(), materials.into());
    }
    if internal["buildConfig"].is_object() {
        shown.insert("buildConfig".into(), internal["buildConfig"].clone());
    }
    if run["metadata"].is_object() {
        shown.insert("metadata".into(), metadata(&run["metadata"]));
    }
    shown
}

fn invocation(external: &Value, internal: &Value) -> Value {
    let source = [("uri", "uri"), ("digest", "digest"), ("path", "entryPoint")];
    let mut environment = internal.as_object().cloned().unwrap_or_default();
    for key in ["buildConfig", "targetPlatform"] {
        environment.remove(key);
    }
    let platform = environment.remove("builderPlatform");
    let platform = platform.unwrap_or_else(|| "".into());
    environment.insert("platform".into(), platform);
    let parameters = external["request"].as_object().cloned();
    json!({
        "configSource": picked(&external["configSource"], &source),
        "parameters": parameters.unwrap_or_default(),
        "environment": environment,
    })
}

fn metadata(run: &Value) -> Value {
    let times = [
        ("invocationId", "buildInvocationID"),
        ("startedOn", "buildStartedOn"),
        ("finishedOn", "buildFinishedOn"),
    ];
    let is = |value: &Value| value.as_bool().unwrap_or_default();
    let completeness = &run["buildkit_completeness"];
    let mut shown = picked(run, &times);
    shown.insert(
        "completeness".into(),
        json!({
            "parameters": is(&completeness["request"]),
            "environment": true,
            "materials": is(&completeness["resolvedDependencies"]),
        }),
    );
    shown.insert(
        "reproducible".into(),
        is(&run["buildkit_reproducible"]).into(),
    );
    let own = run["buildkit_metadata"].as_object().cloned();
    let own = own.unwrap_or_default();
    shown.insert(format!("{BUILD_TYPE}#metadata"), own.into());
    if is(&run["buildkit_hermetic"]) {
        shown.insert(format!("{BUILD_TYPE}#hermetic"), true.into());
    }
    shown.into()
}

/// These entries of an object that it has, under other names.
fn picked(object: &Value, names: &[(&str, &str)]) -> Map<String, Value> {
    let entry = |(from, to): &(&str, &str)| {
        let value = object.get(*from).filter(|value| !value.is_null())?;
        Some(((*to).to_owned(), value.clone()))
    };
    names.iter().filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement() -> Value {
        json!({
            "buildDefinition": {
                "buildType": "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md",
                "externalParameters": {
                    "configSource": {"path": "Dockerfile"},
                    "request": {"frontend": "dockerfile.v0", "args": {"a": "b"}}
                },
                "internalParameters": {
                    "builderPlatform": "linux/amd64",
                    "dockerfileVersion": "1.20",
                    "targetPlatform": "linux/arm64",
                    "buildConfig": {"llbDefinition": []},
                    "mine": "x"
                },
                "resolvedDependencies": [{"uri": "pkg:docker/x", "digest": {"sha256": "1"}, "name": "n"}]
            },
            "runDetails": {
                "builder": {"id": ""},
                "metadata": {
                    "invocationId": "i", "startedOn": "s", "finishedOn": "f",
                    "buildkit_metadata": {"layers": {}},
                    "buildkit_hermetic": true,
                    "buildkit_completeness": {"request": true, "resolvedDependencies": false}
                }
            }
        })
    }

    fn shown(kind: &str, detail: ProvenanceDetail) -> Value {
        provenance(kind, statement().to_string().as_bytes(), detail).unwrap()
    }

    #[test]
    fn a_statement_is_shown_in_the_words_of_v0_2() {
        let invocation = json!({
            "configSource": {"entryPoint": "Dockerfile"},
            "parameters": {"frontend": "dockerfile.v0", "args": {"a": "b"}},
            "environment": {"platform": "linux/amd64", "dockerfileVersion": "1.20", "mine": "x"},
        });
        let materials = json!([{"uri": "pkg:docker/x", "digest": {"sha256": "1"}}]);
        let mut expected = json!({
            "builder": {"id": ""},
            "buildType": "https://mobyproject.org/buildkit@v1",
            "invocation": invocation,
            "materials": materials,
        });
        assert_eq!(shown(SLSA_1, ProvenanceDetail::Min), expected);
        expected["buildConfig"] = json!({"llbDefinition": []});
        expected["metadata"] = json!({
            "buildInvocationID": "i", "buildStartedOn": "s", "buildFinishedOn": "f",
            "completeness": {"parameters": true, "environment": true, "materials": false},
            "reproducible": false,
            "https://mobyproject.org/buildkit@v1#metadata": {"layers": {}},
            "https://mobyproject.org/buildkit@v1#hermetic": true,
        });
        assert_eq!(shown(SLSA_1, ProvenanceDetail::Max), expected);
    }

    #[test]
    fn older_statements_are_shown_as_they_are() {
        let document = r#"{"builder":{"id":"b"},"buildConfig":{},"metadata":{}}"#;
        let kind = "https://slsa.dev/provenance/v0.2";
        let read = |detail| provenance(kind, document.as_bytes(), detail).unwrap();
        assert_eq!(read(ProvenanceDetail::Min), json!({"builder": {"id": "b"}}));
        let all: Value = serde_json::from_str(document).unwrap();
        assert_eq!(read(ProvenanceDetail::Max), all);
        assert!(provenance(kind, b"[]", ProvenanceDetail::Min).is_err());
    }
}
