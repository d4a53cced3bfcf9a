use super::super::digest::digest;
use super::super::fake::{Fake, Wants, registries};
use super::*;

/// `u:p`, as a header.
const PASSWORD: &str = "Basic dTpw";

/// What two nodes pushed to the repository `x`.
fn pushed(fake: &Fake) -> Vec<Part> {
    let part = |platform: &str| {
        let digest = fake.keep("x", &json!({"manifests": [{"digest": platform}]}));
        Part {
            descriptor: json!({"digest": digest}),
            platforms: vec![platform.parse().unwrap()],
        }
    };
    vec![part("amd64"), part("arm64")]
}

async fn push(fake: &Fake, entry: &str, names: &[&str], trust: Trust) -> Result<Pushed, PushError> {
    let names = names
        .iter()
        .map(|name| format!("{}/{name}", fake.host).parse().unwrap());
    let destination = Destination {
        names: &names.collect::<Vec<_>>(),
        trust: &BTreeMap::from([(fake.host.clone(), trust)]),
        by_digest: false,
    };
    let parts = pushed(fake);
    registries(&fake.host, entry, [])
        .push(&parts, destination)
        .await
}

fn unverified() -> Trust {
    Trust {
        is_unverified: true,
        ..Trust::default()
    }
}

/// The error with all its causes, in one line.
fn words(error: &PushError) -> String {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

#[tokio::test]
async fn one_index_under_every_name() {
    let fake = Fake::start(Wants::Nothing).await;
    let names = ["x:1", "x:2", "a/y"];
    let pushed = push(&fake, "{}", &names, Trust::default()).await.unwrap();
    let content = fake.content.lock().unwrap();
    let (media_type, body) = &content.manifests["x/1"];
    assert_eq!(media_type, "application/vnd.oci.image.index.v1+json");
    assert_eq!(digest(body), pushed.digest);
    let index: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(
        index["manifests"],
        json!([{"digest": "amd64"}, {"digest": "arm64"}])
    );
    for other in ["x/2", "a/y/latest"] {
        assert_eq!(&content.manifests[other].1, body);
    }
    assert_eq!(pushed.descriptor["digest"], pushed.digest);
    assert_eq!(pushed.descriptor["size"], body.len());
}

#[tokio::test]
async fn without_a_tag_under_its_digest() {
    let fake = Fake::start(Wants::Nothing).await;
    let names = [format!("{}/x", fake.host).parse().unwrap()];
    let destination = Destination {
        names: &names,
        trust: &BTreeMap::new(),
        by_digest: true,
    };
    let registries = registries(&fake.host, "{}", []);
    let pushed = registries.push(&pushed(&fake), destination).await.unwrap();
    let content = fake.content.lock().unwrap();
    let key = format!("x/{}", pushed.digest);
    assert!(content.manifests.contains_key(&key), "{content:?}");
}

#[tokio::test]
async fn logins_of_every_kind() {
    let user = r#"{"username": "u", "password": "p"}"#;
    let identity = r#"{"identitytoken": "i&d"}"#;
    let exchange = |login: &str| {
        format!(
            "service=fake&scope=repository%3Ax%3Apull%2Cpush&client_id=kubectl-buildkit&{login}"
        )
    };
    let by_identity = exchange("grant_type=refresh_token&refresh_token=i%26d");
    let by_password = exchange("grant_type=password&username=u&password=p");
    let table = [
        (Wants::Password(PASSWORD.into()), user),
        (Wants::Token(PASSWORD.into()), user),
        (Wants::Token(by_password), user),
        (Wants::Token(String::new()), "{}"),
        (Wants::Token(by_identity), identity),
        // An identity token as a password, without a user.
        (Wants::Token("Basic OmkmZA==".into()), identity),
        (
            Wants::Token("nothing".into()),
            r#"{"registrytoken": "t0ken"}"#,
        ),
    ];
    for (wants, entry) in table {
        let fake = Fake::start(wants.clone()).await;
        push(&fake, entry, &["x:1"], Trust::default())
            .await
            .unwrap();
        let content = fake.content.lock().unwrap();
        assert!(content.manifests.contains_key("x/1"), "{wants:?}");
        if wants == Wants::Token(PASSWORD.into()) {
            let asked = "GET /token?scope=repository%3Ax%3Apull%2Cpush&service=fake";
            assert!(content.seen.iter().any(|seen| seen == asked), "{content:?}");
        }
    }
}

#[tokio::test]
async fn a_login_that_is_refused() {
    let fake = Fake::start(Wants::Token(PASSWORD.into())).await;
    let error = push(&fake, "{}", &["x:1"], Trust::default())
        .await
        .unwrap_err();
    let expected = format!(
        "http://{}/token refused to give a token for repository:x:pull,push: 401 Unauthorized: who is that?",
        fake.host
    );
    assert_eq!(words(&error), expected);
    let fake = Fake::start(Wants::Password(PASSWORD.into())).await;
    let error = push(&fake, "{}", &["x:1"], Trust::default())
        .await
        .unwrap_err();
    assert!(
        words(&error).contains("refused to give out the manifest"),
        "{error}"
    );
}

#[tokio::test]
async fn a_busy_registry_is_asked_again() {
    let fake = Fake::start(Wants::Nothing).await;
    fake.content.lock().unwrap().busy = 2;
    push(&fake, "{}", &["x:1"], Trust::default()).await.unwrap();
    assert!(fake.content.lock().unwrap().manifests.contains_key("x/1"));
}

#[tokio::test]
async fn what_was_not_pushed_is_not_merged() {
    let fake = Fake::start(Wants::Nothing).await;
    let missing = digest(b"missing");
    let parts = |digest: &str| {
        vec![Part {
            descriptor: json!({"digest": digest}),
            platforms: vec!["amd64".parse().unwrap()],
        }]
    };
    let names = [format!("{}/x:1", fake.host).parse().unwrap()];
    let destination = Destination {
        names: &names,
        trust: &BTreeMap::new(),
        by_digest: false,
    };
    let registries = registries(&fake.host, "{}", []);
    let error = registries
        .push(&parts(&missing), destination)
        .await
        .unwrap_err();
    assert!(
        words(&error).ends_with("404 Not Found: MANIFEST_UNKNOWN"),
        "{error}"
    );

    let there = fake.keep("x", &json!({}));
    let other = (String::new(), "other".into());
    fake.content
        .lock()
        .unwrap()
        .manifests
        .insert(format!("x/{there}"), other);
    let error = registries
        .push(&parts(&there), destination)
        .await
        .unwrap_err();
    assert!(words(&error).contains("another content"), "{error}");
    assert!(!fake.content.lock().unwrap().manifests.contains_key("x/1"));
}

#[tokio::test]
async fn an_unknown_certificate_is_believed_only_if_the_user_says_so() {
    let fake = Fake::start_secure(Wants::Nothing).await;
    let error = push(&fake, "{}", &["x:1"], Trust::default())
        .await
        .unwrap_err();
    assert!(
        words(&error).contains("invalid peer certificate"),
        "{}",
        words(&error)
    );
    push(&fake, "{}", &["x:1"], unverified()).await.unwrap();
    assert!(fake.content.lock().unwrap().manifests.contains_key("x/1"));

    let known = Trust {
        authorities: vec![fake.certificate.clone().into_bytes()],
        ..Trust::default()
    };
    push(&fake, "{}", &["x:2"], known).await.unwrap();
    assert!(fake.content.lock().unwrap().manifests.contains_key("x/2"));
}

#[tokio::test]
async fn a_password_is_not_sent_in_the_clear() {
    let fake = Fake::start_secure(Wants::Token(PASSWORD.into())).await;
    let user = r#"{"username": "u", "password": "p"}"#;
    let error = push(&fake, user, &["x:1"], unverified()).await.unwrap_err();
    assert!(words(&error).contains("without encryption"), "{error}");
}

#[tokio::test]
async fn nobody_there() {
    let fake = Fake {
        host: "127.0.0.1:1".into(),
        ..Fake::default()
    };
    let error = push(&fake, "{}", &["x:1"], Trust::default())
        .await
        .unwrap_err();
    let expected = "cannot reach 127.0.0.1:1 from this machine: no answer";
    assert!(words(&error).starts_with(expected), "{}", words(&error));
}
