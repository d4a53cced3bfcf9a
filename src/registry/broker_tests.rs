use super::super::fake::{Fake, Wants, registries};
use super::*;
use crate::model::Trust;

const USER: &str = r#"{"username": "u", "password": "p"}"#;

/// `u:p`, as a header.
const PASSWORD: &str = "Basic dTpw";

fn request(host: &str, realm: &str) -> TokenRequest {
    TokenRequest {
        host: host.to_owned(),
        realm: realm.to_owned(),
        service: "fake".into(),
        scopes: vec!["repository:x:pull".into(), "repository:y:pull".into()],
        client: "buildkit-client".into(),
    }
}

async fn with_tokens() -> Fake {
    Fake::start(Wants::Token(PASSWORD.into())).await
}

fn realm(fake: &Fake) -> String {
    fake.content.lock().unwrap().realm.clone()
}

fn seen(fake: &Fake) -> Vec<String> {
    fake.content.lock().unwrap().seen.clone()
}

fn user() -> Login {
    Login {
        username: "u".into(),
        secret: "p".into(),
        ..Login::default()
    }
}

#[tokio::test]
async fn a_token_for_the_daemon() {
    let (fake, usual) = (with_tokens().await, TrustOf::default());
    let registries = registries(&fake.host, USER, []);
    for _ in 0..2 {
        let fetcher = registries.fetcher(&fake.host, &usual).await.unwrap();
        assert_eq!(fetcher, Fetcher::Client(user()));
    }
    let request = request(&fake.host, &realm(&fake));
    let token = registries.token(&request, &usual).await.unwrap();
    assert_eq!(token.text, "t0ken");
    let asked = "GET /token?scope=repository%3Ax%3Apull&scope=repository%3Ay%3Apull&service=fake";
    // One question, in the scheme that it speaks, and one for the token.
    assert_eq!(seen(&fake), ["GET /v2/", asked]);
}

#[tokio::test]
async fn what_the_daemon_fetches_itself() {
    let (fake, usual) = (with_tokens().await, TrustOf::default());
    let nobody = registries(&fake.host, "{}", []);
    let off = registries(&fake.host, USER, [("BUILDKIT_NO_CLIENT_TOKEN", "true")]);
    for registries in [&nobody, &off] {
        let fetcher = registries.fetcher(&fake.host, &usual).await.unwrap();
        assert_eq!(fetcher, Fetcher::Daemon);
    }
    let request = request(&fake.host, &realm(&fake));
    let error = off.token(&request, &usual).await.unwrap_err();
    assert!(
        error.to_string().contains("BUILDKIT_NO_CLIENT_TOKEN"),
        "{error}"
    );
    assert_eq!(seen(&fake), [""; 0]);
    let on = registries(&fake.host, USER, [("BUILDKIT_NO_CLIENT_TOKEN", "0")]);
    assert_eq!(
        on.fetcher(&fake.host, &usual).await.unwrap(),
        Fetcher::Client(user())
    );
}

