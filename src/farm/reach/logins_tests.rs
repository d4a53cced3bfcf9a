use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::*;
use crate::cluster::fake::{cluster, refusal};

fn secret(kind: &str, key: &str, text: &str) -> Value {
    json!({
        "metadata": {"name": "r"}, "type": kind, "data": {key: BASE64.encode(text)},
    })
}

/// What comes of `--registry-secret NAME`, where every Secret is like this.
async fn read(name: &str, answer: (u16, Value)) -> Result<Vec<Logins>, Vec<String>> {
    let cluster = cluster(move |request| {
        let (code, body) = answer.clone();
        let path = request.uri().path().to_owned();
        async move {
            let known = ["team", "ci"].map(|space| format!("/api/v1/namespaces/{space}/secrets/r"));
            assert!(known.contains(&path), "{path}");
            (code, body)
        }
    });
    let read = registry_logins(&cluster, &[name.parse().unwrap()]).await;
    read.map_err(|error| {
        let mut lines = vec![error.to_string()];
        lines.extend(error.causes());
        lines.extend(error.hint_text().map(str::to_owned));
        lines
    })
}

#[tokio::test]
async fn secrets_of_both_types() {
    let entry = r#"{"a.example": {"username": "u", "password": "p"}}"#;
    let new = secret(TYPE, KEY, &format!(r#"{{"auths": {entry}}}"#));
    let old = secret(OLD_TYPE, OLD_KEY, entry);
    for (name, secret) in [("r", new), ("ci/r", old)] {
        let logins = read(name, (200, secret)).await.unwrap();
        let shown = format!("{logins:?}");
        assert!(shown.contains("a.example"), "{shown}");
        assert!(!shown.contains(r#""p""#), "{shown}");
    }
}

#[tokio::test]
async fn a_secret_that_is_not_there() {
    let missing = refusal(404, "NotFound", "secrets \"r\" not found", "secrets");
    let said = read("ci/r", missing).await.unwrap_err();
    assert_eq!(
        said[0],
        r#"--registry-secret ci/r: no secret "r" in namespace "ci""#
    );
    assert!(said[1].starts_with("kubectl create secret docker-registry r -n ci "));
}

#[tokio::test]
async fn a_secret_that_may_not_be_read() {
    let text =
        r#"secrets "r" is forbidden: User "u" cannot get resource "secrets" in API group """#;
    let said = read("r", refusal(403, "Forbidden", text, "secrets")).await;
    let said = said.unwrap_err();
    let expected =
        r#"--registry-secret r: forbidden: user "u" cannot get secrets in namespace "team""#;
    assert_eq!(said[0], expected);
    let hint = said.last().unwrap();
    assert!(hint.contains("--resource-name=r -n team"), "{hint}");
    assert!(hint.contains("can-i get secrets/r -n team"), "{hint}");
}

#[tokio::test]
async fn secrets_without_logins() {
    let table = [
        (
            secret("Opaque", KEY, "{}"),
            "is of the type Opaque, which has no registry logins",
        ),
        (secret(TYPE, "other", "{}"), "has no .dockerconfigjson"),
        (secret(OLD_TYPE, KEY, "{}"), "has no .dockercfg"),
        (secret(TYPE, KEY, "{"), "is no docker config file"),
        (secret(TYPE, KEY, "{}"), "has no logins"),
    ];
    for (secret, expected) in table {
        let said = read("r", (200, secret)).await.unwrap_err();
        assert!(said[0].ends_with(expected), "{said:?}");
        assert!(
            said[0].contains(r#"secret "r" in namespace "team""#),
            "{said:?}"
        );
        let hint = said.last().unwrap();
        assert!(
            hint.contains("kubectl create secret docker-registry NAME "),
            "{hint}"
        );
    }
}
