use std::fs;
use std::path::Path;

use bytes::Bytes;
use http::StatusCode;

use super::address::{Address, Search, search};
use super::fake::{Behaviour, Fake};
use super::{Engine, EngineError, Import};
use crate::env::Env;
use crate::error::Error;
use crate::event::{Event, Events};
use crate::files::{Chunks, Taker as _};

fn context(folder: &Path, name: &str, meta: &str) {
    let id = super::context::id(name);
    let folder = folder.join("contexts/meta").join(id);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("meta.json"), meta).unwrap();
}

fn chosen(env: &Env, context: Option<&str>) -> String {
    match search(env, context) {
        Ok(Search::Chosen(address)) => match &address {
            Address::Tcp { tls: Some(tls), .. } => format!("{address} {}", tls.key.display()),
            _ => address.to_string(),
        },
        Ok(Search::Usual(addresses)) => {
            let addresses: Vec<String> = addresses.iter().map(Address::to_string).collect();
            addresses.join(" ")
        }
        Err(error) => format!("{error}"),
    }
}

#[test]
fn the_engine_is_the_one_that_docker_uses() {
    let folder = tempfile::tempdir().unwrap();
    let docker = folder.path();
    let meta = r#"{"Name":"remote","Metadata":{},"Endpoints":{"docker":{"Host":"tcp://far:1","SkipTLSVerify":false}}}"#;
    context(docker, "remote", meta);
    context(
        docker,
        "other",
        r#"{"Name":"other","Endpoints":{"docker":{"Host":"unix:///o"}}}"#,
    );
    context(docker, "none", r#"{"Name":"none","Endpoints":{}}"#);
    let path = docker.to_str().unwrap();
    let usual = Env::from_variables([("DOCKER_CONFIG", path), ("XDG_RUNTIME_DIR", "/run/user/1")]);
    assert_eq!(
        chosen(&usual, None),
        "unix:///var/run/docker.sock unix:///run/user/1/docker.sock \
         unix:///run/user/1/podman/podman.sock unix:///run/podman/podman.sock"
    );
    assert_eq!(chosen(&usual, Some("other")), "unix:///o");
    assert_eq!(chosen(&usual, Some("tcp://h:2")), "tcp://h:2");
    assert_eq!(
        chosen(&usual, Some("nowhere")),
        "docker has no context \"nowhere\"; it has none, other, remote"
    );
    assert_eq!(
        chosen(&usual, Some("none")),
        "docker's context \"none\" names no engine"
    );

    fs::write(docker.join("config.json"), r#"{"currentContext":"remote"}"#).unwrap();
    assert_eq!(chosen(&usual, None), "tcp://far:1");
    let keys = docker
        .join("contexts/tls")
        .join(super::context::id("remote"));
    fs::create_dir_all(keys.join("docker")).unwrap();
    let key = keys.join("docker/key.pem").display().to_string();
    assert_eq!(chosen(&usual, None), format!("tcp://far:1 {key}"));
    let with = |name, value| Env::from_variables([("DOCKER_CONFIG", path), (name, value)]);
    assert_eq!(chosen(&with("DOCKER_CONTEXT", "other"), None), "unix:///o");
    assert!(chosen(&with("DOCKER_CONTEXT", "default"), None).contains("/run/podman/podman.sock"));
    assert_eq!(chosen(&with("DOCKER_HOST", "unix:///h"), None), "unix:///h");
    let named = chosen(&with("DOCKER_HOST", "unix:///h"), Some("other"));
    assert_eq!(named, "unix:///o");
    let default = chosen(&with("DOCKER_HOST", "unix:///h"), Some("default"));
    assert_eq!(default, "unix:///h");
    let ssh = chosen(&with("DOCKER_HOST", "ssh://h"), None);
    assert!(ssh.starts_with("\"ssh://h\" is no address"), "{ssh}");
    let env = Env::from_variables([
        ("DOCKER_HOST", "tcp://h:2376"),
        ("DOCKER_TLS_VERIFY", "1"),
        ("DOCKER_CERT_PATH", "/c"),
    ]);
    assert_eq!(chosen(&env, None), "tcp://h:2376 /c/key.pem");

    fs::write(docker.join("config.json"), "{").unwrap();
    assert!(chosen(&usual, None).starts_with("cannot use "));
}

async fn find(host: &str) -> Result<Engine, EngineError> {
    Engine::find(&Env::from_variables([("DOCKER_HOST", host)]), None).await
}

#[tokio::test]
async fn what_an_engine_takes_is_its_own_word() {
    let plain = Fake::start(Behaviour::default());
    assert!(!find(&plain.host()).await.unwrap().takes_layouts());
    let store = Fake::start(Behaviour {
        info: r#"{"DriverStatus":[["driver-type","io.containerd.snapshotter.v1"]]}"#,
        ..Behaviour::default()
    });
    let engine = find(&store.host()).await.unwrap();
    assert!(engine.takes_layouts());
    assert_eq!(engine.address(), store.host());
}

#[tokio::test]
async fn an_engine_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("x.sock");
    let host = format!("unix://{}", socket.display());
    let error = find(&host).await.unwrap_err();
    assert!(
        matches!(&error, EngineError::Absent(address, _) if *address == host),
        "{error:?}"
    );
    // Left behind by an engine that was killed.
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    let error = find(&host).await.unwrap_err();
    assert!(matches!(error, EngineError::Absent(..)), "{error:?}");
    let error = Error::from(error);
    assert!(error.hint_text().unwrap().contains("podman.socket"));
    let not_json = Fake::start(Behaviour {
        info: "hello",
        ..Behaviour::default()
    });
    let error = find(&not_json.host()).await.unwrap_err();
    assert!(matches!(error, EngineError::Unfit(..)), "{error:?}");
}

fn chunks(parts: Vec<Result<Bytes, crate::files::StreamError>>) -> Chunks {
    Box::pin(futures::stream::iter(parts))
}

/// Imports an archive; the messages of the failure, and what was shown.
async fn import(fake: &Fake) -> (Option<String>, Vec<Event>) {
    let (events, mut shown) = Events::channel();
    let engine = find(&fake.host()).await.unwrap();
    let parts = ["ab", "c"].map(|part| Ok(Bytes::from(part)));
    let taken = Import::new(engine, events.downgrade())
        .take(chunks(parts.into()))
        .await;
    drop(events);
    let message = taken.err().map(|error| {
        let error = Error::usage("x").because(error.error);
        error.causes().join(": ")
    });
    let mut seen = Vec::new();
    while let Some(event) = shown.recv().await {
        seen.push(event);
    }
    (message, seen)
}

#[tokio::test]
async fn an_archive_goes_in_as_it_comes_and_is_a_step() {
    let fake = Fake::start(Behaviour {
        import: (
            StatusCode::OK,
            "{\"id\":\"abc\",\"status\":\"Loading layer\",\"progressDetail\":{\"current\":1,\"total\":2}}\n\
             {\"stream\":\"Loaded image: x\"}\n",
        ),
        ..Behaviour::default()
    });
    let (failure, events) = import(&fake).await;
    assert_eq!(failure, None);
    assert_eq!(*fake.imported.lock().unwrap(), [Bytes::from("abc")]);
    let statuses: Vec<_> = events
        .iter()
        .map(|event| match event {
            Event::Status(status) => status,
            other => panic!("{other:?}"),
        })
        .collect();
    let first = &statuses[0].vertexes[0];
    assert_eq!(first.name, "importing to docker");
    let layer = &statuses[1].statuses[0];
    assert_eq!((layer.id.as_str(), layer.total), ("loading layer abc", 2));
    assert_eq!(layer.vertex, first.digest);
    let last = &statuses.last().unwrap().vertexes[0];
    assert!(last.completed.is_some() && last.error.is_empty());
}

#[tokio::test]
async fn what_an_engine_says_against_it_is_told() {
    for import_answer in [
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            r#"{"message":"no space left"}"#,
        ),
        (
            StatusCode::OK,
            "{\"errorDetail\":{\"message\":\"no space left\"},\"error\":\"no space left\"}\n",
        ),
    ] {
        let fake = Fake::start(Behaviour {
            import: import_answer,
            ..Behaviour::default()
        });
        let (failure, events) = import(&fake).await;
        let failure = failure.unwrap();
        assert!(failure.contains("did not take the image"), "{failure}");
        assert!(failure.contains("no space left"), "{failure}");
        let Event::Status(last) = events.last().unwrap() else {
            panic!("{events:?}")
        };
        assert!(last.vertexes[0].error.contains("no space left"));
    }
}

#[tokio::test]
async fn an_archive_that_breaks_off_is_not_taken() {
    let fake = Fake::start(Behaviour::default());
    let engine = find(&fake.host()).await.unwrap();
    let (events, _shown) = Events::channel();
    let parts = vec![Ok(Bytes::from("ab")), Err("the daemon is gone".into())];
    let taken = Import::new(engine, events.downgrade())
        .take(chunks(parts))
        .await;
    assert!(taken.is_err());
    assert!(fake.imported.lock().unwrap().is_empty());
}
