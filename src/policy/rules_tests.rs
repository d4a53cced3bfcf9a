use super::super::needs::Fact;
use super::*;

/// A policy whose files are in a folder of their own.
fn load(files: &[(&str, &str)], names: &[&str]) -> Result<Policy, String> {
    let folder = tempfile::tempdir().unwrap().keep();
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let folders = Files {
        current: folder.clone(),
        context: Some(folder),
    };
    Policy::load(&names, folders, PolicyLog::default()).map_err(|error| error.to_string())
}

fn image() -> Source {
    let image = json!({"image": {"host": "docker.io", "tag": "1", "checksum": "sha256:0"}});
    Source {
        input: image.as_object().unwrap().clone(),
        ..Source::default()
    }
}

/// What a policy with that text says of an image.
fn decide(text: &str) -> Result<Decision, String> {
    let policy = load(
        &[("a.rego", &format!("package docker\n{text}"))],
        &["a.rego"],
    )?;
    let environment = json!({"args": {"A": "b"}, "depth": 0});
    let environment = environment.as_object().unwrap();
    let decided = policy.decide(&image(), environment);
    decided.map_err(|error| error.to_string())
}

#[test]
fn decisions() {
    let allowed = "default allow := false\nallow if input.image.host == \"docker.io\"\n";
    let decision = decide(&format!("{allowed}decision := {{\"allow\": allow}}")).unwrap();
    assert!(decision.is_allowed);
    let text = "deny_msg contains msg if { input.image.tag != \"2\"; msg := sprintf(\"tag %s\", [input.image.tag]) }\n\
                decision := {\"allow\": count(deny_msg) == 0, \"deny_msg\": deny_msg}";
    let decision = decide(text).unwrap();
    assert!(!decision.is_allowed);
    assert_eq!(decision.deny_messages, ["tag 1"]);
    let by_argument = "decision := {\"allow\": input.env.args.A == \"b\"}";
    assert!(decide(by_argument).unwrap().is_allowed);
    assert!(!decide("decision := {}").unwrap().is_allowed);
    let printed = decide("decision := {\"allow\": true} if print(\"host\", input.image.host)");
    assert_eq!(printed.unwrap().prints, ["a.rego:2: host docker.io"]);
}

#[test]
fn what_decides_nothing_is_refused() {
    for (text, reason) in [
        (
            "decision := {\"allow\": true} if input.git",
            "does not define data.docker.decision",
        ),
        ("x := 1", "does not define data.docker.decision"),
        ("decision := true", "no object with allow"),
        ("decision := {\"allow\": \"yes\"}", "no object with allow"),
        (
            "decision := {\"caps\": {\"fly\": true}}",
            "no object with allow",
        ),
        ("decision := {\"allow\": ", "a.rego:2"),
        (
            "decision := {\"allow\": http.send({})}",
            "could not find function",
        ),
        (
            "decision := {\"allow\": load_json(\"b.json\").x}",
            "there is no ",
        ),
    ] {
        let error = decide(text).unwrap_err();
        assert!(error.contains(reason), "{text}: {error}");
    }
}

#[test]
fn functions_beyond_rego() {
    let policy = load(
        &[
            (
                "a.rego",
                "package docker\ndata_of := load_json(\"b/c.json\")\n\
                 decision := {\"allow\": pin_image(input.image, data_of.digest)}",
            ),
            (
                "b/c.json",
                &format!("{{\"digest\": \"sha256:{}\"}}", "a".repeat(64)),
            ),
        ],
        &["a.rego"],
    )
    .unwrap();
    let decision = policy.decide(&image(), &Map::new()).unwrap();
    assert!(decision.is_allowed);
    assert_eq!(decision.pins, [format!("sha256:{}", "a".repeat(64))]);
    let other = "decision := {\"allow\": pin_image({}, \"sha256:0\")}";
    assert!(decide(other).unwrap_err().contains("not input.image"));
    let no_digest = "decision := {\"allow\": pin_image(input.image, \"1\")}";
    assert!(decide(no_digest).unwrap_err().contains("is no digest"));
    let time = "decision := {\"allow\": time.now_ns() - time.parse_rfc3339_ns(\"2024-01-02T03:04:05Z\") \
                > time.parse_duration_ns(\"24h\")}";
    assert!(decide(time).unwrap().is_allowed);
}

#[test]
fn a_git_signature_needs_a_commit() {
    let text = "decision := {\"allow\": verify_git_signature({}, \"k\")}";
    assert!(!decide(text).unwrap().is_allowed);
}

#[test]
fn imports_are_files() {
    let files = [
        (
            "a.rego",
            "package docker\nimport data.lib.hosts\nimport rego.v1\n\
             decision := {\"allow\": hosts.is_known(input.image.host)}",
        ),
        (
            "lib/hosts.rego",
            "# package of another name\npackage whatever.it.is # here\nimport data.lib.names\n\
             is_known(host) if host in names.all",
        ),
        ("lib/names.rego", "package x\nall := {\"docker.io\"}"),
    ];
    let policy = load(&files, &["a.rego"]).unwrap();
    assert!(policy.decide(&image(), &Map::new()).unwrap().is_allowed);
    let missing = load(&files[..1], &["a.rego"]).unwrap_err();
    assert!(missing.contains("lib/hosts.rego"), "{missing}");
}

#[test]
fn needs_are_those_of_all_files() {
    let files = [
        (
            "a.rego",
            "package docker\nimport data.lib\nallow if lib.f(input.image)",
        ),
        ("lib.rego", "package lib\nf(image) if image.labels.x"),
    ];
    let policy = load(&files, &["a.rego"]).unwrap();
    let mut source = image();
    assert_eq!(policy.lacks(&source), Needs::default());
    source.unknown.extend([Fact::Image, Fact::Checksum]);
    assert_eq!(policy.lacks(&source), Needs::from([Fact::Image]));
    let signed = load(
        &[("a.rego", "package docker\nx := input.image.signatures")],
        &["a.rego"],
    );
    assert!(signed.unwrap_err().contains("a.rego: signatures needs"));
}

#[test]
fn a_policy_may_want_the_proxy() {
    for (text, needs_proxy) in [
        ("decision := {\"allow\": true}", false),
        (
            "decision := {\"allow\": true, \"caps\": {\"exec.proxy\": true}}",
            true,
        ),
        (
            "decision := {\"caps\": {\"exec.proxy\": object.get(input.env, \"capsRequest\", false)}}",
            true,
        ),
    ] {
        let policy = load(
            &[("a.rego", &format!("package docker\n{text}"))],
            &["a.rego"],
        )
        .unwrap();
        assert_eq!(
            policy.needs_proxy(&Map::new()).unwrap(),
            needs_proxy,
            "{text}"
        );
    }
}
