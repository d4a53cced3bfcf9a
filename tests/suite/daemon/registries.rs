//! Registries that want to know who somebody is.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::json;

use crate::support::daemon::{address, build};
use crate::support::folder::Folder;
use crate::support::plugin::{Finished, Plugin};
use crate::support::token_registry::{PASSWORD, TokenRegistry, USER};

/// What the program says of itself to servers.
const OURS: &str = "kubectl-buildkit/";

/// Pushes an image with one file to a registry.
fn push(registry: &TokenRegistry, plugin: impl FnOnce(&Path) -> Plugin) -> Finished {
    let context = Folder::with_dockerfile("FROM scratch\nCOPY a /\n").file("a", "1");
    plugin(context.path())
        .args(["--push", "-t"])
        .arg(format!("{}/team/x:1", registry.address))
        .run()
}

/// Copies the files of that image into a folder.
fn pull(registry: &TokenRegistry, plugin: impl FnOnce(&Path) -> Plugin) -> (Finished, Folder) {
    let context = Folder::with_dockerfile(&format!("FROM {}/team/x:1\n", registry.address));
    let out = Folder::new();
    let run = plugin(context.path())
        .args(["--pull", "--no-cache", "-o"])
        .arg(out.path())
        .run();
    (run, out)
}

/// A home with this docker config file.
fn home(config: &str) -> Folder {
    Folder::new().file(".docker/config.json", config)
}

/// Fails the test if somebody else than this program asked for tokens, or the daemon for the login.
#[track_caller]
fn was_kept_from_the_daemon(run: &Finished, registry: &TokenRegistry) {
    let asked = registry.asked();
    assert!(!asked.is_empty());
    assert!(asked.iter().all(|who| who.starts_with(OURS)), "{asked:?}");
    let said = &run.stderr;
    assert!(!said.contains("sharing credentials"), "{said}");
    assert!(!run.transcript().contains(PASSWORD));
}

#[test]
fn the_daemon_pushes_and_pulls_with_tokens_only() {
    let registry = TokenRegistry::start("127.0.0.1");
    let login = registry.login(PASSWORD);
    let pushed = push(&registry, |context| {
        build(context).env("DOCKER_AUTH_CONFIG", &login)
    });
    let pushed = pushed.done();
    let step = format!("[auth] team/x:pull,push token for {}", registry.address);
    assert!(pushed.stderr.contains(&step), "{}", pushed.stderr);
    was_kept_from_the_daemon(&pushed, &registry);

    let home = home(&login);
    let (pulled, files) = pull(&registry, |context| build(context).home(home.path()));
    assert_eq!(files.list(), ["a"], "{}", pulled.done().stderr);
}

#[test]
fn a_helper_is_asked_once_for_a_build() {
    let registry = TokenRegistry::start("127.0.0.1");
    let helper = Folder::new().file(
        "docker-credential-counting",
        format!(
            "#!/bin/sh\ncat >> \"$HOME/asked\"; echo >> \"$HOME/asked\"\n\
             echo '{{\"Username\": \"{USER}\", \"Secret\": \"{PASSWORD}\"}}'\n"
        ),
    );
    let program = helper.join("docker-credential-counting");
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let home = home(&json!({"credsStore": "counting"}).to_string());
    let pushed = push(&registry, |context| {
        let path = format!("{}:/usr/bin:/bin", helper.path().display());
        build(context).home(home.path()).env("PATH", path)
    });
    was_kept_from_the_daemon(&pushed.done(), &registry);
    assert_eq!(home.read("asked"), format!("{}\n", registry.address));
}

#[test]
fn a_registry_that_only_the_daemon_reaches() {
    let registry = TokenRegistry::start("127.0.0.1");
    let home = home(&registry.login(PASSWORD));
    let pushed = push(&registry, |context| {
        let line = format!("build --buildkit-host {}", address());
        Plugin::without_network(&line)
            .arg(context)
            .home(home.path())
    });
    let pushed = pushed.done();
    let noted = format!(
        "tokens for {0} cannot be fetched from this machine (Network is unreachable (os error 101)): \
         the daemon gets the login and fetches them",
        registry.address
    );
    assert_eq!(
        pushed.stderr.matches(&noted).count(),
        1,
        "{}",
        pushed.stderr
    );
    let step = format!("[auth] sharing credentials for {}", registry.address);
    assert!(pushed.stderr.contains(&step), "{}", pushed.stderr);
    let asked = registry.asked();
    assert!(!asked.is_empty());
    assert!(asked.iter().all(|who| !who.starts_with(OURS)), "{asked:?}");
}

#[test]
fn the_daemon_fetches_tokens_where_that_is_wanted() {
    let registry = TokenRegistry::start("127.0.0.1");
    let home = home(&registry.login(PASSWORD));
    let pushed = push(&registry, |context| {
        build(context)
            .home(home.path())
            .env("BUILDKIT_NO_CLIENT_TOKEN", "1")
    });
    let pushed = pushed.done();
    assert!(pushed.stderr.contains("[auth] sharing credentials"));
    assert!(
        !pushed.stderr.contains("cannot be fetched"),
        "{}",
        pushed.stderr
    );
    let asked = registry.asked();
    assert!(asked.iter().all(|who| !who.starts_with(OURS)), "{asked:?}");
}

#[test]
fn a_password_that_is_not_taken() {
    let registry = TokenRegistry::start("127.0.0.1");
    let home = home(&registry.login("another"));
    let failed = push(&registry, |context| build(context).home(home.path()));
    let failed = failed.code(1);
    let address = regex::Regex::new(r"127\.0\.0\.1:\d+").unwrap();
    let said = address.replace_all(&failed.stderr, "[ADDRESS]");
    let said = said.rsplit("\nerror: ").next().unwrap();
    insta::assert_snapshot!(said, @"
    http://[ADDRESS]/token refused to give a token for repository:team/x:pull,push: 401 Unauthorized: who is that?
    hint: log in with docker login, or name a Secret with --registry-secret; the login has to be of somebody who may do this
    ");
}