#[tokio::test]
async fn a_token_that_needs_no_fetching() {
    let (fake, usual) = (with_tokens().await, TrustOf::default());
    let registries = registries(&fake.host, r#"{"registrytoken": "as it is"}"#, []);
    let fetcher = registries.fetcher(&fake.host, &usual).await.unwrap();
    assert!(matches!(fetcher, Fetcher::Client(_)), "{fetcher:?}");
    let request = request(&fake.host, "https://elsewhere.example/");
    let token = registries.token(&request, &usual).await.unwrap();
    assert_eq!(token.text, "as it is");
    assert_eq!(seen(&fake), [""; 0]);
}

/// Why tokens are not fetched here; asked twice, answered once.
async fn why(registries: &Registries, host: &str, trust: &TrustOf) -> String {
    let fetcher = registries.fetcher(host, trust).await.unwrap();
    let again = registries.fetcher(host, trust).await.unwrap();
    assert_eq!(again, Fetcher::DaemonOnly(None));
    match fetcher {
        Fetcher::DaemonOnly(Some(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_token_server_that_only_the_daemon_reaches() {
    let (fake, usual) = (with_tokens().await, TrustOf::default());
    fake.content.lock().unwrap().realm = "http://127.0.0.1:1/token".into();
    let registries = registries(&fake.host, USER, []);
    let why = why(&registries, &fake.host, &usual).await;
    let expected = "its token server http://127.0.0.1:1/token is out of reach: ";
    assert!(why.starts_with(expected), "{why}");
    assert_eq!(seen(&fake), ["GET /v2/"]);
    let request = request(&fake.host, &realm(&fake));
    let error = registries.token(&request, &usual).await.unwrap_err();
    assert!(
        error.to_string().contains("not fetched by this machine"),
        "{error}"
    );
    assert!(error.hint().is_some());
}

#[tokio::test]
async fn registries_that_give_out_no_tokens_here() {
    let usual = TrustOf::default();
    let gone = registries("127.0.0.1:1", USER, []);
    assert!(why(&gone, "127.0.0.1:1", &usual).await.contains("refused"));
    for wants in [Wants::Nothing, Wants::Password(PASSWORD.into())] {
        let fake = Fake::start(wants).await;
        let silent = registries(&fake.host, USER, []);
        let why = why(&silent, &fake.host, &usual).await;
        assert_eq!(why, "it does not say who gives out its tokens");
    }
}

#[tokio::test]
async fn a_login_goes_only_where_the_registry_says() {
    let (fake, other, usual) = (with_tokens().await, with_tokens().await, TrustOf::default());
    let registries = registries(&fake.host, USER, []);
    let diverted = request(&fake.host, &realm(&other));
    let error = registries.token(&diverted, &usual).await.unwrap_err();
    assert!(
        error.to_string().contains("the login was not sent"),
        "{error}"
    );
    assert_eq!(seen(&other), [""; 0]);
    // Registries have a path of their own for each repository.
    let beside = request(&fake.host, &format!("{}?for=x", realm(&fake)));
    registries.token(&beside, &usual).await.unwrap();
}

#[tokio::test]
async fn a_registry_with_a_certificate_of_its_own() {
    let fake = Fake::start_secure(Wants::Token(PASSWORD.into())).await;
    let certificate = fake.certificate.clone().into_bytes();
    let trust = TrustOf::new(move |_| {
        let trust = Trust {
            authorities: vec![certificate.clone()],
            ..Trust::default()
        };
        Box::pin(async move { trust })
    });
    fake.content.lock().unwrap().realm = format!("https://{}/token", fake.host);
    let known = registries(&fake.host, USER, []);
    let request = request(&fake.host, &realm(&fake));
    let token = known.token(&request, &trust).await.unwrap();
    assert_eq!(token.text, "t0ken");
    let unknown = registries(&fake.host, USER, []);
    let why = why(&unknown, &fake.host, &TrustOf::default()).await;
    assert!(why.contains("certificate"), "{why}");
}

#[tokio::test]
async fn a_login_is_not_sent_in_the_clear() {
    let fake = Fake::start_secure(Wants::Token(PASSWORD.into())).await;
    let trust = TrustOf::new(|_| {
        let trust = Trust {
            is_unverified: true,
            ..Trust::default()
        };
        Box::pin(async move { trust })
    });
    // Somebody is there, without TLS.
    let plain = with_tokens().await;
    fake.content.lock().unwrap().realm = realm(&plain);
    let registries = registries(&fake.host, USER, []);
    let request = request(&fake.host, &realm(&fake));
    let error = registries.token(&request, &trust).await.unwrap_err();
    assert!(error.to_string().contains("without encryption"), "{error}");
    assert_eq!(seen(&plain), ["HEAD /token"]);
}

#[tokio::test]
async fn a_refusal_says_what_helps() {
    let (fake, usual) = (with_tokens().await, TrustOf::default());
    let registries = registries(&fake.host, r#"{"username": "u", "password": "q"}"#, []);
    let request = request(&fake.host, &realm(&fake));
    let error = registries.token(&request, &usual).await.unwrap_err();
    let expected = format!(
        "{} refused to give a token for repository:x:pull repository:y:pull: \
         401 Unauthorized: who is that?",
        realm(&fake)
    );
    assert_eq!(error.to_string(), expected);
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("docker login"))
    );
}
