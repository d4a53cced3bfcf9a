//! Registries that want to know who somebody is, and Secrets that say it.

use crate::support::folder::Folder;
use crate::support::plugin::Finished;
use crate::support::testbed::{Namespace, testbed};
use crate::support::token_registry::{PASSWORD, TokenRegistry, USER};

/// Pushes to the registry with a password, without any login but those that `flags` name.
fn push(space: &Namespace, flags: &str) -> Finished {
    let context = Folder::with_dockerfile("FROM scratch\nCOPY a /\n").file("a", "1");
    let image = format!("{}/{}", testbed().get("AUTH_REGISTRY"), space.name);
    let path = context.path().display();
    space
        .plugin(&format!("build {path} -t {image} --push {flags}"))
        .run()
}

/// Makes a Secret with the registry's login.
fn make_secret(space: &Namespace, name: &str, user: &str, password: &str) {
    let registry = testbed().get("AUTH_REGISTRY");
    space.kubectl(&format!(
        "create secret docker-registry {name} --docker-server={registry} \
         --docker-username={user} --docker-password={password}"
    ));
}

#[test]
fn a_login_in_a_secret() {
    let space = testbed().namespace("registry-secret");
    let other = testbed().namespace("registry-secret-of-others");
    let (user, password) = (testbed().get("AUTH_USER"), testbed().get("AUTH_PASSWORD"));
    make_secret(&space, "good", user, password);
    make_secret(&space, "bad", user, "of-nobody");
    make_secret(&other, "good", user, password);
    let pushed = push(&space, "--registry-secret good --registry-secret bad").done();
    let elsewhere = format!("--registry-secret {}/good", other.name);
    let also = push(&space, &elsewhere).done();
    // The first one counts.
    let refused = push(&space, "--registry-secret bad --registry-secret good").code(1);
    assert!(
        refused.stderr.contains("401 Unauthorized"),
        "{}",
        refused.stderr
    );

    let pods = space.kubectl("get deployments,pods -o yaml");
    assert!(
        pods.contains("buildkitd") && !pods.contains("good"),
        "{pods}"
    );
    let traces = pods + &pushed.transcript() + &also.transcript() + &refused.transcript();
    assert!(!traces.contains(password));
}

#[test]
fn a_secret_that_does_not_help() {
    let space = testbed().namespace("registry-secret-errors");
    space.kubectl("create secret generic other --from-literal=a=b");
    let said = |flags: &str| {
        let failed = push(&space, flags).code(2).failure();
        let registry = testbed().get("AUTH_REGISTRY");
        let lines = failed
            .lines()
            .skip_while(|line| !line.starts_with("error: "));
        let text = lines.collect::<Vec<_>>().join("\n");
        space.redact(&text.replace(registry, "[REGISTRY]"))
    };
    insta::assert_snapshot!(said("--registry-secret missing"), @r#"
    error: --registry-secret missing: no secret "missing" in namespace "[NAMESPACE]"
    hint: kubectl create secret docker-registry missing -n [NAMESPACE] --docker-server=REGISTRY --docker-username=USER --docker-password=PASSWORD makes it; kubectl get secrets -n [NAMESPACE] --field-selector type=kubernetes.io/dockerconfigjson lists those there are
    "#);
    insta::assert_snapshot!(said("--registry-secret other"), @r#"
    error: --registry-secret other: secret "other" in namespace "[NAMESPACE]" is of the type Opaque, which has no registry logins
    caused by: it has to be kubernetes.io/dockerconfigjson or kubernetes.io/dockercfg
    hint: kubectl create secret docker-registry NAME -n [NAMESPACE] --docker-server=REGISTRY --docker-username=USER --docker-password=PASSWORD makes it; kubectl get secrets -n [NAMESPACE] --field-selector type=kubernetes.io/dockerconfigjson lists those there are
    "#);
    insta::assert_snapshot!(space.objects(), @"secret/other");
}

#[test]
fn a_secret_that_its_reader_may_not_read() {
    let space = testbed().namespace("registry-secret-rights");
    make_secret(&space, "good", "somebody", "of-nobody");
    space.kubectl("create serviceaccount reader");
    let account = format!("system:serviceaccount:{}:reader", space.name);
    let refused = push(&space, &format!("--registry-secret good --as {account}")).code(5);
    let expected = format!("forbidden: user {account:?} cannot get secrets in namespace");
    assert!(refused.stderr.contains(&expected), "{}", refused.stderr);
    let hint = "kubectl create role good-reader --verb=get --resource=secrets --resource-name=good";
    assert!(refused.stderr.contains(hint), "{}", refused.stderr);
}

#[test]
fn a_pod_gets_tokens_only_and_keeps_them() {
    let space = testbed().namespace("registry-tokens");
    let registry = TokenRegistry::start(testbed().get("NODE_IP"));
    let config = format!("[registry.{:?}]\n  http = true\n", registry.address);
    let files = Folder::new().file("buildkitd.toml", config);
    let flags = format!(
        "--buildkitd-config {}",
        files.join("buildkitd.toml").display()
    );
    space
        .run(&format!("create demo --bootstrap {flags}"))
        .done();
    let home = Folder::new().file(".docker/config.json", registry.login(PASSWORD));
    let build = |text: &str, flags: &str| {
        let context = Folder::with_dockerfile(text).file("a", "1");
        let line = format!("build {} {flags}", context.path().display());
        space.plugin(&line).home(home.path()).run().done()
    };
    let image = format!("{}/team/x:1", registry.address);
    let pushed = build("FROM scratch\nCOPY a /\n", &format!("-t {image} --push"));
    assert!(!registry.asked().is_empty());
    let pull = format!("FROM {image}\nCOPY a /b\n");
    let pulled = build(&pull, "--pull --no-cache");
    let asked = registry.asked();
    assert_eq!(asked.len(), 1, "{asked:?}");
    // Another run of the program is known by its login, and the daemon still has the token.
    let again = build(&pull, "--pull --no-cache");
    assert_eq!(registry.asked(), [""; 0]);
    let traces = [&pushed, &pulled, &again]
        .map(Finished::transcript)
        .concat()
        + &space.kubectl("get all,secrets -o yaml")
        + &space.kubectl("logs -l app.kubernetes.io/name=buildkitd --tail=-1");
    assert!(traces.contains("buildkitd"));
    assert!(!traces.contains("sharing credentials"), "{traces}");
    assert!(!traces.contains(PASSWORD) && !traces.contains(&format!("{USER}:")));
}
