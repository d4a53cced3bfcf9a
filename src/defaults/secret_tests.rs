use super::*;
use crate::defaults::Source;

#[test]
fn secrets_are_told_by_their_names() {
    for name in [
        "TOKEN",
        "GITHUB_TOKEN",
        "secret_MESSAGE",
        "AccountKey",
        "npm.auth",
        "session_token",
        "X-Amz-Signature",
    ] {
        assert!(is_secret(name), "{name}");
    }
    for name in [
        "",
        "KEYBOARD",
        "MONKEY",
        "PUBLIC_KEY",
        "author",
        "ref",
        "tokens",
    ] {
        assert!(!is_secret(name), "{name}");
    }
}

/// A flag, a value of it, and what is shown.
const SHOWN: &[(&str, &str, &str)] = &[
    ("token", "abc", "REDACTED"),
    ("builder", "token", "token"),
    // Build arguments and variables: all behind the name is the value.
    ("build-arg", "NPM_TOKEN=a,b c", "NPM_TOKEN=REDACTED"),
    ("build-arg", "KEY=a", "KEY=REDACTED"),
    ("build-arg", "NPM_TOKEN", "NPM_TOKEN"),
    ("build-arg", "NPM_TOKEN=", "NPM_TOKEN="),
    ("build-arg", "VERSION=1,token=2", "VERSION=1,token=2"),
    (
        "build-arg",
        "HTTP_PROXY=http://me:pw@proxy:3128/",
        "HTTP_PROXY=http://me:REDACTED@proxy:3128/",
    ),
    (
        "env",
        "https_proxy=me:p@w@proxy:3128",
        "https_proxy=me:REDACTED@proxy:3128",
    ),
    (
        "env",
        "NO_PROXY=10.0.0.0/8,.local",
        "NO_PROXY=10.0.0.0/8,.local",
    ),
    // Caches and results.
    (
        "cache-to",
        "type=s3,region=r,bucket=b,access_key_id=i,secret_access_key=s,session_token=t,mode=max",
        "type=s3,region=r,bucket=b,access_key_id=REDACTED,secret_access_key=REDACTED,session_token=REDACTED,mode=max",
    ),
    (
        "cache-from",
        "type=azblob,account_url=https://a.blob.core.windows.net/?sv=1&sig=abc,\"secret_access_key=a,b\",name=c",
        "type=azblob,account_url=https://a.blob.core.windows.net/?sv=1&sig=REDACTED,\"secret_access_key=REDACTED\",name=c",
    ),
    (
        "cache-to",
        "type=gha,token=abc,scope=it's,url_v2=u,token=x'",
        "type=gha,token=REDACTED,scope=it's,url_v2=u,token=REDACTED",
    ),
    (
        "cache-from",
        "type=registry,ref=registry.example/token",
        "type=registry,ref=registry.example/token",
    ),
    (
        "secret",
        "id=token,src=/run/token",
        "id=token,src=/run/token",
    ),
    // Where things are.
    (
        "build-context",
        "src=https://ghp_abc@github.com/a/b.git#main",
        "src=https://REDACTED@github.com/a/b.git#main",
    ),
    (
        "build-context",
        "src=ssh://git@github.com/a/b.git",
        "src=ssh://git@github.com/a/b.git",
    ),
    (
        "build-context",
        "a=docker-image://b:1@sha256:00",
        "a=docker-image://b:1@sha256:00",
    ),
    (
        "file",
        "https://me:pw@host/Dockerfile?private_token=abc",
        "https://me:REDACTED@host/Dockerfile?private_token=REDACTED",
    ),
    ("server", "https://10.0.0.1:6443", "https://10.0.0.1:6443"),
    // Builders.
    (
        "toleration",
        "key=gpu,operator=Exists",
        "key=gpu,operator=Exists",
    ),
    (
        "node-selector",
        "example.com/key=value",
        "example.com/key=value",
    ),
    ("label", "example.com/token=a", "example.com/token=a"),
    ("image-pull-secret", "login", "login"),
    (
        "driver-opt",
        "replicas=2,env.NPM_TOKEN=a,b",
        "replicas=2,env.NPM_TOKEN=REDACTED",
    ),
    (
        "driver-opt",
        "\"env.HTTP_PROXY=http://me:pw@proxy\",rootless=true",
        "\"env.HTTP_PROXY=http://me:REDACTED@proxy\",rootless=true",
    ),
    (
        "driver-opt",
        "tolerations=key=gpu,operator=Exists",
        "tolerations=key=gpu,operator=Exists",
    ),
    (
        "buildkitd-flags",
        "--debug --auth-token=abc --addr x",
        "--debug --auth-token=REDACTED --addr x",
    ),
    ("patch", "patch.yaml", "patch.yaml"),
    (
        "patch",
        "{spec: {hostNetwork: true}}",
        "{spec: {hostNetwork: true}}",
    ),
    (
        "patch",
        "[{op: add, path: /spec/containers/0/env/-, value: {name: API_TOKEN, value: abc}}]",
        r#"[{"op":"add","path":"/spec/containers/0/env/-","value":{"name":"API_TOKEN","value":"REDACTED"}}]"#,
    ),
];

#[test]
fn only_secrets_are_hidden() {
    for (flag, value, shown) in SHOWN {
        assert_eq!(value_of(flag, value), *shown, "{flag}: {value}");
        assert_eq!(value_of(flag, shown), *shown, "{flag}: {value}");
    }
}

#[test]
fn what_is_said_of_a_value_has_no_secrets_in_it() {
    let entry = Entry {
        key: "build.cache-to".to_owned(),
        values: vec!["tpye=gha,token=abc".to_owned(), "a".to_owned()],
        source: Source::Variable("X".to_owned()),
    };
    let said = without(&entry, "invalid value 'tpye=gha,token=abc' for a cache");
    assert_eq!(said, "invalid value 'tpye=gha,token=REDACTED' for a cache");
}

proptest::proptest! {
    #[test]
    fn nothing_around_a_secret_keeps_it_from_being_hidden(
        flag in "cache-to|output|file|driver-opt|buildkitd-flags|server",
        before in "([a-z]|=|,|\"|'|@|:|/|://|\\?|&|\n| |token=|env\\.|é|\\{|\\[|\\}){0,24}",
        end in "[,;&?\n]",
        after in "([a-z]|=|,|\"|'|@|:|/|://|\\?|&|\n| |token=|é|\\{|\\[|\\}){0,24}",
    ) {
        let text = format!("{before}{end}token=S3CRET{after}");
        let shown = value_of(&flag, &text);
        proptest::prop_assert!(!shown.contains("S3CRET"), "{}", shown);
    }
}
