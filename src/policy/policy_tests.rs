use super::*;
use crate::proto::frontend::ResolveSourceMetaResponse;

fn policies(texts: &[&str]) -> Policies {
    let folder = tempfile::tempdir().unwrap();
    let load = |(number, text): (usize, &&str)| {
        let name = format!("{number}.rego");
        std::fs::write(folder.path().join(&name), format!("package docker\n{text}")).unwrap();
        let files = Files {
            current: folder.path().into(),
            context: Some(folder.path().into()),
        };
        Policy::load(&[name], files, PolicyLog::default()).unwrap()
    };
    let policies = texts.iter().enumerate().map(load).collect();
    Policies::new(policies, &Environment::default())
}

fn request(identifier: &str) -> CheckPolicyRequest {
    CheckPolicyRequest {
        platform: Some(pb::Platform {
            os: "linux".to_owned(),
            architecture: "arm".to_owned(),
            variant: "v7".to_owned(),
        }),
        source: Some(ResolveSourceMetaResponse {
            source: Some(pb::SourceOp {
                identifier: identifier.to_owned(),
                ..pb::SourceOp::default()
            }),
            ..ResolveSourceMetaResponse::default()
        }),
    }
}

const IMAGE: &str = "docker-image://docker.io/library/a:1";
const ALLOW: &str = "decision := {\"allow\": true}";
const DENY: &str = "decision := {\"allow\": false, \"deny_msg\": [\"never\"]}";

fn decision(policies: &Policies, source: &str) -> DecisionResponse {
    match policies.check(&request(source)).unwrap().answer {
        Answer::Decision(decision) => decision,
        Answer::Request(request) => panic!("{request:?}"),
    }
}

#[test]
fn every_policy_must_allow_a_source() {
    let all = policies(&[ALLOW, DENY, ALLOW]);
    let denied = decision(&all, IMAGE);
    assert_eq!(denied.action(), PolicyAction::Deny);
    assert_eq!(denied.deny_messages[0].message, "never");
    let log = all.check(&request(IMAGE)).unwrap().log;
    let name = format!("{IMAGE} (linux/arm/v7)");
    assert_eq!(
        log,
        [
            format!("checking policy for source {name}"),
            format!("policy decision for source {name}: ALLOW"),
            format!("checking policy for source {name}"),
            format!("policy decision for source {name}: DENY"),
            " - never".to_owned(),
        ]
    );
    assert_eq!(
        decision(&policies(&[ALLOW]), IMAGE).action(),
        PolicyAction::Allow
    );
    assert_eq!(all.names(), "0.rego, 1.rego, 2.rego");
}

#[test]
fn what_a_policy_needs_is_asked_for_once() {
    let policies = policies(&["decision := {\"allow\": input.image.labels.a == \"b\"}"]);
    let mut request = request(IMAGE);
    let Answer::Request(asked) = policies.check(&request).unwrap().answer else {
        panic!("labels are not in a name")
    };
    let source = request.source.as_mut().unwrap();
    assert_eq!(asked.source, source.source);
    assert_eq!(asked.platform, request.platform);
    let image = asked.image.unwrap();
    assert!(!image.no_config && !image.attestation_chain && asked.git.is_none());
    let config = json!({"config": {"Labels": {"a": "b"}}}).to_string();
    source.image = Some(crate::proto::frontend::ResolveSourceImageResponse {
        digest: "sha256:1".to_owned(),
        config: config.into(),
        attestation_chain: None,
    });
    let Answer::Decision(decided) = policies.check(&request).unwrap().answer else {
        panic!("it is known")
    };
    assert_eq!(decided.action(), PolicyAction::Allow);
}

#[test]
fn an_image_is_pinned() {
    let digest = |c: &str| format!("sha256:{}", c.repeat(64));
    let pin = |c: &str| format!("pin_image(input.image, \"{}\")", digest(c));
    let one = policies(&[&format!("decision := {{\"allow\": {}}}", pin("a"))]);
    let pinned = decision(&one, IMAGE);
    assert_eq!(pinned.action(), PolicyAction::Convert);
    let update = pinned.update.unwrap();
    assert_eq!(update.identifier, format!("{IMAGE}@{}", digest("a")));
    assert_eq!(update.attrs["image.checksum"], digest("a"));
    // The daemon asks again about what it was given.
    assert_eq!(
        decision(&one, &update.identifier).action(),
        PolicyAction::Allow
    );
    let two = format!(
        "decision := {{\"allow\": true}} if {{ {}; {} }}",
        pin("a"),
        pin("b")
    );
    let error = policies(&[&two])
        .check(&request(IMAGE))
        .unwrap_err()
        .to_string();
    assert!(error.contains(" and to sha256:b"), "{error}");
}

#[test]
fn a_policy_that_fails_is_named() {
    let error = policies(&["decision := 1"])
        .check(&request(IMAGE))
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("policy 0.rego: its decision is no object")
    );
}
