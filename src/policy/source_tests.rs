use super::*;
use crate::proto::frontend::{AttestationChain, ResolveSourceHttpResponse};

fn amd64() -> pb::Platform {
    pb::Platform {
        os: "linux".to_owned(),
        architecture: "amd64".to_owned(),
        ..pb::Platform::default()
    }
}

fn said(identifier: &str) -> ResolveSourceMetaResponse {
    ResolveSourceMetaResponse {
        source: Some(pb::SourceOp {
            identifier: identifier.to_owned(),
            ..pb::SourceOp::default()
        }),
        ..ResolveSourceMetaResponse::default()
    }
}

fn read(said: &ResolveSourceMetaResponse) -> Source {
    Source::read(said, Some(&amd64())).unwrap()
}

fn input(said: &ResolveSourceMetaResponse) -> Value {
    Value::Object(read(said).input)
}

#[test]
fn images_by_name() {
    let source = read(&said("docker-image://docker.io/library/busybox:1.36"));
    let image = json!({
        "ref": "docker.io/library/busybox:1.36", "host": "docker.io", "repo": "busybox",
        "fullRepo": "docker.io/library/busybox", "tag": "1.36",
        "platform": "linux/amd64", "os": "linux", "arch": "amd64",
    });
    assert_eq!(Value::Object(source.input)["image"], image);
    assert_eq!(
        source.unknown,
        Needs::from([Fact::Image, Fact::Attestations])
    );
    let digest = format!("sha256:{}", "a".repeat(64));
    let name = format!("docker-image://localhost:5000/a/b@{digest}");
    let image = &input(&said(&name))["image"];
    assert_eq!(image["repo"], "localhost:5000/a/b");
    assert_eq!(image["checksum"], digest);
    assert_eq!(image["isCanonical"], true);
    assert_eq!(image["tag"], Value::Null);
}

#[test]
fn images_that_were_looked_up() {
    let mut said = said("docker-image://docker.io/library/a:latest");
    let config = json!({
        "created": "2024-01-02T03:04:05.678Z",
        "config": {"User": "1", "Env": ["A=b"], "Labels": {"k": "v"}, "Volumes": {"/v": {}}, "WorkingDir": "/w"},
    });
    said.image = Some(ResolveSourceImageResponse {
        digest: "sha256:1".to_owned(),
        config: config.to_string().into(),
        attestation_chain: None,
    });
    let source = read(&said);
    assert_eq!(source.unknown, Needs::from([Fact::Attestations]));
    let image = &Value::Object(source.input)["image"];
    for (name, value) in [
        ("checksum", json!("sha256:1")),
        ("createdTime", json!("2024-01-02T03:04:05Z")),
        ("env", json!(["A=b"])),
        ("labels", json!({"k": "v"})),
        ("volumes", json!(["/v"])),
        ("user", json!("1")),
        ("workingDir", json!("/w")),
        ("hasProvenance", Value::Null),
    ] {
        assert_eq!(image[name], value, "{name}");
    }
    let chain = AttestationChain {
        attestation_manifest: "sha256:2".to_owned(),
    };
    let known = said.image.as_mut().unwrap();
    known.attestation_chain = Some(chain);
    known.config = bytes::Bytes::new();
    let source = read(&said);
    assert_eq!(source.unknown, Needs::from([Fact::Image]));
    assert_eq!(Value::Object(source.input)["image"]["hasProvenance"], true);
}

