use ring::signature::{ED25519, UnparsedPublicKey};
use tokio::sync::mpsc::Receiver;
use tonic::Code;

use super::super::failure::Failure;
use super::super::ledger::Ledger;
use super::auth_server::Auth as _;
use super::*;
use crate::event::{Event, Events};
use crate::registry::fake::{Fake, Wants, registries};

const USER: &str = r#"{"username": "u", "password": "p"}"#;
const PASSWORD: &str = "Basic dTpw";

/// A session of a user with this login for `host`, and what is shown of it.
fn session(host: &str, entry: &str) -> (Auth, Ledger, (Events, Receiver<Event>)) {
    let (events, shown) = Events::channel();
    let ledger = Ledger::default();
    let auth = Auth {
        registries: registries(host, entry, []).into(),
        trust: TrustOf::default(),
        authority: Authority::random().unwrap(),
        witness: Witness::new(events.downgrade(), ledger.clone()),
    };
    (auth, ledger, (events, shown))
}

/// Notes, and steps with their errors.
fn lines((_, mut shown): (Events, Receiver<Event>)) -> Vec<String> {
    let mut lines = Vec::new();
    while let Ok(event) = shown.try_recv() {
        match event {
            Event::Note(line) => lines.push(line),
            Event::Status(status) => {
                let steps = status.vertexes.into_iter();
                lines.extend(steps.map(|step| format!("{}|{}", step.name, step.error)));
            }
            other => panic!("{other:?}"),
        }
    }
    lines
}

fn authority(host: &str) -> Request<GetTokenAuthorityRequest> {
    Request::new(GetTokenAuthorityRequest {
        host: host.to_owned(),
        salt: "salt".into(),
    })
}

fn fetch(host: &str) -> Request<FetchTokenRequest> {
    Request::new(FetchTokenRequest {
        client_id: "buildkit-client".into(),
        host: host.to_owned(),
        realm: format!("http://{host}/token"),
        service: "fake".into(),
        scopes: vec![
            "repository:a/x:pull".into(),
            "repository:y:pull,push".into(),
        ],
    })
}

async fn credentials(auth: &Auth, host: &str) -> (String, String) {
    let host = host.to_owned();
    let request = Request::new(CredentialsRequest { host });
    let answer = auth.credentials(request).await.unwrap().into_inner();
    (answer.username, answer.secret)
}

#[tokio::test]
async fn the_daemon_gets_a_token_and_no_password() {
    let fake = Fake::start(Wants::Token(PASSWORD.into())).await;
    let (auth, _, shown) = session(&fake.host, USER);
    let key = auth.get_token_authority(authority(&fake.host)).await;
    let key = key.unwrap().into_inner().public_key;
    let proof = VerifyTokenAuthorityRequest {
        host: fake.host.clone(),
        payload: "payload".into(),
        salt: "salt".into(),
    };
    let signed = auth.verify_token_authority(Request::new(proof)).await;
    let signed = signed.unwrap().into_inner().signed;
    let (signature, payload) = signed.split_at(64);
    let key = UnparsedPublicKey::new(&ED25519, &key);
    assert!(key.verify(payload, signature).is_ok());
    let token = auth
        .fetch_token(fetch(&fake.host))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(token.token, "t0ken");
    assert_eq!((token.expires_in, token.issued_at), (60, 0));
    let expected = format!("[auth] a/x:pull y:pull,push token for {}|", fake.host);
    assert_eq!(lines(shown), [expected]);
}

#[tokio::test]
async fn the_daemon_gets_the_password_if_it_must() {
    let fake = Fake::start(Wants::Token(PASSWORD.into())).await;
    fake.content.lock().unwrap().realm = "http://127.0.0.1:1/".into();
    let (auth, _, shown) = session(&fake.host, USER);
    for _ in 0..2 {
        let refused = auth.get_token_authority(authority(&fake.host)).await;
        assert_eq!(refused.unwrap_err().code(), Code::Unavailable);
        let login = credentials(&auth, &fake.host).await;
        assert_eq!(login, ("u".to_owned(), "p".to_owned()));
    }
    let shown = lines(shown);
    assert_eq!(shown.len(), 2, "{shown:?}");
    let noted = format!(
        "tokens for {} cannot be fetched from this machine",
        fake.host
    );
    assert!(shown[0].starts_with(&noted), "{shown:?}");
    let shared = format!("[auth] sharing credentials for {}|", fake.host);
    assert_eq!(shown[1], shared);
}

#[tokio::test]
async fn nobody_is_nobody() {
    let (auth, _, shown) = session("127.0.0.1:1", "{}");
    let refused = auth.get_token_authority(authority("127.0.0.1:1")).await;
    assert_eq!(refused.unwrap_err().code(), Code::Unavailable);
    let login = credentials(&auth, "127.0.0.1:1").await;
    assert_eq!(login, (String::new(), String::new()));
    assert_eq!(lines(shown), [""; 0]);
}

#[tokio::test]
async fn a_refusal_is_kept_for_the_user() {
    let fake = Fake::start(Wants::Token("Basic other".into())).await;
    let (auth, ledger, shown) = session(&fake.host, USER);
    let refused = auth.fetch_token(fetch(&fake.host)).await.unwrap_err();
    assert!(ledger.take_failure("another step failed").is_none());
    let said = format!("failed to authorize: rpc error: {}", refused.message());
    let Some(Failure::Local { error, hint }) = ledger.take_failure(&said) else {
        panic!("kept")
    };
    assert_eq!(error.to_string(), refused.message());
    assert!(hint.is_some_and(|hint| hint.contains("docker login")));
    let expected = format!(
        "[auth] a/x:pull y:pull,push token for {}|{}",
        fake.host,
        refused.message()
    );
    assert_eq!(lines(shown), [expected]);
}
