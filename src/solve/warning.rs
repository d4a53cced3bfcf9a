//! A warning of a build, as `--metadata-file` shows it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};

use crate::event::{SourceRange, VertexWarning};

/// A warning in buildx's form: texts in base64, and nothing that is empty.
pub(super) fn warning(warning: &VertexWarning) -> Value {
    let detail: Vec<Value> = warning.detail.iter().map(encoded).collect();
    let source = warning.source.as_ref().map_or(Value::Null, |source| {
        object([
            ("filename", source.filename.as_str().into()),
            ("data", encoded(&source.data)),
            ("language", source.language.as_str().into()),
        ])
    });
    let ranges: Vec<Value> = warning.ranges.iter().map(range).collect();
    object([
        ("vertex", warning.vertex.as_str().into()),
        ("level", warning.level.into()),
        ("short", encoded(&warning.short)),
        ("detail", detail.into()),
        ("url", warning.url.as_str().into()),
        ("sourceInfo", source),
        ("range", ranges.into()),
    ])
}

fn encoded(bytes: &bytes::Bytes) -> Value {
    BASE64.encode(bytes).into()
}

fn range(range: &SourceRange) -> Value {
    let position = |line: i32, character: i32| {
        object([("line", line.into()), ("character", character.into())])
    };
    json!({
        "start": position(range.start_line, range.start_column),
        "end": position(range.end_line, range.end_column),
    })
}

/// The fields that say something.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let says = |value: &Value| {
        let empty = [Value::Null, 0.into(), "".into(), Value::Array(Vec::new())];
        !empty.contains(value)
    };
    let fields = fields.into_iter().filter(|(_, value)| says(value));
    let fields: Map<String, Value> = fields.map(|(key, value)| (key.to_owned(), value)).collect();
    fields.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::SourceInfo;

    #[test]
    fn a_warning_has_what_it_says_and_nothing_else() {
        let lint = VertexWarning {
            vertex: "sha256:1".into(),
            level: 1,
            short: "hi".into(),
            detail: vec!["ho".into()],
            url: "https://x".into(),
            source: Some(SourceInfo {
                filename: "Dockerfile".into(),
                data: "FROM".into(),
                language: String::new(),
            }),
            ranges: vec![SourceRange {
                start_line: 2,
                end_line: 2,
                ..SourceRange::default()
            }],
        };
        assert_eq!(
            warning(&lint),
            json!({
                "vertex": "sha256:1", "level": 1, "short": "aGk=", "detail": ["aG8="],
                "url": "https://x", "sourceInfo": {"filename": "Dockerfile", "data": "RlJPTQ=="},
                "range": [{"start": {"line": 2}, "end": {"line": 2}}]
            })
        );
        assert_eq!(warning(&VertexWarning::default()), json!({}));
    }
}