#[test]
fn downloads() {
    let mut said = said("https://Example.com:443/a%20b?x=1&x=2&y=%26");
    let http = input(&said)["http"].clone();
    assert_eq!(
        http,
        json!({
            "url": "https://Example.com:443/a%20b?x=1&x=2&y=%26", "schema": "https",
            "host": "example.com", "path": "/a b", "query": {"x": ["1", "2"], "y": ["&"]},
        })
    );
    assert_eq!(read(&said).unknown, Needs::from([Fact::Checksum]));
    said.http = Some(ResolveSourceHttpResponse {
        checksum: "sha256:1".to_owned(),
    });
    assert_eq!(read(&said).unknown, Needs::new());
    assert_eq!(input(&said)["http"]["checksum"], "sha256:1");
    for (url, host) in [
        ("http://a:8080/", "a:8080"),
        ("http://a./", "a"),
        ("http://[::1]:80/", "[::1]"),
        ("http://bücher.example/", "xn--bcher-kva.example"),
    ] {
        assert_eq!(input(&self::said(url))["http"]["host"], host, "{url}");
    }
}

#[test]
fn repositories_by_name() {
    for (identifier, full, git) in [
        (
            "git://github.com/a/b.git#main:sub/c",
            Some("https://github.com/a/b.git"),
            json!({
                "schema": "https", "host": "github.com", "remote": "https://github.com/a/b.git",
                "fullURL": "https://github.com/a/b.git", "subDir": "sub/c",
            }),
        ),
        (
            "git://github.com/a/b.git#refs/tags/v1",
            Some("git@github.com:a/b.git"),
            json!({
                "schema": "ssh", "host": "github.com", "remote": "git@github.com:a/b.git",
                "fullURL": "git@github.com:a/b.git", "tagName": "v1", "ref": "refs/tags/v1",
            }),
        ),
        (
            "git://github.com/a/b.git",
            None,
            json!({"schema": "https", "host": "github.com", "remote": "https://github.com/a/b.git"}),
        ),
    ] {
        let mut said = said(identifier);
        let attributes = full.map(|full| (FULL_URL.to_owned(), full.to_owned()));
        said.source.as_mut().unwrap().attrs = attributes.into_iter().collect();
        let source = read(&said);
        assert_eq!(
            source.unknown,
            Needs::from([Fact::Commit, Fact::Objects]),
            "{identifier}"
        );
        assert_eq!(Value::Object(source.input)["git"], git, "{identifier}");
    }
    let commit = "b".repeat(40);
    let source = read(&said(&format!("git://github.com/a/b.git#{commit}")));
    assert_eq!(source.unknown, Needs::from([Fact::Objects]));
    let git = &Value::Object(source.input)["git"];
    assert_eq!(git["isCommitRef"], true);
    assert_eq!(git["commitChecksum"], commit);
}

#[test]
fn repositories_that_were_looked_up() {
    let mut said = said("git://github.com/a/b.git#v1");
    let name = "bc9a9493502c5d5388a4035b6c6df5a683057304";
    said.git = Some(ResolveSourceGitResponse {
        checksum: "a29909fb204afe4e6f127b88e6cb4224f23d2f8b".to_owned(),
        commit_checksum: name.to_owned(),
        r#ref: "refs/tags/v1".to_owned(),
        commit_object: bytes::Bytes::from_static(include_bytes!("testdata/commit")),
        tag_object: bytes::Bytes::from_static(include_bytes!("testdata/tag")),
    });
    let source = read(&said);
    assert_eq!(source.unknown, Needs::default());
    assert_eq!(source.objects.len(), 2);
    let git = &Value::Object(source.input)["git"];
    assert_eq!(git["tagName"], "v1");
    assert_eq!(git["isAnnotatedTag"], true);
    assert_eq!(git["commit"]["author"]["name"], "Ada x L");
    assert_eq!(git["tag"]["tag"], "v1");
    let known = said.git.as_mut().unwrap();
    known.commit_checksum = "c".repeat(40);
    let lie = Source::read(&said, None).unwrap_err().to_string();
    assert!(lie.contains("another git object"), "{lie}");
}

#[test]
fn what_is_no_source_is_refused() {
    assert_eq!(input(&said("local://context"))["local"]["name"], "context");
    for name in [
        "x",
        "oci-layout://x@sha256:1",
        "docker-image://A b",
        "http://",
    ] {
        assert!(Source::read(&said(name), None).is_err(), "{name}");
    }
}
