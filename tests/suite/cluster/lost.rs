//! A pod that is lost while a build runs on it: the build ends soon, and says why.

use std::time::{Duration, Instant};

use crate::support::folder::Folder;
use crate::support::testbed::{Namespace, testbed};

/// How soon a build ends when its pod is lost: the promise of the documentation.
const LIMIT: Duration = Duration::from_secs(5);

/// What a build says at its end when `harm` is done to the pod on which it runs.
fn last_words(purpose: &str, harm: impl FnOnce(&Namespace, &str)) -> String {
    let space = testbed().namespace(purpose);
    space.run("create demo --bootstrap").done();
    let pod = space.kubectl("get pods -o jsonpath={.items[0].metadata.name}");
    let context = Folder::with_dockerfile("FROM busybox\nRUN echo began; sleep 300\n");
    let line = format!("build --progress plain {}", context.path().display());
    let build = space.start(&line);
    build.said(" began\n");

    harm(&space, &pod);
    let since = Instant::now();
    let finished = build.wait().code(6);
    let took = since.elapsed();
    assert!(took < LIMIT, "{took:?}: {}", finished.transcript());
    let at = finished.stderr.rfind("\nerror: ").unwrap();
    space.redact(&finished.stderr[at + 1..])
}

#[test]
fn deleted() {
    let words = last_words("deleted", |space, pod| {
        space.kubectl(&format!("delete pod {pod} --wait=false"));
    });
    insta::assert_snapshot!(words);
}

#[test]
fn evicted() {
    let words = last_words("evicted", |space, pod| {
        let folder = Folder::new();
        let eviction = format!(
            r#"{{"apiVersion":"policy/v1","kind":"Eviction","metadata":{{"name":"{pod}","namespace":"{}"}}}}"#,
            space.name
        );
        folder.write("eviction.json", eviction);
        let path = format!("/api/v1/namespaces/{}/pods/{pod}/eviction", space.name);
        let file = folder.join("eviction.json");
        let made = space.kubectl(&format!("create --raw {path} -f {}", file.display()));
        assert!(made.contains("Success"), "{made}");
    });
    insta::assert_snapshot!(words);
}

/// The third signal ends a daemon that builds.
#[test]
fn ended() {
    let words = last_words("ended", |space, pod| {
        for _ in 0..3 {
            space.kubectl(&format!("exec {pod} -- kill 1"));
        }
    });
    assert!(
        words.contains("was lost: its daemon ended with exit code"),
        "{words}"
    );
}

#[test]
fn its_deployment_is_gone() {
    let words = last_words("removed", |space, _| {
        space.run("rm demo --wait=false").done();
    });
    assert!(words.contains("it is being deleted"), "{words}");
}
